import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeChanges } from '../../src/cli/diff/describe-changes.js';
import { movesBetween } from '../../src/cli/diff/moves-between.js';
import { readFlags } from '../../src/cli/served-flags.js';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { halyardIn, NOW } from './halyard-command.js';

const before = `version: 1
segments:
  insiders: { plan: internal }
flags:
  new-checkout: { owner: payments-team, rollout: 10 }
  button-color:
    variants: { control: blue, a: green }
    offVariant: control
    split: { control: 50, a: 50 }
  search:
    targets: { on: [user-1, user-2] }
    rules:
      - { when: { country: US }, serve: on }
      - { name: staff, when: { segment: insiders }, serve: on }
    serve: off
  needs-checkout: { requires: [{ flag: new-checkout }], serve: on }
  payments: { enabled: false }
  same: { rollout: 50 }
  untouched: { rollout: 50 }
`;

const after = `version: 1
segments:
  insiders: { plan: [internal, partner] }
flags:
  new-checkout: { owner: shop-team, expires: 2027-06-01, rollout: 25 }
  button-color:
    variants: { control: blue, a: lime, b: red }
    offVariant: control
    split: { control: 50, a: 40, b: 10 }
  search:
    targets: { on: [user-2, user-3] }
    rules:
      - { name: staff, when: { segment: insiders }, serve: off }
      - { when: { country: US }, serve: on }
    serve: off
  needs-checkout: { requires: [{ flag: new-checkout }], serve: on }
  same: { rollout: { percentage: 50 } }
  untouched: { rollout: 50 }
  brand-new: { rollout: 5 }
`;

describe('halyard diff', () => {
  it('says what changes, flag by flag', async () => {
    const { run } = halyardIn({ 'old.yaml': before, 'new.yaml': after });
    const { out, exitCode } = await run('diff', 'old.yaml', 'new.yaml');
    expect(out).toMatchInlineSnapshot(`
      "segment insiders: plan: internal → [internal, partner]
      new-checkout:
        owner: payments-team → shop-team
        rollout 10 % → 25 %
        expires: 2027-06-01 (added)
      button-color:
        variant a: green → lime
        variant b added: red
        split a 50 → 40
        split b 10 (added)
      search:
        targets of on: added user-3; removed user-1
        rule 1 "staff": now serves off (was on)
        rules in another order: rule 1, "staff" → "staff", rule 1
      payments: removed
      same: rollout: 50 → { percentage: 50 }, which means the same
      brand-new: added: { rollout: 5 }
      "
    `);
    expect(exitCode).toBe(0);
  });

  it('takes no longer for many units and rules than they are long', () => {
    const flag = (from: number): object => ({
      targets: { on: Array.from({ length: 100_000 }, (_, index) => `user-${index + from}`) },
      rules: Array.from({ length: 10_000 }, (_, index) => ({ when: { plan: `p${index + from}` }, serve: 'on' })),
      serve: 'off',
    });
    const [change] = describeChanges({ version: 1, flags: { a: flag(0) } }, { version: 1, flags: { a: flag(1) } });
    // Comparing all with all would take minutes.
    expect(change?.differences.map(({ words }) => words.slice(0, 60))).toEqual([
      'targets of on: added user-100000; removed user-0',
      'rule 10000: when.plan: p0 → p10000',
      expect.stringMatching(/^rules in another order: rule 1, rule 2/),
    ]);
  });

  it('says who moves, also where a flag changes only through another or a segment', async () => {
    const { run } = halyardIn({ 'old.yaml': before, 'new.yaml': after });
    const { out } = await run('diff', 'old.yaml', 'new.yaml', '--set', 'plan=partner', '--units');
    expect(out.slice(out.indexOf('Who moves'))).toMatchInlineSnapshot(`
      "Who moves, of 10,000 made-up units:

      new-checkout: 1,491 of 10,000 move
        FROM \\ TO    off     on
        off        7,517  1,491
        on             0    992

      button-color: 4,955 of 10,000 move
        FROM \\ TO  a (new value)    b  control
        a                  3,969  986        0
        control                0    0    5,045

      search: 2 of 10,000 move
        FROM \\ TO    off  on
        off        9,997   1
        on             1   1

      needs-checkout: 1,491 of 10,000 move  (through new-checkout)
        FROM \\ TO    off     on
        off        7,517  1,491
        on             0    992

      payments: 10,000 of 10,000 move
        FROM \\ TO  (no such flag)
        off                10,000

      brand-new: 10,000 of 10,000 move
        FROM \\ TO         off   on
        (no such flag)  9,472  528
      "
    `);
  });

  it.each([
    ['a: { enabled: true }', 'a: {}', 'a: enabled: true → (not set), which means the same'],
    ['a: {}', 'a: { enabled: false }', 'a: switched off'],
    ['a: { tags: [x, y, z] }', 'a: { tags: [z, y, x, w] }', 'a: tags: [x, y, z] → [z, y, x, w]'],
    ['a: { tags: [x, y] }', 'a: { tags: [x, w] }', 'a: tags: added w; removed y'],
    [
      'a: { variants: { big: { x: 1, y: 2 } }, serve: big }',
      'a: { variants: { big: { y: 2, x: 1 } }, serve: big }',
      'a: variants.big in another order: x, y → y, x',
    ],
  ])('says what becomes of %s', async (old, next, words) => {
    const document = (flag: string): string => `version: 1\nflags:\n  ${flag}\n`;
    const { run } = halyardIn({ 'old.yaml': document(old), 'new.yaml': document(next) });
    expect((await run('diff', 'old.yaml', 'new.yaml')).out).toBe(`${words}\n`);
  });

  it('writes the comment on a pull request', async () => {
    const flags = (rollout: number): string =>
      `version: 1\nflags:\n  a_b: { description: "<x> | @you", rollout: ${rollout} }\n`;
    const { run } = halyardIn({ 'old.yaml': flags(0), 'new.yaml': flags(50).replace('<x>', '<y>') });
    const { out } = await run('diff', 'old.yaml', 'new.yaml', '--units', '1000', '--format', 'markdown');
    expect(out).toMatchInlineSnapshot(`
      "### Flags

      | flag | what changes |
      | --- | --- |
      | **a\\_b** | description: &lt;x> \\| @​you → &lt;y> \\| @​you<br>rollout 0 % → 50 % |

      #### Who moves, of 1,000 made-up units

      **a\\_b**: 483 of 1,000 move

      | from \\ to | off | on |
      | --- | --: | --: |
      | off | 517 | 483 |
      "
    `);
  });

  it('exits with 1 where anything is different, if that is asked', async () => {
    const { run } = halyardIn({ 'old.yaml': before, 'new.yaml': after });
    expect((await run('diff', 'old.yaml', 'new.yaml', '--exit-code')).exitCode).toBe(1);
    expect(await run('diff', 'old.yaml', 'old.yaml', '--exit-code', '--units')).toEqual({
      out: 'Nothing is different.\n\nNobody moves, of 10,000 made-up units.\n',
      err: '',
      exitCode: 0,
    });
  });

  it('compares with a version in git', async () => {
    const { cwd, run } = halyardIn({ 'flags.yaml': before });
    const git = (...args: readonly string[]): unknown =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd, stdio: 'pipe' });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'Add flags');
    expect((await run('diff', 'git:HEAD:flags.yaml', 'flags.yaml')).out).toBe('Nothing is different.\n');
    expect(await run('diff', 'git:HEAD:none.yaml', 'flags.yaml')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('git has no file none.yaml at HEAD'),
    });
  });

  it.each(['git:--output=x:flags.yaml', 'git:HEAD', 'git::flags.yaml', 'git:HEAD:/etc/passwd'])(
    'refuses %s, and exits with 2',
    async (address) => {
      const { run } = halyardIn({ 'flags.yaml': before });
      expect(await run('diff', address, 'flags.yaml')).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('Expected git:REF:PATH'),
      });
    },
  );

  it('tells kills that only one of two states has, and lends the state to a side that has none', async () => {
    const killed = (key: string): string =>
      JSON.stringify({ version: 1, kills: { [key]: { at: '2026-11-20T00:00:00Z', by: 'ana', reason: 'fire' } } });
    const files = { 'a.yaml': before, 'b.yaml': before, 'c.yaml': before };
    const { run } = halyardIn({ ...files, 'a.state.json': killed('same'), 'b.state.json': killed('search') });
    expect((await run('diff', 'a.yaml', 'c.yaml')).out).toBe('Nothing is different.\n');
    expect((await run('diff', 'a.yaml', 'b.yaml')).out).toMatchInlineSnapshot(`
      "same (state): restored: its kill has ended
      search (state): killed by ana: "fire"
      "
    `);
  });

  it('gives programs every path with its values', async () => {
    const { run } = halyardIn({ 'old.yaml': before, 'new.yaml': after });
    const { out } = await run('diff', 'old.yaml', 'new.yaml', '--json');
    const { changes } = JSON.parse(out) as { readonly changes: readonly object[] };
    expect(changes).toContainEqual(
      expect.objectContaining({
        name: 'button-color',
        differences: expect.arrayContaining([
          { path: ['variants', 'b'], after: 'red', words: 'variant b added: red' },
          { path: ['split', 'weights', 'a'], before: 50, after: 40, words: 'split a 50 → 40' },
        ]),
      }),
    );
  });
});

/** Small documents whose flags differ in many ways. */
const documents: fc.Arbitrary<FlagDocument> = fc
  .dictionary(
    fc.constantFrom('a', 'b', 'constructor', 'toString'),
    fc.oneof(
      fc.record({ rollout: fc.integer({ min: 0, max: 100 }), enabled: fc.boolean() }),
      fc.record({
        variants: fc.constant({ x: 1, y: 2 }),
        offVariant: fc.constantFrom('x', 'y'),
        split: fc.record({ x: fc.integer({ min: 1, max: 9 }), y: fc.integer({ min: 0, max: 9 }) }),
      }),
      fc.record({
        targets: fc.record({ on: fc.uniqueArray(fc.constantFrom('u1', 'u2', 'u3')) }),
        serve: fc.constantFrom('on', 'off'),
      }),
    ),
  )
  .map((flags) => ({ version: 1, flags }));

const unitsOf = async function* (count: number): AsyncGenerator<readonly { targetingKey: string }[]> {
  yield await Promise.resolve(Array.from({ length: count }, (_, index) => ({ targetingKey: `u${index}` })));
};

describe('moves', () => {
  it('add up to the units, and tell what each unit gets on either side', async () => {
    await fc.assert(
      fc.asyncProperty(documents, documents, fc.integer({ min: 0, max: 40 }), async (old, next, count) => {
        const [from, to] = [
          await readFlags(memoryStore(old), () => NOW),
          await readFlags(memoryStore(next), () => NOW),
        ];
        for (const { key, units, moved, cells } of await movesBetween(from, to, unitsOf(count), NOW)) {
          expect(units).toBe(count);
          expect(cells.reduce((sum, cell) => sum + cell.units, 0)).toBe(count);
          expect(cells.filter(({ stays }) => !stays).reduce((sum, cell) => sum + cell.units, 0)).toBe(moved);
          for (const row of new Set(cells.map((cell) => cell.from))) {
            const inRow = cells.filter((cell) => cell.from === row).reduce((sum, cell) => sum + cell.units, 0);
            if (row.startsWith('(')) continue;
            const served = Array.from({ length: count }, (_, index) =>
              from.runtime.evaluator.answer(key, { targetingKey: `u${index}` }),
            );
            expect(inRow).toBe(served.filter(({ variant }) => variant === row).length);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are none between a document and itself, and every difference has words', async () => {
    await fc.assert(
      fc.asyncProperty(documents, documents, async (old, next) => {
        const read = (): ReturnType<typeof readFlags> => readFlags(memoryStore(structuredClone(old)), () => NOW);
        expect(await movesBetween(await read(), await read(), unitsOf(20), NOW)).toEqual([]);
        expect(describeChanges(old, structuredClone(old))).toEqual([]);
        const changes = describeChanges(old, next);
        expect(changes.length > 0).toBe(JSON.stringify(sorted(old)) !== JSON.stringify(sorted(next)));
        for (const { differences } of changes) expect(differences.every(({ words }) => words !== '')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

/** The order of flags doesn't count, nor that of a flag's fields. */
const sorted = ({ flags }: FlagDocument): unknown =>
  Object.entries(flags)
    .map(([key, flag]) => [key, Object.entries(flag).sort(([a], [b]) => (a < b ? -1 : 1))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
