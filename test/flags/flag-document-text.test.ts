import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { locateProblems, parseFlagDocumentText, readFlagDocumentText } from '../../src/flags/flag-document-text.js';
import { exampleText } from './example.js';
import { lines, textProblems } from './parse.js';

const read = (...texts: readonly string[]): ReturnType<typeof readFlagDocumentText> =>
  readFlagDocumentText(texts.map((text, index) => ({ name: `${index}.yaml`, text })));
const parse = (...texts: readonly string[]): ReturnType<typeof parseFlagDocumentText> =>
  parseFlagDocumentText(texts.map((text, index) => ({ name: `${index}.yaml`, text })));
const head = 'version: 1\nflags:\n';

describe('a text', () => {
  it('is YAML', () => {
    const parsed = parse(exampleText);
    expect(parsed.problems).toEqual([]);
    expect([...parsed.flags.keys()]).toEqual(['new-checkout', 'button-color', 'payments']);
    expect(parsed.flags.get('new-checkout')?.targets.get('user_123')).toBe('on');
  });

  it("has line and column for every problem, in the text's order", () => {
    const text = `${head}  a:\n    percentage: 10\n  b:\n    targets: { on: [u] }\n  c:\n    split: { on: 0, off: 0 }\nfeaturs: {}\n`;
    expect(textProblems(text)).toEqual([
      'flags.yaml:4:5 flags.a.percentage: unknown key. Write `rollout: 10`.',
      'flags.yaml:5:3 flags.b: has targets but does not say what everyone else gets. Add `serve: off`.',
      'flags.yaml:8:5 flags.c.split: weights must not all be zero, found { on: 0, off: 0 }.',
      'flags.yaml:9:1 featurs: unknown key. Write `flags`.',
    ]);
  });

  it.each([
    ['is empty', '', 'flags.yaml:1:1: the text is empty. Write `version: 1` and `flags: {}`.'],
    ['has only comments', '# flags\n\n# none yet\n', 'the text is empty'],
    ['is only null', '~', 'the text is empty'],
    ['is a list', '- a', 'expected a document'],
    [
      'is indented by tabs',
      'version: 1\nflags:\n\ta: {}\n',
      'flags.yaml:3:1: YAML takes no tabs for indentation. Write spaces.',
    ],
    ['has a key twice', `${head}  a: {}\n  b: {}\n  a: {}\n`, 'flags.yaml:5:3: this key is here twice'],
    ['holds two documents', `${head}  a: {}\n---\nversion: 1\n`, 'several YAML documents'],
    ['is broken', `${head}  a: {`, 'flags.yaml:3'],
    ['has a null key', `${head}  ~: {}\n`, 'a key must be a text, and this one is empty'],
    ['has a mapping as a key', `${head}  ? {a: 1}\n  : {}\n`, 'a key must be a text'],
    ['has a key that is another number', `${head}  0123: {}\n`, 'Quote it: "0123".'],
    ['has an alias of nothing', `${head}  a: *none\n`, 'none'],
    ['has an alias of itself', `${head}  a: &a { x-self: *a }\n`, '`*a` names nothing that is complete before it'],
    ['is nested without end', '['.repeat(100_000), 'flags.yaml'],
    [
      'has true and "true" as keys',
      `${head}  a:\n    targets: { true: [u], "true": [v] }\n    serve: off\n`,
      'here twice',
    ],
  ])('that %s is refused', (_, text, message) => {
    expect(textProblems(text)[0]).toContain(message);
    expect(parse(text).flags.size).toBe(0);
  });

  it('keeps on, off, yes and dates as texts', () => {
    const parsed = parse(
      `${head}  a:\n    targets:\n      on: [yes]\n      off: [no, 2026-01-01]\n    serve: off\n    created: 2026-01-01\n`,
    );
    expect(parsed.problems).toEqual([]);
    expect([...parsed.flags.get('a')!.targets]).toEqual([
      ['yes', 'on'],
      ['no', 'off'],
      ['2026-01-01', 'off'],
    ]);
  });

  it('takes true and false as the names of variants', () => {
    const parsed = parse(`${head}  a:\n    targets:\n      true: [u]\n    serve: false\n`);
    expect(parsed.problems).toEqual([]);
    expect(parsed.flags.get('a')).toMatchObject({ outcome: { variant: 'off' } });
    expect(parsed.flags.get('a')!.targets.get('u')).toBe('on');
  });

  it("must quote a unit that a number can't hold as it is written", () => {
    const parsed = parse(
      `${head}  a:\n    targets:\n      on: [0123, 42, 1.0, 12345678901234567890, "0123x"]\n    serve: off\n  b: {}\n`,
    );
    expect(lines(parsed.problems)).toEqual([
      '0.yaml:5:12 flags.a.targets.on[0]: this unit is the number 123, but it is written 0123. Quote it: "0123".',
      '0.yaml:5:22 flags.a.targets.on[2]: this unit is the number 1, but it is written 1.0. Quote it: "1.0".',
      '0.yaml:5:27 flags.a.targets.on[3]: this unit is the number 12345678901234567000, but it is written 12345678901234567890. Quote it: "12345678901234567890".',
    ]);
    expect([...parsed.flags.keys()]).toEqual(['b']);
  });

  it('finds such a unit behind merge keys and aliases, and in JSON', () => {
    const merged = `x-t: &t { targets: { on: [0123] }, serve: off }\n${head}  a: { <<: *t }\n`;
    expect(textProblems(merged)).toEqual([
      expect.stringContaining('flags.yaml:1:27 flags.a.targets.on[0]: this unit is the number 123'),
    ]);
    expect(textProblems('{"version": 1, "flags": {"a": {"targets": {"on": [1e3]}, "serve": "off"}}}')[0]).toContain(
      'written 1e3',
    );
  });

  it('may have merge keys and aliases', () => {
    const parsed = parse(
      `x-base: &base { owner: a, rollout: 10 }\n${head}  a: { <<: *base, rollout: 20 }\n  b: { <<: *base }\n  c: *base\n`,
    );
    expect(parsed.problems).toEqual([]);
    expect(parsed.flags.get('a')).toMatchObject({ owner: 'a', outcome: { rollout: { schedule: { percentage: 20 } } } });
    expect(parsed.flags.get('c')).toMatchObject({ outcome: { rollout: { schedule: { percentage: 10 } } } });
  });

  it.each([
    [
      'values',
      (level: number): string =>
        `x-${level}: &a${level} [${Array.from({ length: 9 }, () => (level === 0 ? '"lol"' : `*a${level - 1}`)).join(', ')}]`,
    ],
    [
      'merge keys',
      (level: number): string =>
        `x-${level}: &a${level} { ${level === 0 ? 'k: 1' : `<<: [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')}]`} }`,
    ],
  ])('that is an alias bomb of %s is refused at once', (_, line) => {
    const bomb = `${Array.from({ length: 12 }, (_unused, level) => line(level)).join('\n')}\n${head}  a: {}\n`;
    const startedAt = performance.now();
    expect(textProblems(bomb)).toEqual([
      expect.stringContaining('the aliases stand for more than anybody would write'),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('may begin with a byte order mark and end its lines as on Windows', () => {
    expect(parse(`\uFEFF${head}  a: {}\n`.replaceAll('\n', '\r\n')).problems).toEqual([]);
    expect(parse('\uFEFF{"version": 1, "flags": {}}').problems).toEqual([]);
  });

  it('never pollutes a prototype', () => {
    for (const text of [
      `${head}  __proto__: { polluted: true }\n`,
      '{"version": 1, "flags": {"__proto__": {"polluted": true}}}',
      `x-a: &a { __proto__: { polluted: true } }\n${head}  a: { <<: *a }\n`,
    ]) {
      const [problem] = textProblems(text);
      expect(problem).toContain('__proto__');
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      expect(Object.keys(Object.prototype)).toEqual([]);
    }
  });

  it('is refused above the limit, which can be raised', () => {
    const text = `${head}  a: { description: "${'x'.repeat(20_000_000)}" }\n`;
    expect(textProblems(text)).toEqual([expect.stringContaining('flags.yaml: the text has 20 MB, allowed are 10 MB')]);
    expect(
      readFlagDocumentText([{ name: 'a', text: `{"version": 1, "flags": {}, "x-a": "${'ä'.repeat(600)}"}` }], {
        maxBytes: 1000,
      }).document,
    ).toBeUndefined();
    expect(
      parseFlagDocumentText([{ name: 'a', text: `{"version": 1, "flags": {}, "x-a": "${'x'.repeat(11_000_000)}"}` }], {
        maxBytes: 20_000_000,
      }).problems,
    ).toEqual([]);
  });

  it('is refused if it is none at all', () => {
    expect(readFlagDocumentText([]).problems).toHaveLength(1);
    expect(readFlagDocumentText([{ name: 'a', text: undefined as unknown as string }]).problems).toHaveLength(1);
  });
});

describe('JSON', () => {
  it('is read with the places of its problems', () => {
    const text = '{\n  "version": 1,\n  "flags": {\n    "a": { "percentage": 10 }\n  }\n}';
    expect(textProblems(text)).toEqual(['flags.yaml:4:12 flags.a.percentage: unknown key. Write `rollout: 10`.']);
  });

  it('must not have a key twice', () => {
    expect(textProblems('{"version": 1, "flags": {"a": {"rollout": 1, "rollout": 2}}}')[0]).toContain(
      'this key is here twice',
    );
  });

  it('of 100,000 flags is read in seconds', () => {
    const flags = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`flag-${index}`, { rollout: 10 }]));
    expect(parse(JSON.stringify({ version: 1, flags })).flags.size).toBe(100_000);
  });
});

describe('overlays', () => {
  const base = `${head}  a: { owner: team-a, rollout: 10 }\n  b: { serve: off, rules: [] }\n  c: { split: { on: 1, off: 1 } }\nsegments:\n  s: { x: 1 }\n  t: { y: 1 }\nx-a: 1\n`;

  it('change flags per key, the later wins', () => {
    expect(read(base, 'flags:\n  a: { rollout: 50 }\n  d: {}\n').document).toMatchObject({
      version: 1,
      flags: { a: { owner: 'team-a', rollout: 50 }, d: {} },
    });
  });

  it('replace another kind of outcome', () => {
    const { document } = read(base, 'flags:\n  a: { serve: on }\n  b: { rollout: 5 }\n  c: { serve: off }\n');
    expect(document).toMatchObject({
      flags: { a: { owner: 'team-a', serve: 'on' }, b: { rollout: 5, rules: [] }, c: { serve: 'off' } },
    });
    const { flags } = document as { readonly flags: Readonly<Record<string, object>> };
    expect(Object.keys(flags['a']!)).not.toContain('rollout');
    expect(Object.keys(flags['b']!)).not.toContain('serve');
    expect(Object.keys(flags['c']!)).not.toContain('split');
  });

  it('keep a split beside a new rollout', () => {
    expect(read(base, 'flags:\n  c: { rollout: 5 }\n').document).toMatchObject({
      flags: { c: { rollout: 5, split: { on: 1, off: 1 } } },
    });
  });

  it('replace segments per name and free keys per key', () => {
    expect(read(base, 'segments:\n  s: { z: 1 }\nx-b: 2\n').document).toMatchObject({
      segments: { s: { z: 1 }, t: { y: 1 } },
      'x-a': 1,
      'x-b': 2,
    });
  });

  it('are located in the text that won', () => {
    const text = read(base, '\n\nflags:\n  a: { rollout: 500 }\n');
    expect(text.locate(['flags', 'a', 'rollout'])).toEqual({ source: '1.yaml', line: 4, column: 8 });
    expect(text.locate(['flags', 'a', 'owner'])).toEqual({ source: '0.yaml', line: 3, column: 8 });
    expect(text.locate(['flags', 'c', 'split', 'on'])).toEqual({ source: '0.yaml', line: 5, column: 17 });
    expect(text.locate(['segments', 's', 'nothing', 'here'])).toEqual({ source: '0.yaml', line: 7, column: 3 });
    expect(lines(parse(base, 'flags:\n  a: { rollout: 500 }\n').problems)[0]).toBe(
      '1.yaml:2:8 flags.a.rollout: expected a percentage from 0 to 100, found 500.',
    );
  });

  it('must all be readable', () => {
    expect(read(base, '').document).toBeUndefined();
    expect(read(base, 'flags: {').document).toBeUndefined();
  });

  it('leave the place of a problem that has one', () => {
    const located = { severity: 'error', path: ['flags', 'a'], message: 'm', source: 'x', line: 7, column: 8 } as const;
    expect(locateProblems([located], read(base))).toEqual([located]);
  });
});

it('reads what `yaml` prints of a large document', () => {
  const flags = Object.fromEntries(
    Array.from({ length: 2000 }, (_, index) => [
      `flag-${index}`,
      { rules: [{ when: { plan: ['pro'], country: 'US' }, serve: 'on' }], rollout: 10 },
    ]),
  );
  expect(parse(stringify({ version: 1, flags })).flags.size).toBe(2000);
});
