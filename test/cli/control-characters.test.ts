import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { halyardIn } from './halyard-command.js';

const ESC = '\u001b';
const flags = `version: 1
flags:
  search:
    owner: "ev\\e[2Jil\\r\\nx"
    rules: [{ name: "n\\e[31m", when: { "pl\\x9ban": pro }, serve: on }]
    rollout: 0
`;

describe('control characters in flags and reasons', () => {
  it('do not reach the terminal', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    await run('rollout', 'search', '5', '--reason', `bad${ESC}[2J`);
    for (const args of [['list'], ['explain', 'search', '--unit', 'a'], ['history'], ['show', `k${ESC}[2J`]]) {
      const { out, err } = await run(...args);
      expect(out + err).not.toMatch(/[\u001b\u009b\r]/);
      expect(out + err).toMatch(/\\u001b\[/);
    }
    expect((await run('list')).out).toMatchInlineSnapshot(`
      "FLAG    STATE  EVERYONE  OWNER
      search  on     5 %       ev\\u001b[2Jil x
      "
    `);
  });

  it('that turn the direction of text do not, either', async () => {
    const { run } = halyardIn({ 'flags.yaml': 'version: 1\nflags: { search: { owner: "a\\u202Eb", rollout: 0 } }\n' });
    expect((await run('list')).out).toContain('a\\u202eb');
  });

  it('keep the colours of the command itself', async () => {
    const paper = { columns: 80, colors: picocolors.createColors(true) };
    const { run } = halyardIn({ 'flags.yaml': flags }, { paper });
    const { out } = await run('list');
    expect(out).toContain(`${ESC}[2m`);
    expect(out).not.toContain(`${ESC}[2J`);
  });
});
