import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { halyardIn } from './halyard-command.js';

const flags = `version: 1
flags:
  new-checkout: { owner: payments-team, expires: 2027-06-01, targets: { on: [user_123] }, rollout: 10 }
  button-color:
    kind: experiment
    variants: { control: blue, a: green, b: red }
    offVariant: control
    rollout: 20
    split: { control: 50, a: 25, b: 25 }
  payments: { kind: operational, owner: payments-team, enabled: false }
`;

describe('halyard list', () => {
  it('shows all flags in a table that fits the terminal', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect((await run('list')).out).toMatchInlineSnapshot(`
      "FLAG          STATE     EVERYONE                       OWNER          EXPIRES
      new-checkout  on        10 %                           payments-team  2027-06-01
      button-color  on        20 % of control 50 / a 25 / …
      payments      disabled  (always on)                    payments-team
      "
    `);
  });

  it('shows kind, stage and tags, too, where the terminal has room', async () => {
    const paper = { columns: 120, colors: picocolors.createColors(false) };
    const { run } = halyardIn({ 'flags.yaml': flags }, { paper });
    expect((await run('list')).out).toMatchInlineSnapshot(`
      "FLAG          STATE     EVERYONE                          KIND         OWNER          EXPIRES     STAGE
      new-checkout  on        10 %                              release      payments-team  2027-06-01  active
      button-color  on        20 % of control 50 / a 25 / b 25  experiment                              active
      payments      disabled  (always on)                       operational  payments-team              active
      "
    `);
    expect((await run('list', '--wide')).out).toBe((await run('list')).out);
  });

  it('tells of a kill by hand that no flag has, with the nearest key', async () => {
    const state = '{ "kills": { "paymnts": { "at": "2026-11-01T00:00:00Z" } } }';
    const { run } = halyardIn({ 'flags.yaml': flags, 'flags.state.json': state });
    const { out, err, exitCode } = await run('list');
    expect(out).toMatch(/^paymnts +killed/m);
    expect(err).toMatch(/flags\.yaml has kills of keys that no flag has: `paymnts` \(did you mean `payments`\?\)\.\n$/);
    expect(exitCode).toBe(0);
  });

  it('shows those of one owner alone, as JSON for a program', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    const { out } = await run('list', '--owner', 'payments-team', '--json');
    expect((JSON.parse(out) as { key: string }[]).map(({ key }) => key)).toEqual(['new-checkout', 'payments']);
  });
});

describe('halyard eval', () => {
  it('answers for somebody, and tells why', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect(await run('eval', 'new-checkout', '--unit', 'user_123')).toEqual({
      out: 'true  (on, TARGETING_MATCH)\n',
      err: '',
      exitCode: 0,
    });
  });

  it('exits with 1 where the answer is an error', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    const { exitCode, out } = await run('eval', 'new-checkout');
    expect(out).toContain('TARGETING_KEY_MISSING');
    expect(exitCode).toBe(1);
  });

  it('names the flag that was meant', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect(await run('eval', 'nwe-checkout')).toEqual({
      out: '',
      err: 'halyard: file:./flags.yaml has no flag `nwe-checkout`. Did you mean `new-checkout`?\n',
      exitCode: 1,
    });
  });
});

describe('halyard explain', () => {
  it('tells each step', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect((await run('explain', 'new-checkout', '--unit', 'user-1')).out).toContain('point 2230340631');
  });
});

describe('the command line', () => {
  it('names the command that was meant, and exits with 2', async () => {
    const { run } = halyardIn({});
    const { err, exitCode } = await run('lst');
    expect(err).toContain('Did you mean one of list, ls?');
    expect(exitCode).toBe(2);
  });

  it('says where flags are looked for when there are none', async () => {
    const { run } = halyardIn({});
    expect(await run('list')).toMatchObject({ exitCode: 2, err: expect.stringContaining('--store or HALYARD_STORE') });
  });

  it('says what is wrong with a broken document, and exits with 3', async () => {
    const { run } = halyardIn({ 'flags.yaml': 'version: 1\nflags:\n  a: { percentage: 10 }\n' });
    expect(await run('list')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('flags.yaml:3:8 flags.a.percentage: unknown key'),
    });
  });
});
