import { describe, expect, it } from 'vitest';
import { halyardIn } from './halyard-command.js';

const flags = `version: 1
flags:
  new-checkout:
    targets: { on: [user-0] }
    rules:
      - { name: staff, when: { staff: true }, serve: on }
    rollout: 10
  button-color:
    kind: experiment
    variants: { control: blue, a: green, b: red }
    offVariant: control
    rollout: 20
    split: { control: 50, a: 25, b: 25 }
  by-company: { by: company, rollout: 30 }
  growing: { rollout: { curve: linear, from: 0, to: 100, start: 2027-01-01, hours: 100 } }
  payments: { enabled: false }
`;

interface Simulated {
  readonly units: number;
  readonly placed: number;
  readonly withoutUnit: number;
  readonly shares: readonly {
    readonly variant: string | null;
    readonly units: number;
    readonly placed: number;
    readonly expected: number | null;
  }[];
  readonly decidedElsewhere: Readonly<Record<string, number>>;
  readonly test: { readonly statistic: number; readonly degreesOfFreedom: number; readonly pValue: number } | null;
}

const simulated = ({ out }: { readonly out: string }): Simulated => JSON.parse(out) as Simulated;

describe('halyard simulate', () => {
  it('counts nobody as lacking an attribute that is not asked for', async () => {
    const flag = (share: number): string =>
      `version: 1\nflags: { a: { rollout: { percentage: ${share}, by: company } } }\n`;
    const { run } = halyardIn({ 'all.yaml': flag(100), 'half.yaml': flag(50), 'units.txt': 'ana\nben\n' });
    const lacking = async (file: string): Promise<unknown> =>
      (
        JSON.parse((await run('simulate', 'a', '--units', 'units.txt', '--store', file, '--json')).out) as {
          withoutUnit: unknown;
        }
      ).withoutUnit;
    expect([await lacking('all.yaml'), await lacking('half.yaml')]).toEqual([0, 2]);
  });

  it('shows the shares of an experiment beside those that it should have', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect((await run('simulate', 'button-color')).out).toMatchInlineSnapshot(`
      "button-color: 10,000 made-up units, 2026-11-21T12:00:00.000Z

      VARIANT  UNITS    SHARE  EXPECTED
      control  9,015  90.15 %      90 %  ██████████████████████
      a          489   4.89 %       5 %  ██
      b          496   4.96 %       5 %  ██

      Chi-squared 0.299, 2 degrees of freedom, p = 0.861: as chance would have it.
      "
    `);
  });

  it('compares only the units that the flag itself placed, and says what decided the others', async () => {
    const { run } = halyardIn({
      'flags.yaml': flags,
      'users.csv': 'targetingKey,staff\nuser-0,\nuser-1,true\nuser-2,false\n',
    });
    expect((await run('simulate', 'new-checkout', '--units', 'users.csv')).out).toMatchInlineSnapshot(`
      "new-checkout: the units of users.csv, 2026-11-21T12:00:00.000Z

      VARIANT  UNITS    SHARE  PLACED  EXPECTED
      on           2  66.67 %     0 %      10 %  ████████████████
      off          1  33.33 %   100 %      90 %  ████████

      Its own rollout or split placed 1 of 3; only they are compared. Decided elsewhere:
        1 by a target
        1 by rule "staff"

      Chi-squared 0.111, 1 degree of freedom, p = 0.739: as chance would have it.
      Only 0.1 units were expected of a variant; below 5, p is rough: take more.
      "
    `);
  });

  it('reads a targeting key a line, JSON lines, CSV with quotes, and what is written to it', async () => {
    const files = {
      'flags.yaml': flags,
      'keys.txt': '\uFEFFuser-1\r\n\r\nuser,2\r\n',
      'units.jsonl': '{"targetingKey": "user-1", "staff": true}\n{"targetingKey": "user-2"}\n',
      'units.csv': 'targetingKey,note,staff\n"user-1","a ""b"",\nc",true\nuser-2,,\n',
    };
    const { run } = halyardIn(files, { readInput: () => Promise.resolve('user-1\nuser-2\n') });
    const from = async (file: string): Promise<readonly unknown[]> => {
      const { units, decidedElsewhere } = simulated(await run('simulate', 'new-checkout', '--units', file, '--json'));
      return [units, decidedElsewhere];
    };
    expect(await from('keys.txt')).toEqual([2, {}]);
    expect(await from('-')).toEqual([2, {}]);
    expect(await from('units.jsonl')).toEqual([2, { 'rule "staff"': 1 }]);
    expect(await from('units.csv')).toEqual([2, { 'rule "staff"': 1 }]);
  });

  it('gives every unit what --set says, and asks about the moment that --at says', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    const staff = simulated(await run('simulate', 'new-checkout', '-n', '100', '--set', 'staff=true', '--json'));
    expect(staff.decidedElsewhere).toEqual({ 'a target': 1, 'rule "staff"': 99 });
    const half = simulated(await run('simulate', 'growing', '--at', '2027-01-03T02:00:00Z', '--json'));
    expect(half.shares.map(({ expected }) => expected)).toEqual([0.5, 0.5]);
    expect((await run('simulate', 'growing', '--at', 'tomorrow')).exitCode).toBe(2);
  });

  it('makes up the attribute that a flag is bucketed by, and sets those of a file apart that lack it', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags, 'keys.txt': 'a\nb\n' });
    const madeUp = simulated(await run('simulate', 'by-company', '--json'));
    expect([madeUp.placed, madeUp.withoutUnit]).toEqual([10_000, 0]);
    const fromFile = simulated(await run('simulate', 'by-company', '--units', 'keys.txt', '--json'));
    expect([fromFile.placed, fromFile.withoutUnit, fromFile.test]).toEqual([0, 2, null]);
  });

  it('tells units apart that no chance would give', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags, 'same.txt': 'user-1\n'.repeat(1_000) });
    const { out } = await run('simulate', 'button-color', '--units', 'same.txt');
    expect(out).toContain('p < 0.0001: these shares are not what chance makes.');
  });

  it('warns where too few units are expected', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect((await run('simulate', 'button-color', '-n', '50')).out).toContain('below 5, p is rough');
  });

  it('tests nothing where a flag leaves nothing to chance', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    const off = simulated(await run('simulate', 'payments', '-n', '10', '--json'));
    expect([off.decidedElsewhere, off.test]).toEqual([{ 'being switched off': 10 }, null]);
  });

  it.each(['0', '1e30', '99999999999999999999'])('makes up no %s units', async (given) => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect(await run('simulate', 'button-color', '--units', given)).toEqual({
      out: '',
      err: `halyard: --units: expected from 1 to 1,000,000,000 units to make up, found ${given}.\n`,
      exitCode: 2,
    });
  });

  it.each([
    ['none.txt', "none.txt can't be read"],
    ['broken.jsonl', 'broken.jsonl:2: expected an evaluation context'],
    ['broken.csv', 'broken.csv is no CSV'],
  ])('says what is wrong with %s, and exits with 2', async (file, message) => {
    const { run } = halyardIn({ 'flags.yaml': flags, 'broken.jsonl': '{}\n[1]\n', 'broken.csv': 'a,b\n1,2,3\n' });
    expect(await run('simulate', 'new-checkout', '--units', file)).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining(message),
    });
  });
});
