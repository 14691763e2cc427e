import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/flags/pattern.js';
import { parseFlagDocument } from '../../src/flags/parse-flag-document.js';
import { documentOf, flagFrom, problemsOf } from './parse.js';

const ruleWith = (when: unknown): object => ({ rules: [{ when, serve: 'on' }], serve: 'off' });
const conditionOf = (when: unknown, more: object = {}): unknown => flagFrom(ruleWith(when), more).rules[0]?.condition;
const problemOf = (when: unknown): string => problemsOf(ruleWith(when)).join('\n');
const compare = (attribute: string, operator: string, value: unknown, more: object = {}): object => ({
  attribute,
  operator,
  value,
  ...more,
});

describe('conditions', () => {
  it('takes a mapping: all entries hold, a list means one of', () => {
    expect(conditionOf({ plan: ['pro', 'max'], country: 'US' })).toEqual({
      type: 'all',
      conditions: [
        { type: 'comparison', attribute: 'plan', operator: 'in', values: ['pro', 'max'], ignoreCase: false },
        { type: 'comparison', attribute: 'country', operator: 'equals', values: ['US'], ignoreCase: false },
      ],
    });
  });

  it('makes a mapping of one entry that comparison alone', () => {
    expect(conditionOf({ age: 3 })).toEqual({
      type: 'comparison',
      attribute: 'age',
      operator: 'equals',
      values: [3],
      ignoreCase: false,
    });
  });

  it('mixes any, all, not and segment with attributes', () => {
    const segments = { a: { x: 1 }, b: { x: 2 } };
    const condition = conditionOf(
      { plan: 'pro', not: { beta: true }, any: [{ a: 1 }, { b: 2 }], segment: ['a', 'b'] },
      { segments },
    );
    expect(condition).toMatchObject({
      type: 'all',
      conditions: [
        { attribute: 'plan' },
        { type: 'not', condition: { attribute: 'beta' } },
        { type: 'any' },
        { type: 'any', conditions: [{ type: 'segment', segment: 'a' }, { segment: 'b' }] },
      ],
    });
  });

  it('takes a list as all', () => {
    expect(conditionOf([{ a: 1 }, compare('b', 'exists', undefined)])).toMatchObject({
      type: 'all',
      conditions: [{ attribute: 'a' }, { operator: 'exists', value: true }],
    });
  });

  it('takes a rule without conditions as holding for everyone', () => {
    expect(flagFrom({ rules: [{ serve: 'on', from: '2027-01-01' }], serve: 'off' }).rules[0]).toMatchObject({
      condition: { type: 'all', conditions: [] },
      from: Date.UTC(2027, 0, 1),
      until: undefined,
    });
  });

  it.each([
    ['before', '2027-01-01', { value: Date.UTC(2027, 0, 1) }],
    ['after', 1000, { value: 1000 }],
    ['in_cidr', '10.1.2.3', { values: [{ text: '10.1.2.3', bytes: [10, 1, 2, 3], prefixLength: 32 }] }],
    [
      'in_cidr',
      ['::ffff:10.0.0.0/104', '2001:db8::/32'],
      { values: [{ bytes: [10, 0, 0, 0], prefixLength: 8 }, { prefixLength: 32 }] },
    ],
    ['semver_satisfies', '^1.2', { value: '^1.2' }],
    ['glob', '*@x.com', { values: ['*@x.com'] }],
    ['exists', false, { value: false }],
    ['in', [], undefined],
  ])('takes %s with %j', (operator, value, expected) => {
    if (expected === undefined) expect(problemOf(compare('a', operator, value))).toContain('warning: one of nothing');
    else expect(conditionOf(compare('a', operator, value))).toMatchObject({ attribute: 'a', operator, ...expected });
  });

  it.each([
    [
      { plan: null },
      'flags.f.rules[0].when.plan: null is no value to compare with. Write `{ attribute: plan, operator: exists, value: false }`.',
    ],
    [{ company: { plan: 'pro' } }, 'write `company.plan: "pro"`'],
    [{ plan: { $in: ['a'] } }, 'Write `{ attribute: plan, operator: in, value: ["a"] }`'],
    [{ plan: undefined }, 'found undefined'],
    [{ plan: NaN }, 'found NaN'],
    [{ plan: [['a']] }, 'flags.f.rules[0].when.plan[0]: expected a text, a number or a boolean'],
    [null, 'flags.f.rules[0].when: expected conditions, found null'],
    ['plan = pro', 'expected conditions, found "plan = pro"'],
    [{ any: { a: 1 } }, 'expected a list of conditions'],
    [{ segment: 3 }, 'expected the name of a segment, found 3'],
    [{ segment: 'beta' }, 'flags.f.rules[0].when.segment: unknown segment `beta`.'],
    [{ attribute: 'a', op: 'STR_CONTAINS', values: ['x'] }, 'when.op: unknown key. Write `operator: contains`.'],
    [{ contextName: 'a', operator: 'in', values: ['x'] }, 'when.contextName: unknown key. Write `attribute: "a"`.'],
    [{ attribute: 'a', value: 1 }, 'a comparison needs `operator`'],
    [{ operator: 'equals', value: 1 }, 'a comparison needs `attribute`'],
    [compare('a', 'equals', undefined), '`equals` needs `value`'],
    [compare('a', 'equals', ['x']), 'Write `operator: in` for a list.'],
    [compare('a', 'in', 'x'), 'expected a list, found "x". Write `["x"]`.'],
    [compare('a', 'contains', 3), 'Write "3" in quotes.'],
    [compare('a', 'greater_than', '18'), 'expected a number, found "18". Write 18.'],
    [compare('a', 'greater_than', true), 'expected a number, found true.'],
    [compare('a', 'before', '2027-01-01T00:00:00'), 'Write 2027-01-01T00:00:00Z.'],
    [compare('a', 'semver_equals', 1.2), 'Write "1.2.0".'],
    [compare('a', 'semver_satisfies', 'newest'), 'expected a range of versions'],
    [compare('a', 'in_cidr', '10.0.0.0/33'), 'expected a block of addresses'],
    [compare('a', 'in_cidr', '010.0.0.1'), 'expected a block of addresses'],
    [compare('a', 'exists', 'yes'), 'Write true.'],
    [compare('a', 'greater_than', 1, { ignoreCase: true }), 'only comparisons of text can ignore the case'],
    [compare('a', 'matches', '('), 'expected a regular expression in RE2 syntax'],
    [compare('a', 'matches', '(a)\\1'), 'RE2 has no backreferences'],
    [compare('a', 'matches', '(?=a)'), 'RE2'],
  ])('refuses %j', (when, message) => {
    expect(problemOf(when)).toContain(message);
    expect(parseFlagDocument(documentOf(ruleWith(when))).refused.has('f')).toBe(true);
  });

  it.each([
    ['eq', 'equals'],
    ['==', 'equals'],
    ['neq', 'not_equals'],
    ['!=', 'not_equals'],
    ['notIn', 'not_in'],
    ['$in', 'in'],
    ['regex', 'matches'],
    ['gt', 'greater_than'],
    ['>', 'greater_than'],
    ['>=', 'greater_or_equal'],
    ['semver_gt', 'semver_greater_than'],
    ['STR_STARTS_WITH', 'starts_with'],
    ['startsWith', 'starts_with'],
    ['NUM_LTE', 'less_or_equal'],
    ['DATE_AFTER', 'after'],
    ['containz', 'contains'],
  ])('answers the operator %s with %s', (word, operator) => {
    expect(problemOf(compare('a', word, 'x'))).toContain(
      `unknown operator \`${word}\`. Write \`operator: ${operator}\`.`,
    );
  });

  it('lists the operators for a word that is like none', () => {
    expect(problemOf(compare('a', 'frobnicate', 'x'))).toContain('Allowed: equals, not_equals,');
  });

  it('refuses nesting beyond 64 levels without running out of stack', () => {
    let when: unknown = { a: 1 };
    for (let level = 0; level < 50_000; level++) when = level % 2 === 0 ? { not: when } : { any: [when] };
    expect(problemOf(when)).toContain('nested more than 64 levels deep');
  });

  it('refuses conditions that contain themselves again and again', () => {
    const when = Array.from({ length: 40 }).reduce<unknown>((inner) => ({ any: [inner, inner] }), { a: 1 });
    expect(problemOf(when)).toContain('more than 100000 conditions');
  });

  it('leaves no hole in a list unreported', () => {
    // Applications build such lists with `delete`.
    for (const when of [
      [, { a: 1 }],
      compare('a', 'contains', [, 'x']),
      { segment: [,] },
      compare('a', 'in_cidr', [,]),
    ])
      expect(problemOf(when)).not.toBe('');
  });
});

describe('patterns', () => {
  it('take linear time where backtracking takes exponential', () => {
    expect(problemOf(compare('a', 'matches', '(a+)+$'))).toBe('');
    const matches = compilePattern('(a+)+$', false);
    const startedAt = performance.now();
    expect(matches(`${'a'.repeat(20_000)}!`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('find anywhere, and fold the case if told to', () => {
    expect(compilePattern('b+', false)('abba')).toBe(true);
    expect(compilePattern('B', false)('abba')).toBe(false);
    expect(compilePattern('B', true)('abba')).toBe(true);
  });
});

describe('warnings', () => {
  it.each([
    [{ email: '*@x.com' }, 'operator: glob'],
    [{ email: ['a', 'b?'] }, 'operator: glob'],
    [compare('a', 'equals', 'x*'), 'operator: glob'],
    [{ any: [] }, 'can never match'],
    [{ plan: [] }, 'one of nothing'],
    [[], 'holds for everyone'],
    [{}, 'holds for everyone'],
    [
      [{ plan: 'pro' }, { plan: 'free' }],
      '`plan` must be both "pro" and "free": this can never match, unless the attribute is a list.',
    ],
    [{ all: [{ plan: ['a', 'b'] }, { plan: ['c'] }] }, 'must be both'],
  ])('come for %j', (when, message) => {
    expect(problemsOf(ruleWith(when))).toEqual([expect.stringContaining('warning: ')]);
    expect(problemOf(when)).toContain(message);
  });

  it('come for a rule behind one that holds for everyone, and for a time that never is', () => {
    expect(problemsOf({ rules: [{ serve: 'on' }, { when: { a: 1 }, serve: 'off' }], serve: 'off' })).toEqual([
      'flags.f.rules[1]: warning: can never match: rule 1 holds for everyone, and a rule decides alone.',
    ]);
    expect(
      problemsOf({
        rules: [{ when: { a: 1 }, from: '2027-01-02', until: '2027-01-02', serve: 'on' }],
        serve: 'off',
      })[0],
    ).toContain('`from` is not before `until`');
  });
});

describe('rules', () => {
  it.each([
    [{ when: { a: 1 } }, 'does not say what the units that it matches get. Add `serve: on`.'],
    [{ conditions: [], serve: 'on' }, 'Write `when: { plan: pro }`'],
    [{ segments: ['beta'], serve: 'on' }, 'Write `when: { segment: ["beta"] }`'],
    [{ when: { a: 1 }, percentage: 20 }, 'Write `rollout: 20`'],
    [{ when: { a: 1 }, variation: 'on' }, 'Write `serve: "on"`'],
    [{ when: { a: 1 }, serve: 'onn' }, 'Did you mean `on`?'],
    ['staff', 'expected a rule, found "staff"'],
  ])('refuses %j', (rule, message) => {
    const problems = problemsOf({ rules: [rule], serve: 'off' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });
});
