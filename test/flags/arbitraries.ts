import fc, { type Arbitrary } from 'fast-check';
import type { FlagDocument, JsonValue, WrittenCondition, WrittenFlag } from '../../src/flags/flag-document.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Variants = Readonly<
  Record<string, boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }>
>;

/** Any JavaScript value: cycles, proxies that throw, numbers that are none, things with an inside of their own. */
export const anyValue: Arbitrary<unknown> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
      withBoxedValues: true,
    }),
  },
  { weight: 2, arbitrary: fc.jsonValue() },
  fc.constantFrom<unknown>(...hostileValues()),
);

function hostileValues(): readonly unknown[] {
  const cyclic: Record<string, unknown> = { plan: 'pro' };
  cyclic['all'] = [cyclic];
  cyclic['not'] = cyclic;
  const list: unknown[] = [];
  list.push(list);
  const refuse = (): never => {
    throw new Error('no');
  };
  return [
    cyclic,
    list,
    new Proxy({}, { get: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse, getPrototypeOf: refuse }),
    Object.defineProperty({}, 'serve', { enumerable: true, get: refuse }),
    Object.defineProperty({}, 'when', {
      enumerable: true,
      get: () => {
        throw Object.assign(new Error(), { toString: refuse, message: Symbol('none') });
      },
    }),
    {
      get [Symbol.toStringTag](): string {
        return refuse();
      },
    },
    () => undefined,
    Symbol('flag'),
    JSON.parse('{"__proto__": {"serve": true}}'),
    new Date(NaN),
  ];
}

/** A number that JSON, YAML and JavaScript write alike. */
const plainNumber = fc
  .oneof(
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
  )
  .map((number) => number + 0);
const percentage = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0.5, 12.25, 99.99));
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/).filter((text) => text !== 'true' && text !== 'false');
const text = fc.oneof(
  word,
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.constantFrom('yes', '1.0', '0123', '2026-01-01', 'null', '~', '*@x.com', 'naïve 日本語 😀', 'a: b', '# no', '<<'),
);
const key = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,20}$/),
  fc.constantFrom('constructor', 'toString', 'hasOwnProperty'),
);
const scalar = fc.oneof(text, plainNumber, fc.boolean());
const date = fc.constantFrom('2026-11-01', '2027-03-01T09:00:00Z', '2027-03-01T09:00:00.5+02:00', '2028-02-29');
const variantName = fc.oneof(word, fc.constantFrom('constructor', 'on', 'off', 'Größe', 'with space'));
const attribute = fc
  .oneof(word, fc.constantFrom('targetingKey', 'company.plan', 'constructor'))
  .filter((name) => !['any', 'all', 'not', 'segment', 'operator', 'attribute'].includes(name));

function optional<T extends Record<string, unknown>>(model: { [K in keyof T]: Arbitrary<T[K]> }): Arbitrary<
  Partial<T>
> {
  return fc.record(model, { requiredKeys: [] }) as Arbitrary<Partial<T>>;
}

function comparison(): Arbitrary<WrittenCondition> {
  const made = (
    operator: string,
    value: Arbitrary<unknown>,
    more: Record<string, Arbitrary<unknown>> = {},
  ): Arbitrary<WrittenCondition> =>
    fc.record({ attribute, operator: fc.constant(operator), value, ...more }) as unknown as Arbitrary<WrittenCondition>;
  const ignoreCase = fc.boolean();
  return fc.oneof(
    ...['equals', 'not_equals'].map((operator) => made(operator, scalar, { ignoreCase })),
    ...['in', 'not_in'].map((operator) => made(operator, fc.array(scalar, { maxLength: 4 }), { ignoreCase })),
    ...['contains', 'starts_with', 'ends_with', 'glob'].map((operator) =>
      made(operator, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })), { ignoreCase }),
    ),
    made('matches', fc.constantFrom('^a+$', '(a+)+$', '\\d{3}', '[^@]+@x\\.com')),
    ...['greater_than', 'greater_or_equal', 'less_than', 'less_or_equal'].map((operator) =>
      made(operator, plainNumber),
    ),
    ...['before', 'after'].map((operator) => made(operator, fc.oneof(date, fc.nat()))),
    ...['semver_equals', 'semver_greater_than', 'semver_less_than'].map((operator) =>
      made(operator, fc.constantFrom('1.2.3', '2.0.0-rc.1')),
    ),
    made('semver_satisfies', fc.constantFrom('>=1.2.0 <2', '^1.0.0', '~2.1')),
    made(
      'in_cidr',
      fc.oneof(fc.constantFrom('10.0.0.0/8', '::1', '2001:db8::/32'), fc.constant(['10.0.0.0/8', '::ffff:1.2.3.4'])),
    ),
    made('exists', fc.boolean()),
  );
}

function condition(segments: readonly string[]): Arbitrary<WrittenCondition> {
  const segment: Arbitrary<WrittenCondition>[] =
    segments.length === 0
      ? []
      : [fc.record({ segment: fc.oneof(fc.constantFrom(...segments), fc.subarray([...segments], { minLength: 1 })) })];
  const mapping = fc.dictionary(attribute, fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 })), {
    minKeys: 1,
    maxKeys: 3,
  }) as Arbitrary<WrittenCondition>;
  const { tree } = fc.letrec<{ tree: WrittenCondition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      mapping,
      comparison(),
      ...segment,
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
      fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
      fc.record({ not: tie('tree') }),
    ),
  }));
  return tree;
}

/** @param isFlags no rule has a rollout with checks */
function rollout(names: readonly string[], hasSplit: boolean, isFlags: boolean): Arbitrary<unknown> {
  const variant = fc.constantFrom(...names);
  const shared = {
    otherwise: fc.oneof(variant, fc.constant(null)),
    by: word,
    seed: text,
    offset: percentage,
    'x-note': fc.constant(1),
  };
  const watched = fc.record({
    stages: fc
      .tuple(percentage, percentage, fc.nat(10))
      .map(([a, b, hours]) => [{ percentage: Math.min(a, b), hours }, { percentage: Math.max(a, b) }]),
    checks: optional({
      maxErrorRate: fc.constant(0.5),
      onNoData: fc.constant('hold'),
      queries: fc.constant([{ name: 'queue', query: 'max(queue_length)', above: 100 }]),
    }),
  });
  const how = fc.oneof(
    fc.record({ percentage }),
    fc.record(
      {
        curve: fc.constantFrom('linear', 's-curve'),
        from: percentage,
        to: percentage,
        start: date,
        hours: fc.integer({ min: 1, max: 100 }),
      },
      { requiredKeys: ['curve', 'start', 'hours'] },
    ),
    fc.record({
      start: date,
      stages: fc.tuple(
        fc.record({ percentage, hours: fc.integer({ min: 1, max: 48 }) }),
        fc.record({ percentage, minutes: fc.integer({ min: 1, max: 90 }) }),
        fc.record({ percentage }),
      ),
    }),
    ...(isFlags ? [watched] : []),
  );
  const named = hasSplit ? fc.constant({}) : fc.record({ variant });
  const details = fc.tuple(how, named, optional(shared)).map((parts): unknown => Object.assign({}, ...parts));
  return hasSplit || names.includes('on') ? fc.oneof(percentage, details) : details;
}

function outcome(names: readonly string[], isFlags: boolean): Arbitrary<object> {
  const weights = fc
    .uniqueArray(fc.constantFrom(...names), { minLength: 1 })
    .chain((chosen) =>
      fc
        .tuple(...chosen.map(() => fc.integer({ min: 1, max: 100 })))
        .map((numbers) => Object.fromEntries(chosen.map((name, index) => [name, numbers[index]]))),
    );
  const split = fc.oneof(weights, fc.record({ weights, by: word, seed: text }, { requiredKeys: ['weights'] }));
  return fc.oneof(
    fc.record({ serve: fc.constantFrom(...names) }),
    fc.record({ rollout: rollout(names, false, isFlags) }),
    fc.record({ split }),
    fc.record({ rollout: rollout(names, true, isFlags), split }),
  );
}

const variants: Arbitrary<Variants> = fc.oneof(
  ...[
    fc.boolean(),
    plainNumber,
    fc.string({ maxLength: 8 }),
    fc.array(fc.jsonValue().map(toPlainJson), { maxLength: 2 }),
    fc.dictionary(word, fc.jsonValue().map(toPlainJson), { maxKeys: 2 }),
  ].map((value) => fc.dictionary(variantName, value as Arbitrary<Variants[string]>, { minKeys: 1, maxKeys: 4 })),
);

/** Without -0 and `__proto__`, which don't survive being written as text, or aren't allowed. */
function toPlainJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value), (name, part: unknown) =>
    name === '__proto__' ? undefined : part,
  ) as JsonValue;
}

function flag(earlier: readonly string[], segments: readonly string[]): Arbitrary<WrittenFlag> {
  return fc.option(variants, { nil: undefined }).chain((chosen) => {
    const names = Object.keys(chosen ?? { on: true, off: false });
    const rule = fc
      .tuple(
        outcome(names, false),
        optional({ name: text, when: condition(segments), from: date, 'x-by': fc.constant('ana') }),
      )
      .map(([end, more]) => ({ ...more, ...end }));
    const targets = fc
      .dictionary(fc.constantFrom(...names), fc.constant(undefined), { minKeys: 1 })
      .map((by) => Object.fromEntries(Object.keys(by).map((name, index) => [name, [`user-${index}`, index + 40]])));
    const more = optional({
      description: fc.string({ maxLength: 20 }),
      kind: fc.constantFrom('release', 'experiment', 'operational', 'permission'),
      owner: text,
      ticket: text,
      created: date,
      expires: date,
      enabled: fc.boolean(),
      offVariant: fc.oneof(fc.constantFrom(...names), fc.constant(null)),
      targets,
      rules: fc.array(rule, { maxLength: 3 }),
      requires: fc.subarray([...earlier]).map((keys) => keys.map((required) => ({ flag: required, variant: 'on' }))),
      by: word,
      seed: text,
      tags: fc.array(text, { maxLength: 2 }),
      metadata: fc.dictionary(word, scalar, { maxKeys: 3 }),
      clientSafe: fc.boolean(),
      'x-anything': fc.jsonValue().map(toPlainJson),
    });
    return fc
      .tuple(more, outcome(names, true))
      .map(([parts, end]) => ({ ...parts, ...(chosen === undefined ? {} : { variants: chosen }), ...end }));
  });
}

/** Valid documents: the parser reports no error in them, though perhaps warnings. */
export function flagDocument(): Arbitrary<FlagDocument> {
  const names = fc.uniqueArray(key, { maxLength: 3 });
  return fc.tuple(names, fc.uniqueArray(key, { maxLength: 4 })).chain(([segments, keys]) =>
    fc
      .tuple(
        fc.tuple(...segments.map((_, index) => condition(segments.slice(0, index)))),
        // Only flags with the default variants are required, so that `on` is theirs.
        fc.tuple(...keys.map((_, index) => flag(index === 0 ? [] : ['base-flag'], segments))),
      )
      .map(([conditions, flags]) => {
        const document: Mutable<FlagDocument> = {
          version: 1,
          flags: Object.fromEntries([
            ['base-flag', { enabled: true }],
            ...keys.map((name, index) => [name, flags[index]!] as const),
          ]),
        };
        if (segments.length > 0)
          document.segments = Object.fromEntries(segments.map((name, index) => [name, conditions[index]!]));
        return document;
      }),
  );
}
