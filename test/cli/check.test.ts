import { describe, expect, it } from 'vitest';
import { unreachableRule } from '../../src/cli/check/lints/unreachable-rule.js';
import type { RuleDefinition } from '../../src/flags/flag-definition.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';
import { parseFlagDocument } from '../../src/flags/parse-flag-document.js';
import { halyardIn, NOW } from './halyard-command.js';

const good = `version: 1
flags:
  new-checkout: { owner: payments-team, created: 2026-11-01, expires: 2027-06-01, rollout: 10 }
  payments: { kind: operational, owner: payments-team }
`;

const bad = `version: 1
flags:
  new-checkout:
    owner: payments-team
    percentage: 10
  old-cart: { owner: cart-team, expires: 2026-09-01, rollout: 50 }
segments:
  staff: { email: ana@example.com }
`;

interface Report {
  readonly errors: number;
  readonly warnings: number;
  readonly findings: readonly {
    message: string;
    rule: string;
    severity: string;
    file?: string;
    line?: number;
    flagKey?: string;
  }[];
}

const parse = (out: string): Report => JSON.parse(out) as Report;
const rulesIn = (out: string): readonly string[] => parse(out).findings.map(({ rule }) => rule);

describe('halyard check', () => {
  it('has nothing to say about good flags', async () => {
    const { run } = halyardIn({ 'flags.yaml': good });
    expect(await run('check')).toEqual({ out: 'No problems in 2 flags.\n', err: '', exitCode: 0 });
  });

  it('shows errors and warnings in the order of the text, each with its lines', async () => {
    const { run } = halyardIn({ 'flags.yaml': bad });
    const { out, exitCode } = await run('check');
    expect(out).toMatchInlineSnapshot(`
      "flags.yaml:5:5 error invalid flags.new-checkout.percentage: unknown key. Write
          \`rollout: 10\`.
        4 |     owner: payments-team
      > 5 |     percentage: 10
          |     ^
        6 |   old-cart: { owner: cart-team, expires: 2026-09-01, rollout: 50 }

      flags.yaml:6:33 warning expired flags.old-cart.expires: the flag expired 81 days
          ago, on 2026-09-01. Remove it from the code and then from here, or give it a
          later date.
        5 |     percentage: 10
      > 6 |   old-cart: { owner: cart-team, expires: 2026-09-01, rollout: 50 }
          |                                 ^
        7 | segments:

      flags.yaml:8:3 warning unused-segment segments.staff: no rule uses this segment.
        7 | segments:
      > 8 |   staff: { email: ana@example.com }
          |   ^

      1 error, 2 warnings
      "
    `);
    expect(exitCode).toBe(1);
  });

  it('finds the place of a text that is no YAML', async () => {
    const { run } = halyardIn({ 'flags.yaml': 'version: 1\nflags: {\n' });
    const { out, exitCode } = await run('check', '--json');
    expect(parse(out).findings).toMatchObject([{ rule: 'invalid', severity: 'error', file: 'flags.yaml', line: 3 }]);
    expect(exitCode).toBe(1);
  });

  it('takes files as documents of their own, and those that a comma joins as one with overlays', async () => {
    const { run } = halyardIn({
      'flags.yaml': good,
      'flags.production.yaml': 'version: 1\nflags: { payments: { owner: "" } }\n',
      'other.yaml': bad,
    });
    const { out } = await run('check', 'flags.yaml,flags.production.yaml', 'other.yaml', '--json');
    expect(parse(out).findings.map(({ file, line, rule }) => [file, line, rule])).toEqual([
      ['flags.production.yaml', 2, 'invalid'],
      ['other.yaml', 5, 'invalid'],
      ['other.yaml', 6, 'expired'],
      ['other.yaml', 8, 'unused-segment'],
    ]);
  });

  it('checks what is piped in', async () => {
    const { run } = halyardIn({}, { readInput: () => Promise.resolve(bad) });
    expect((await run('check', '-')).out).toContain('<stdin>:5:5 error invalid');
  });

  it('finds places in JSON too', async () => {
    const text = JSON.stringify({ version: 1, flags: { a: { kind: 'operational' } } }, undefined, 2);
    const { run } = halyardIn({ 'flags.json': text });
    expect(parse((await run('check', '--json')).out).findings).toMatchObject([{ rule: 'no-owner', line: 4 }]);
  });

  it('can not check a file that is not there', async () => {
    const { run } = halyardIn({});
    expect(await run('check', 'flags.yaml')).toMatchObject({ out: '', exitCode: 3 });
  });

  it('fails above --max-warnings alone', async () => {
    const { run } = halyardIn({ 'flags.yaml': 'version: 1\nflags: { a: { kind: operational } }\n' });
    expect((await run('check')).exitCode).toBe(0);
    expect((await run('check', '--max-warnings', '1')).exitCode).toBe(0);
    expect(await run('check', '--max-warnings', '0')).toMatchObject({
      exitCode: 1,
      err: '1 warning, where --max-warnings allows 0.\n',
    });
    expect((await run('check', '--max-warnings', 'few')).exitCode).toBe(2);
  });
});

describe('what is looked for', () => {
  it('is said on the command line', async () => {
    const { run } = halyardIn({ 'flags.yaml': 'version: 1\nflags: { a: { expires: 2026-09-01 } }\n' });
    expect(rulesIn((await run('check', '--json')).out)).toEqual(['no-owner', 'expired']);
    const { out, exitCode } = await run('check', '--json', '--off', 'no-owner', '--error', 'expired');
    expect(parse(out).findings).toMatchObject([{ rule: 'expired', severity: 'error' }]);
    expect(exitCode).toBe(1);
  });

  it('is said by the document and by a flag, and the command line has the last word', async () => {
    const text = `version: 1
x-halyard-check: { off: [no-owner], error: expired, namePattern: "[a-z-]+", maxFlagsPerOwner: 1 }
flags:
  OLD: { expires: 2026-09-01, owner: ana }
  kept: { expires: 2026-09-01, owner: ana, x-ignore: [expired, too-many-flags] }
`;
    const { run } = halyardIn({ 'flags.yaml': text });
    expect(parse((await run('check', '--json')).out).findings).toMatchObject([
      { rule: 'name-pattern', severity: 'warning', flagKey: 'OLD' },
      { rule: 'expired', severity: 'error', flagKey: 'OLD' },
    ]);
    const { exitCode } = await run('check', '--warn', 'expired');
    expect(exitCode).toBe(0);
  });

  it('is refused with the nearest rule where there is no such', async () => {
    const text =
      'version: 1\nx-halyard-check: { of: [], off: [expird] }\nflags: { a: { kind: operational, owner: a, x-ignore: no-ownr } }\n';
    const { run } = halyardIn({ 'flags.yaml': text });
    expect(await run('check', '--off', 'unreachable')).toEqual({
      out: '',
      err: 'halyard: --off: there is no rule `unreachable`. halyard check --rules lists them.\n',
      exitCode: 2,
    });
    expect((await run('check', '--off', 'expird')).err).toContain('Did you mean `expired`?');
    expect((await run('check', '--off', 'invalid')).err).toContain('always an error');
    const { out } = await run('check', '--json');
    expect(parse(out).findings.map(({ message }) => message)).toEqual([
      'x-halyard-check.of: unknown key. Did you mean `off`?',
      'x-halyard-check.off[0]: there is no rule `expird`. Did you mean `expired`?',
      'flags.a.x-ignore: there is no rule `no-ownr`. Did you mean `no-owner`?',
    ]);
  });

  it('is listed by --rules', async () => {
    const { run } = halyardIn({});
    const { out } = await run('check', '--rules', '--json');
    expect((JSON.parse(out) as { rule: string }[]).map(({ rule }) => rule)).toEqual([
      'invalid',
      'doubtful',
      'unused-segment',
      'expired',
      'no-expiry',
      'no-owner',
      'rolled-out',
      'unreachable-rule',
      'falling-rollout',
      'kill-switch-rollout',
      'idle-targets',
      'deep-nesting',
      'too-many-flags',
      'name-pattern',
    ]);
  });

  it('takes patterns that would make another engine hang, and refuses those that are none', async () => {
    const { run } = halyardIn({
      'flags.yaml': `version: 1\nflags: { ${'a'.repeat(60)}B: { kind: permission, owner: a } }\n`,
    });
    expect(rulesIn((await run('check', '--json', '--name-pattern', '(a+)+')).out)).toEqual(['name-pattern']);
    expect((await run('check', '--name-pattern', 'a)(b')).exitCode).toBe(2);
  });
});

describe('a large document', () => {
  /** How often the conditions of this many rules that are alike are looked into. */
  const looksInto = (count: number): number => {
    const rules = Array.from({ length: count }, (_, index) => ({
      when: { any: [{ plan: [`p${index}`] }, { not: { team: `t${index}` } }] },
      serve: 'on',
    }));
    const { flags, segments } = parseFlagDocument({ version: 1, flags: { a: { rules, serve: 'off' } } });
    const [flag] = flags.values();
    let looks = 0;
    const watched = (rule: RuleDefinition): RuleDefinition => ({
      ...rule,
      condition: new Proxy(rule.condition, {
        get: (condition, name) => ((looks += 1), Reflect.get(condition, name) as unknown),
      }),
    });
    const document = new Map([['a', { ...flag!, rules: flag!.rules.map(watched) }]]);
    const settings = { now: NOW, maxFlagsPerOwner: 50, namePattern: undefined };
    const hits = unreachableRule.look({ flags: document, segments, state: emptyFlagState }, settings);
    expect([...hits]).toEqual([]);
    return looks;
  };

  it('of rules that are alike is checked in time linear in it', () => {
    expect(looksInto(3_000)).toBeLessThan(3 * looksInto(1_000));
  });
});
