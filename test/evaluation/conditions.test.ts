import { describe, expect, it } from 'vitest';
import type { Operator, WrittenCondition } from '../../src/flags/flag-document.js';
import { holds } from './evaluate-document.js';

type Case = readonly [operator: Operator, wanted: unknown, found: unknown, expected: boolean];

const compare = (operator: Operator, value: unknown, found: unknown, more: object = {}): boolean =>
  holds({ attribute: 'a', operator, value, ...more } as WrittenCondition, found === undefined ? {} : { a: found });

const name = (value: unknown): string =>
  typeof value === 'bigint' ? `${value}n` : value === undefined ? 'missing' : JSON.stringify(value);

describe.each<[string, readonly Case[]]>([
  [
    'equality',
    [
      ['equals', 'x', 'x', true],
      ['equals', 'x', 'X', false],
      ['equals', 1, '1', false],
      ['equals', 1, 1, true],
      ['equals', true, 'true', false],
      ['equals', 'x', ['y', 'x'], true],
      ['equals', 'x', { x: 'x' }, false],
      ['not_equals', 'x', 'y', true],
      ['not_equals', 'x', ['y', 'x'], false],
      ['not_equals', 'x', ['y'], true],
      ['not_equals', 'x', null, true],
      ['not_equals', 'x', undefined, true],
      ['in', ['x', 1], 1, true],
      ['in', ['x', 1], 'y', false],
      ['in', ['x', 'y'], ['z', 'y'], true],
      ['in', Array.from({ length: 50 }, (_, index) => index), 49, true],
      ['in', Array.from({ length: 50 }, (_, index) => index), [50, 7], true],
      ['in', ['x'], undefined, false],
      ['not_in', ['x', 'y'], 'z', true],
      ['not_in', ['x', 'y'], ['z', 'y'], false],
      ['not_in', ['x', 'y'], undefined, true],
    ],
  ],
  [
    'text',
    [
      ['contains', 'mid', 'amidst', true],
      ['contains', 'mid', ['no', 'amidst'], true],
      ['contains', 'mid', 5, false],
      ['starts_with', 'a', 'abc', true],
      ['starts_with', 'a', ['abc'], false],
      ['ends_with', 'c', 'abc', true],
      ['ends_with', ['x', 'c'], 'abc', true],
      ['glob', '*@company.com', 'ana@company.com', true],
      ['glob', '*@company.com', 'ana@company.com.evil', false],
      ['glob', 'a?c*e', 'abcde', true],
      ['glob', 'a?c', 'a😀c', true],
      ['glob', '*a*b*c*', 'xxaxxbxxcxx', true],
      ['glob', 'a.c', 'abc', false],
      ['glob', '**', '', true],
      ['glob', '?', '', false],
      ['matches', '^a+$', 'aaa', true],
      ['matches', 'b', 'abc', true],
      ['matches', '^(a+)+$', `${'a'.repeat(50_000)}!`, false],
    ],
  ],
  [
    'numbers',
    [
      ['greater_than', 100, 101, true],
      ['greater_than', 100, 100, false],
      ['greater_than', 100, '101', false],
      ['greater_or_equal', 100, 100, true],
      ['less_than', 0, -0.5, true],
      ['less_than', 0, NaN, false],
      ['less_or_equal', 5, 5, true],
      ['greater_than', 1, 2n, false],
      ['greater_than', 1, undefined, false],
    ],
  ],
  [
    'times',
    [
      ['before', '2027-01-01', '2026-12-31T23:59:59Z', true],
      ['before', '2027-01-01', '2027-01-01T00:30:00+01:00', true],
      ['before', '2027-01-01', new Date('2026-12-31'), true],
      ['after', '2027-01-01', Date.UTC(2027, 0, 2), true],
      ['after', '2027-01-01', '2027-01-02T10:00:00', false],
      ['after', '2027-01-01', 'tomorrow', false],
      ['before', '2027-01-01', new Date(NaN), false],
    ],
  ],
  [
    'versions',
    [
      ['semver_equals', '1.2.3', '1.2.3', true],
      ['semver_greater_than', '1.9.0', '1.10.0', true],
      ['semver_less_than', '2.0.0', '2.0.0-rc.1', true],
      ['semver_satisfies', '^1.2.0 || >=3', '1.9.9', true],
      ['semver_satisfies', '^1.2.0', '2.0.0', false],
      ['semver_equals', '1.2.3', 'latest', false],
      ['semver_equals', '1.2.3', 1.2, false],
    ],
  ],
  [
    'addresses',
    [
      ['in_cidr', '10.0.0.0/8', '10.200.3.4', true],
      ['in_cidr', '10.0.0.0/8', '::ffff:10.1.1.1', true],
      ['in_cidr', ['192.168.0.0/16', '2001:db8::/33'], '2001:db8:7fff::1', true],
      ['in_cidr', '2001:db8::/33', '2001:db8:8000::1', false],
      ['in_cidr', '0.0.0.0/0', '::1', false],
      ['in_cidr', '10.0.0.0/8', '10.1', false],
      ['in_cidr', '10.0.0.0/8', '0x0a000001', false],
      ['in_cidr', '10.0.0.0/8', 'not an address', false],
    ],
  ],
  [
    'existence',
    [
      ['exists', true, 0, true],
      ['exists', true, '', true],
      ['exists', true, null, false],
      ['exists', false, undefined, true],
      ['exists', false, 'x', false],
    ],
  ],
])('%s', (_title, cases) => {
  it.each(
    cases.map(([operator, wanted, found, expected]) => ({
      title: `${name(found).slice(0, 40)} ${operator} ${name(wanted).slice(0, 40)}: ${expected}`,
      operator,
      wanted,
      found,
      expected,
    })),
  )('$title', ({ operator, wanted, found, expected }) => expect(compare(operator, wanted, found)).toBe(expected));
});

describe('ignoreCase', () => {
  it('makes upper and lower case the same, in what is wanted and in what is found', () => {
    const cases: [Operator, unknown, unknown][] = [
      ['equals', 'Ana', 'aNA'],
      ['in', ['X', 'Ana'], ['aNA']],
      ['contains', 'COMPANY', 'ana@Company.com'],
      ['glob', '*@COMPANY.com', 'ana@Company.com'],
      ['matches', '^ana$', 'ANA'],
    ];
    for (const [operator, wanted, found] of cases)
      expect(compare(operator, wanted, found, { ignoreCase: true })).toBe(true);
    expect(compare('not_equals', 'Ana', 'ANA', { ignoreCase: true })).toBe(false);
  });
});

describe('attributes', () => {
  it('are found by a key with dots first, then by walking into structures', () => {
    expect(holds({ 'company.size': 5 }, { company: { size: 5 } })).toBe(true);
    expect(holds({ 'company.size': 5 }, { 'company.size': 5, company: { size: 6 } })).toBe(true);
    expect(holds({ 'company.size': 5 }, { company: 'x' })).toBe(false);
    expect(holds({ 'list.0': 'x' }, { list: ['x'] })).toBe(true);
  });

  it('include the targeting key', () => {
    expect(
      holds({ attribute: 'targetingKey', operator: 'starts_with', value: 'test-' }, { targetingKey: 'test-7' }),
    ).toBe(true);
  });

  it('are own properties only', () => {
    expect(holds({ constructor: 'x' }, {})).toBe(false);
    expect(holds({ attribute: 'toString', operator: 'exists' }, {})).toBe(false);
    expect(holds({ attribute: 'length', operator: 'exists' }, Object.create({ length: 1 }) as object)).toBe(false);
  });
});

describe('combinations', () => {
  const pro = { plan: 'pro' };
  const us = { country: 'US' };

  it('hold as they are nested', () => {
    const when: WrittenCondition = { any: [{ all: [pro, us] }, { not: { any: [{ plan: ['free', 'pro'] }, us] } }] };
    expect(holds(when, { plan: 'pro', country: 'US' })).toBe(true);
    expect(holds(when, { plan: 'pro', country: 'DE' })).toBe(false);
    expect(holds(when, { plan: 'enterprise', country: 'DE' })).toBe(true);
  });

  it('in one mapping or list all hold', () => {
    expect(holds({ plan: 'pro', any: [us, { country: 'CA' }] }, { plan: 'pro', country: 'CA' })).toBe(true);
    expect(holds([pro, us], { plan: 'pro', country: 'CA' })).toBe(false);
  });

  it('use segments, which may use segments', () => {
    const segments = { staff: { email: 'ana@x.com' }, testers: { any: [{ segment: 'staff' }, { beta: true }] } };
    expect(holds({ segment: 'testers' }, { email: 'ana@x.com' }, segments)).toBe(true);
    expect(holds({ segment: ['staff', 'testers'] }, { beta: true }, segments)).toBe(true);
    expect(holds({ not: { segment: 'testers' } }, {}, segments)).toBe(true);
  });
});
