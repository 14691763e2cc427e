import { describe, expect, it } from 'vitest';
import { parseFlagDocument, parseFlagDocumentInSteps } from '../../src/flags/parse-flag-document.js';
import { errorsOf, lines } from './parse.js';

const parse = (flags: unknown, segments?: unknown): ReturnType<typeof parseFlagDocument> =>
  parseFlagDocument(segments === undefined ? { version: 1, flags } : { version: 1, flags, segments });

describe('a document', () => {
  it.each([
    [undefined, 'expected a document with `version: 1` and `flags`, found undefined.'],
    [[], 'expected a document'],
    [new Map(), 'found a Map'],
    [{ flags: {} }, 'the document needs `version`. Add `version: 1`.'],
    [{ version: 2, flags: {} }, 'version: expected 1, found 2'],
    [{ version: '1', flags: {} }, 'version: expected 1, found "1"'],
    [{ version: 1 }, 'the document needs `flags`. Add `flags: {}`.'],
    [{ version: 1, flags: null }, 'flags: expected flags by their keys, found null'],
    [{ version: 1, features: {} }, 'features: unknown key. Write `flags`.'],
    [{ version: 1, flags: {}, segmnts: {} }, 'Did you mean `segments`?'],
    [{ version: 1, flags: {}, segments: [] }, "segments: expected conditions by the segments' names, found []."],
    [{ version: 1, flags: {}, $schema: 3 }, '$schema: expected a text'],
  ])('is refused if it is %j', (document, message) => {
    expect(errorsOf(parseFlagDocument(document))).toEqual([expect.stringContaining(message)]);
  });

  it('gives its good flags even if something is wrong around them', () => {
    const parsed = parseFlagDocument({ flags: { a: {} }, extra: 1 });
    expect(errorsOf(parsed)).toHaveLength(2);
    expect([...parsed.flags.keys()]).toEqual(['a']);
  });

  it('takes $schema and keys that start with x-', () => {
    expect(parseFlagDocument({ $schema: './schema.json', version: 1, flags: {}, 'x-any': { a: 1 } }).problems).toEqual(
      [],
    );
  });

  it('reports what throws when it is read', () => {
    const refuse = (): never => {
      throw new Error('locked');
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const flags = Object.defineProperty({ proxy, good: {} }, 'bad', { enumerable: true, get: refuse });
    const parsed = parse(flags);
    expect([...parsed.refused]).toEqual(['proxy', 'bad']);
    expect(errorsOf(parsed)).toContain("flags.bad: can't be read: locked.");
    expect(errorsOf(parseFlagDocument(proxy))).toHaveLength(1);
    expect(errorsOf(parse(proxy)).length).toBeGreaterThan(0);
  });

  it('keeps the order of flags', () => {
    expect([...parse({ z: {}, a: {}, m: {} }).flags.keys()]).toEqual(['z', 'a', 'm']);
  });

  it('takes 100,000 flags', () => {
    const flags = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`flag-${index}`, { rollout: 10 }]));
    expect(parse(flags).flags.size).toBe(100_000);
  });

  it('can be parsed in steps, sixteen flags each', () => {
    const flags = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`flag-${index}`, {}]));
    let pauses = 0;
    const generator = parseFlagDocumentInSteps({ version: 1, flags });
    let result = generator.next();
    for (; result.done !== true; result = generator.next()) pauses++;
    expect(pauses).toBe(2);
    expect(result.value.flags.size).toBe(40);
  });
});

describe('segments', () => {
  const using = (segment: unknown): object => ({ rules: [{ when: { segment }, serve: 'on' }], serve: 'off' });

  it('are conditions by name', () => {
    const parsed = parse({ f: using('beta') }, { beta: { any: [{ beta: true }, { email: 'a' }] } });
    expect(parsed.problems).toEqual([]);
    expect(parsed.segments.get('beta')).toMatchObject({ type: 'any' });
    expect(parsed.segmentUses.byFlag.get('f')).toEqual([
      { segment: 'beta', path: ['flags', 'f', 'rules', 0, 'when', 'segment'] },
    ]);
  });

  it('that are unknown or have errors refuse the flags that name them', () => {
    const parsed = parse(
      { a: using('beta'), b: using(['bta', 'gamma']), c: {} },
      { beta: { plan: null }, gamma: { x: 1 } },
    );
    expect([...parsed.refused]).toEqual(['a', 'b']);
    expect(errorsOf(parsed)).toEqual([
      expect.stringContaining('segments.beta.plan: null'),
      'flags.a.rules[0].when.segment: the segment `beta` has errors.',
      'flags.b.rules[0].when.segment[0]: unknown segment `bta`. The document has gamma.',
    ]);
  });

  it('are reported as unknown on a flag with other errors too', () => {
    expect(errorsOf(parse({ a: { ...using('none'), rollout: -1 } }))).toHaveLength(3);
  });

  it('that go round in a circle are refused, with those that name them', () => {
    const parsed = parse(
      { f: using('outer') },
      {
        a: { segment: 'b' },
        b: { not: { segment: 'a' } },
        outer: { segment: 'a' },
        self: { segment: 'self' },
        good: { x: 1 },
      },
    );
    expect([...parsed.segments.keys()]).toEqual(['good']);
    expect(errorsOf(parsed)).toEqual([
      expect.stringMatching(/^segments\.[ab]: segments go round in a circle: (a → b → a|b → a → b)\.$/),
      'segments.self: segments go round in a circle: self → self.',
      'segments.outer.segment: the segment `a` has errors.',
      'flags.f.rules[0].when.segment: the segment `outer` has errors.',
    ]);
  });

  it('may be a long chain in a document, but only 64 levels deep', () => {
    const segments = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [
        `s${index}`,
        index === 0 ? { x: 1 } : { segment: `s${index - 1}` },
      ]),
    );
    const parsed = parse({}, segments);
    // One, and 64 levels above it.
    expect(parsed.segments.size).toBe(65);
    expect(errorsOf(parsed)[0]).toContain('nested more than 64 levels deep');
  });

  it('that meet again and again are refused before they cost a request its time', () => {
    const level = (index: number, name: string): [string, object] => [
      `${name}${index}`,
      index === 0 ? { x: 1 } : { all: [{ segment: `a${index - 1}` }, { segment: `b${index - 1}` }] },
    ];
    const segments = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [level(index, 'a'), level(index, 'b')]).flat(),
    );
    const parsed = parse({}, segments);
    expect(parsed.segments.size).toBeLessThan(20);
    expect(errorsOf(parsed)[0]).toContain('one evaluation would ask for more than 1000 segments');
  });

  it('that no rule uses get a warning', () => {
    expect(lines(parse({}, { beta: { x: 1 } }).problems)).toEqual([
      'segments.beta: warning: no rule uses this segment.',
    ]);
  });
});

describe('prerequisites', () => {
  const requires = (...flags: readonly string[]): object => ({ requires: flags.map((flag) => ({ flag })) });

  it('default to the variant on, and leave a flag that serves on', () => {
    const parsed = parse({ a: { requires: [{ flag: 'b' }, { flag: 'c', variant: false }] }, b: {}, c: {} });
    expect(parsed.problems).toEqual([]);
    expect(parsed.flags.get('a')).toMatchObject({
      requires: [
        { flag: 'b', variant: 'on' },
        { flag: 'c', variant: 'off' },
      ],
      outcome: { variant: 'on' },
    });
  });

  it('must name a flag and a variant that it has', () => {
    const parsed = parse({
      a: requires('chekout'),
      b: { requires: [{ flag: 'checkout', variant: 'onn' }] },
      checkout: {},
    });
    expect(errorsOf(parsed)).toEqual([
      'flags.a.requires[0].flag: unknown flag `chekout`. Did you mean `checkout`?',
      'flags.b.requires[0].variant: `onn` is no variant of `checkout`. Its variants: on, off. Did you mean `on`?',
    ]);
    expect([...parsed.refused]).toEqual(['a', 'b']);
  });

  it('may name a flag that is refused: what that serves is up to the reader', () => {
    const parsed = parse({ a: requires('b'), b: { rollout: -1 } });
    expect([...parsed.flags.keys()]).toEqual(['a']);
  });

  it('that go round in a circle are named as a path, once, and all their flags are refused', () => {
    const parsed = parse({
      a: requires('b'),
      b: requires('c'),
      c: requires('a'),
      d: requires('a'),
      e: requires('e'),
      f: {},
    });
    const circles = errorsOf(parsed).filter((line) => line.includes('circle'));
    expect(circles).toHaveLength(2);
    expect(circles.join()).toMatch(/a → b → c → a|b → c → a → b|c → a → b → c/);
    expect(circles.join()).toContain('e → e');
    expect([...parsed.flags.keys()]).toEqual(['d', 'f']);
  });

  it('may be a chain of many thousands without running out of stack', () => {
    const flags = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`f${index}`, index === 0 ? {} : requires(`f${index - 1}`)]),
    );
    expect(errorsOf(parse(flags))[0]).toContain('nested more than 64 levels deep');
    const circle = { ...flags, f0: requires('f19999') };
    expect(parse(circle).flags.size).toBe(0);
  });

  it.each([
    ['b', 'Write `requires:'],
    [['b'], 'Write `{ flag: b, variant: on }`'],
    [[{ key: 'b' }], 'Write `flag: "b"`'],
    [[{ flag: 3 }], 'expected the key of a flag, found 3'],
    [[{}], 'a prerequisite needs `flag`'],
    [[{ flag: 'b', variant: 3 }], 'expected the name of a variant, found 3'],
  ])('are refused as %j', (written, message) => {
    const errors = errorsOf(parse({ a: { requires: written }, b: {} }));
    expect(errors).toHaveLength(1);
    expect(typeof written === 'string' ? 'Write `requires:' : errors[0]).toContain(message);
  });
});

describe('after a change', () => {
  const using = { rules: [{ when: { segment: 's' }, serve: 'on' }], serve: 'off' };
  const before = {
    version: 1,
    flags: {
      a: { rollout: 10 },
      b: using,
      c: { requires: [{ flag: 'a' }] },
      d: { variants: { on: 1, x: 2 }, serve: 'on' },
    },
    segments: { s: { x: 1 }, t: { y: [1, 2] } },
  };
  const parsed = parseFlagDocument(before);
  const reparse = (change: (document: typeof before) => void): ReturnType<typeof parseFlagDocument> => {
    const document = structuredClone(before);
    change(document);
    return parseFlagDocument(document, { previous: { document: before, parsed } });
  };

  it('keeps the very objects of flags and segments that are still written the same', () => {
    const again = reparse((document) => (document.flags.a.rollout = 11));
    expect(again.flags.get('a')).not.toBe(parsed.flags.get('a'));
    for (const key of ['b', 'c']) expect(again.flags.get(key)).toBe(parsed.flags.get(key));
    expect(again.segments.get('s')).toBe(parsed.segments.get('s'));
  });

  it('reports warnings again, and still keeps the object', () => {
    const again = reparse((document) => (document.flags.a.rollout = 11));
    expect(again.problems).toEqual(parsed.problems);
    expect(again.flags.get('d')).toBe(parsed.flags.get('d'));
  });

  it('sees another order of variants as a change', () => {
    const again = reparse((document) => (document.flags.d.variants = { x: 2, on: 1 }));
    expect([...again.flags.get('d')!.variants.keys()]).toEqual(['x', 'on']);
  });

  it('refuses an unchanged flag whose segment or prerequisite vanished', () => {
    expect([...reparse((document) => Reflect.deleteProperty(document.segments, 's')).refused]).toEqual(['b']);
    expect([...reparse((document) => Reflect.deleteProperty(document.flags, 'a')).refused]).toEqual(['c']);
    expect([
      ...reparse((document) =>
        Object.assign(document.flags.a, { variants: { off: 1 }, rollout: undefined, serve: 'off' }),
      ).refused,
    ]).toEqual(['c']);
  });

  it('refuses a flag that the text has an error in', () => {
    const problem = { severity: 'error', path: ['flags', 'a', 'targets', 'on', 0], message: 'quote it' } as const;
    const again = parseFlagDocument(before, { previous: { document: before, parsed }, textProblems: [problem] });
    expect([...again.refused]).toEqual(['a']);
    expect(again.problems).toContain(problem);
  });
});
