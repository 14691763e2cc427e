import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

const files = {
  'flags.yaml': `version: 1
flags:
  new-checkout: { rollout: 10 } # ramps up
  payments: { kind: operational }
`,
  'next.yaml': `version: 1
flags:
  new-checkout: { rollout: 25 }
  search: { rollout: 5 }
`,
  'production.yaml': `flags:
  new-checkout: { rollout: 1 }
`,
};

const shop = (): HalyardCommand => halyardIn(files, { env: { HALYARD_BY: 'ana' } });
const plain = (text: string): string => text.replaceAll(/[0-9a-f]{12}:(\d+)/g, 'VERSION:$1');
const read = ({ cwd }: HalyardCommand, name: string): string => readFileSync(join(cwd, name), 'utf8');

describe('halyard push', () => {
  it('shows what would change as a dry run, in words, and who would move', async () => {
    const command = shop();
    const { out } = await command.run('push', 'next.yaml', '--store', 'flags.yaml', '--dry-run');
    expect(plain(out)).toMatchInlineSnapshot(`
      "A dry run: nothing is written to file:./flags.yaml. It would be: 1 flag added, 1 changed, 1 removed.
      new-checkout: rollout 10 % → 25 %
      payments: removed
      search: added: { rollout: 5 }

      Who moves, of 10,000 made-up units:

      new-checkout: 1,491 of 10,000 move
        FROM \\ TO    off     on
        off        7,517  1,491
        on             0    992

      payments: 10,000 of 10,000 move
        FROM \\ TO  (no such flag)
        on                 10,000

      search: 10,000 of 10,000 move
        FROM \\ TO         off   on
        (no such flag)  9,512  488
      version VERSION:0
      "
    `);
    expect(read(command, 'flags.yaml')).toBe(files['flags.yaml']);
  });

  it('replaces the document by overlays, and keeps the state', async () => {
    const command = shop();
    await command.run('kill', 'payments', '--reason', 'INC-42');
    const { out, err } = await command.run('push', 'next.yaml', 'production.yaml', '--store', 'flags.yaml');
    expect(out).toContain('Written to file:./flags.yaml: 1 flag added, 1 changed, 1 removed.');
    expect(err).toContain('state.kills.payments stays, though its flag goes.');
    expect(read(command, 'flags.yaml')).toContain('new-checkout: { rollout: 1 } # ramps up');
    expect((await command.run('push', 'next.yaml', 'production.yaml', '--store', 'flags.yaml')).out).toContain(
      'says the same already',
    );
  });

  it('takes what is piped in, and names its errors', async () => {
    const { run } = halyardIn(files, { readInput: () => Promise.resolve('version: 1\nflags:\n  a: { rolout: 1 }\n') });
    expect(await run('push', '-', '--store', 'flags.yaml')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('stdin:3:8 flags.a.rolout: unknown key'),
    });
  });

  it('wants to know where to, and another version than the expected one is a conflict', async () => {
    const { run } = shop();
    expect(await run('push', 'next.yaml')).toMatchObject({ exitCode: 2, err: expect.stringContaining('--store') });
    expect(await run('push', 'next.yaml', '--store', 'flags.yaml', '--expected-version', 'a:1')).toMatchObject({
      exitCode: 4,
    });
    expect(await run('push', 'next.yaml', '--store', 'https://flags.example.com')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('can only be read'),
    });
  });
});

describe('halyard pull', () => {
  it('prints the document to the letter', async () => {
    expect((await shop().run('pull')).out).toBe(files['flags.yaml']);
  });

  it('makes overlays one file, in the format that its name says', async () => {
    const command = shop();
    const { err } = await command.run('pull', '--store', 'flags.yaml,production.yaml', '--out', 'all.json');
    expect(JSON.parse(read(command, 'all.json'))).toMatchObject({ flags: { 'new-checkout': { rollout: 1 } } });
    expect(err).toContain('this comment is not taken over');
  });
});
