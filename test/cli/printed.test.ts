import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { table } from '../../src/cli/output/table.js';
import { widthOf } from '../../src/cli/output/text-width.js';
import { createProgram } from '../../src/cli/run.js';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

const flags = `version: 1
flags:
  new-checkout: # the redesigned one
    owner: payments-team
    created: 2026-11-01
    rollout: 10
  payments: { kind: operational, owner: payments-team }
`;

/** What a command prints, with versions that are the same each time. */
async function printed({ run }: HalyardCommand, line: string): Promise<string> {
  const { out, err } = await run(...line.split(' '), '--by', 'ana');
  return (out + err).replaceAll(/\b[0-9a-f]{12}:/g, 'VERSION:');
}

describe('a table', () => {
  it('has as many rows as there are', () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => `row ${index}`);
    const paper = { columns: 80, colors: picocolors.createColors(false) };
    expect(table(rows, [{ title: 'ROW', of: (row) => row }], paper)).toBe(['ROW', ...rows].join('\n'));
  });
});

describe('what a change prints', () => {
  it('create, target, rollout, disable, enable, delete', async () => {
    const shop = halyardIn({ 'flags.yaml': flags });
    const lines = [
      'create search --owner search-team',
      'target search on user-1 user-2',
      'rollout search 25',
      'disable search',
      'enable search',
      'delete search --yes',
    ];
    const all: string[] = [];
    for (const line of lines) all.push(`$ halyard ${line}`, await printed(shop, line));
    expect(all.join('\n')).toMatchInlineSnapshot(`
      "$ halyard create search --owner search-team
      search is made.
      flags.search: added
        + owner: search-team
        + created: 2026-11-21
        + rollout: 0
      version VERSION:1

      $ halyard target search on user-1 user-2
      search serves on to user-1, user-2.
      flags.search.targets: added
        + on:
        + - user-1
        + - user-2
      version VERSION:2

      $ halyard rollout search 25
      search is rolled out to 25 %.
      flags.search.rollout: 0 → 25
      version VERSION:3

      $ halyard disable search
      search is disabled.
      flags.search.enabled: (not set) → false
      version VERSION:4

      $ halyard enable search
      search is enabled.
      flags.search.enabled: false → true
      version VERSION:5

      $ halyard delete search --yes
      search is gone.
      flags.search: removed
        - owner: search-team
        - created: 2026-11-21
        - rollout: 25
        - targets:
        -   on:
        -   - user-1
        -   - user-2
        - enabled: true
      version VERSION:6
      "
    `);
  });

  it('kill and restore', async () => {
    const shop = halyardIn({ 'flags.yaml': flags });
    const killed = await printed(shop, 'kill new-checkout --reason INC-42');
    const restored = await printed(shop, 'restore new-checkout --rollout 5');
    expect(`${killed}\n${restored}`.replaceAll(/at: \S+/g, 'at: TIME')).toMatchInlineSnapshot(`
      "new-checkout is off on every instance, until somebody restores it.
      state.kills.new-checkout: added
        + at: TIME
        + by: ana
        + reason: INC-42
      version VERSION:1

      new-checkout serves by its rules again, with 5 % rolled out.
      flags.new-checkout.rollout: 10 → 5
      state.kills.new-checkout: removed
        - at: TIME
        - by: ana
        - reason: INC-42
      version VERSION:2
      "
    `);
  });

  it('revert', async () => {
    const shop = halyardIn({ 'flags.yaml': flags });
    await printed(shop, 'rollout new-checkout 50');
    await printed(shop, 'rollout new-checkout 100');
    expect(await printed(shop, 'revert 1')).toMatchInlineSnapshot(`
      "The document is what it was at version 1.
      flags.new-checkout.rollout: 100 → 50
      version VERSION:3
      "
    `);
  });

  it('pull', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect((await run('pull')).out).toBe(flags);
    expect((await run('pull', '--format', 'json')).out).toMatchInlineSnapshot(`
      "{
        "version": 1,
        "flags": {
          "new-checkout": {
            "owner": "payments-team",
            "created": "2026-11-01",
            "rollout": 10
          },
          "payments": {
            "kind": "operational",
            "owner": "payments-team"
          }
        }
      }
      "
    `);
  });
});

describe('the help of every command', () => {
  const all = commandsOf(createProgram({ terminal: {} as never, exitCode: 0 }), []);

  it.each(all.map((names) => [names.join(' ')]))(
    'halyard %s --help fits 80 columns, and has an example',
    async (names) => {
      const { run } = halyardIn({});
      const { out, exitCode } = await run(...names.split(' '), '--help');
      expect(exitCode).toBe(0);
      expect(out).toContain('Examples:');
      expect(out.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
    },
  );
});

interface Named {
  name(): string;
  readonly commands: readonly Named[];
}

function commandsOf(command: Named, before: readonly string[]): readonly (readonly string[])[] {
  return command.commands
    .filter((one) => one.name() !== 'complete')
    .flatMap((one) => [[...before, one.name()], ...commandsOf(one, [...before, one.name()])]);
}
