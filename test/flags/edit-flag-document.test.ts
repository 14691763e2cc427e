import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { editFlagDocumentText } from '../../src/flags/edit-flag-document.js';
import { readFlagDocumentText } from '../../src/flags/flag-document-text.js';
import type { FlagDocument, WrittenFlag } from '../../src/flags/flag-document.js';
import { FlagDocumentError } from '../../src/flags/problem.js';

const text = `# The flags of our shop.
version: 1

flags:
  # Ask Ana before you touch this.
  new-checkout:
    description: 'New checkout flow'   # single quotes
    rules:
      - name: paying   # who pays
        when: {plan: [pro,   enterprise]}
        serve: on
      # everyone who works here
      - name: staff
        serve: on
    rollout: 10    # everyone else


  # A kill switch.
  payments: { kind: operational,   owner: payments-team }

  text:
    description: |
      one
      two
    variants:
      control: blue
      a: green
# that is all
segments:
  beta: { any: [{ beta: true }] }
`;

describe('editFlagDocumentText', () => {
  it('returns the same texts when nothing changes', () => {
    const sources = [{ name: 'flags.yaml', text }];
    expect(editFlagDocumentText(sources, (document) => document)).toBe(sources);
    expect(editFlagDocumentText(sources, (document) => structuredClone(document))).toBe(sources);
  });

  it('changes a value and no other character', () => {
    expect(edit(text, flag('new-checkout', { rollout: 25 }))).toBe(text.replace('rollout: 10 ', 'rollout: 25 '));
  });

  it('changes a value inside a rule and no other character', () => {
    const after = edit(text, (document) => {
      const rules = document.flags['new-checkout']!.rules!.map((rule, index) =>
        index === 1 ? { ...rule, serve: 'off' } : rule,
      );
      return flag('new-checkout', { rules })(document);
    });
    expect(after).toBe(text.replace('name: staff\n        serve: on', 'name: staff\n        serve: off'));
  });

  it('adds a key to a flag, behind the others', () => {
    const after = edit(text, flag('new-checkout', { tags: ['a', 'b'] }));
    expect(after).toBe(text.replace('# everyone else\n', '# everyone else\n    tags: [a, b]\n'));
  });

  it('adds a flag behind the others, apart from them as they are from each other', () => {
    const after = edit(text, flag('fresh', { variants: { on: { a: 1 }, off: { a: 2 } }, rollout: 5, owner: 'x: y' }));
    const added = `
  fresh:
    variants:
      on: { a: 1 }
      off: { a: 2 }
    rollout: 5
    owner: "x: y"
`;
    expect(after).toBe(text.replace('      a: green\n', `      a: green\n${added}`));
  });

  it('removes a flag with the comment above it', () => {
    const after = edit(text, without('payments'));
    expect(after).toBe(text.replace(/\n {2}# A kill switch\.\n {2}payments.*\n/, ''));
  });

  it('removes a key of a flag', () => {
    const after = edit(text, (document) => {
      const entries = Object.entries(document.flags['new-checkout']!).filter(([name]) => name !== 'description');
      return { ...document, flags: { ...document.flags, 'new-checkout': Object.fromEntries(entries) } };
    });
    expect(after).toBe(text.replace(/ {4}description: 'New.*\n/, ''));
  });

  it('keeps braces where there were braces', () => {
    expect(edit(text, flag('payments', { owner: 'ops' }))).toContain('payments: { kind: operational, owner: ops }\n');
  });

  it('turns a number into a schedule and back', () => {
    const stages = [{ percentage: 1, hours: 24 }, { percentage: 100 }];
    const scheduled = edit(text, flag('new-checkout', { rollout: { stages } }));
    expect(scheduled).toContain(
      '    rollout: { stages: [{ percentage: 1, hours: 24 }, { percentage: 100 }] }    # everyone else\n',
    );
    expect(edit(scheduled, flag('new-checkout', { rollout: 10 }))).toBe(text);
  });

  it('writes a new order of variants, because it counts', () => {
    const after = edit(text, flag('text', { variants: { a: 'green', control: 'blue' } }));
    expect(after.indexOf('a: green')).toBeLessThan(after.indexOf('control: blue'));
  });

  it('leaves the order of flags as it is written', () => {
    const reversed = (document: FlagDocument): FlagDocument => ({
      ...document,
      flags: Object.fromEntries(Object.entries(document.flags).toReversed()),
    });
    expect(edit(text, reversed)).toBe(text);
  });

  it('removes the last flag, and adds one where there is none', () => {
    const one = 'version: 1\nflags:\n  a: { rollout: 1 }\n';
    const none = edit(one, without('a'));
    expect(none).toBe('version: 1\nflags: {}\n');
    expect(edit(none, flag('a', { rollout: 1 }))).toBe('version: 1\nflags:\n  a: { rollout: 1 }\n');
  });

  it('keeps the indentation, the line ends and the byte order mark', () => {
    const windows = `\uFEFFversion: 1\nflags:\n    a:\n        rollout: 1 # one\n    b: {}`.replaceAll('\n', '\r\n');
    const after = edit(windows, (document) =>
      flag('a', { rollout: 2, tags: ['x'] })(
        flag('c', { rules: [{ name: 'r', when: { a: { b: 1 } as never }, serve: 'on' }] })(document),
      ),
    );
    expect(after.startsWith('\uFEFFversion: 1\r\n')).toBe(true);
    expect(after).toContain('        rollout: 2 # one\r\n        tags: [x]\r\n');
    expect(after).toMatch(/\r\n {4}c:\r\n {8}rules:/);
    expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it.each(['  ', '    ', '\t', ''])('keeps JSON as JSON, indented by "%s"', (indentation) => {
    const json = JSON.stringify({ version: 1, flags: { b: { rollout: 1 }, a: {} } }, undefined, indentation) + '\n';
    const after = edit(json, flag('b', { rollout: 2 }));
    expect(after).toBe(json.replace(/("rollout": ?)1/, '$12'));
  });

  it('spells out aliases that stand in the way, and keeps the comments', () => {
    const aliased = 'version: 1\nflags:\n  a: &a # first\n    rollout: 1\n  b: *a # second\n';
    const after = edit(aliased, flag('a', { rollout: 2 }));
    expect(read(after).flags).toEqual({ a: { rollout: 2 }, b: { rollout: 1 } });
    expect(after).toContain('# first');
    expect(after).toContain('# second');
  });

  it('writes documents in braces line by line, and keeps the comments', () => {
    const after = edit('{ version: 1, # one\n flags: { a: { rollout: 1 } } }', flag('b', { rollout: 2 }));
    expect(read(after).flags).toEqual({ a: { rollout: 1 }, b: { rollout: 2 } });
    expect(after).toContain('# one');
  });

  it('refuses texts that cannot be read', () => {
    expect(() => edit('flags: [}', (document) => document)).toThrow(FlagDocumentError);
  });

  it('leaves merge keys alone where they are not in the way, and spells them out where they are', () => {
    const merging = 'version: 1\nx-base: &base { owner: ana }\nflags:\n  a:\n    <<: *base # common\n    rollout: 1\n';
    expect(edit(merging, flag('a', { rollout: 2, owner: 'ben' }))).toBe(
      merging.replace('rollout: 1\n', 'rollout: 2\n    owner: ben\n'),
    );
    const without = edit(merging, (document) => ({ ...document, flags: { a: { rollout: 1 } } }));
    expect(read(without).flags).toEqual({ a: { rollout: 1 } });
  });

  describe('of several texts', () => {
    const base = {
      name: 'flags.yaml',
      text: 'version: 1\nflags:\n  a:\n    owner: x\n    rollout: 1 # base\n  b: {}\n',
    };
    const overlay = { name: 'production.yaml', text: 'version: 1\nflags:\n  a:\n    rollout: 2 # overlay\n' };
    const editBoth = (change: (document: FlagDocument) => FlagDocument): readonly string[] =>
      editFlagDocumentText([base, overlay], change).map((source) => source.text);

    it('changes the last one alone, which overrules the others', () => {
      const change = (document: FlagDocument): FlagDocument =>
        flag('c', { rollout: 5 })(flag('a', { rollout: 3, owner: 'y' })(document));
      expect(editBoth(change)).toEqual([
        base.text,
        `${overlay.text.replace('rollout: 2', 'rollout: 3')}    owner: y\n  c: { rollout: 5 }\n`,
      ]);
    });

    it('overrules another outcome of an earlier one', () => {
      const served = { name: 'flags.yaml', text: 'version: 1\nflags:\n  a: { serve: on }\n' };
      const edited = editFlagDocumentText([served, { name: 'production.yaml', text: 'flags: {}\n' }], (document) => ({
        ...document,
        flags: { a: { rollout: 50 } },
      }));
      expect(edited[0]).toBe(served);
      expect(readFlagDocumentText(edited).document).toEqual({ version: 1, flags: { a: { rollout: 50 } } });
    });

    it('removes what the last one says, and refuses to take away what another says', () => {
      expect(editBoth(flag('a', { rollout: 1 }))).toEqual([base.text, expect.stringContaining('rollout: 1')]);
      expect(() => editBoth(without('a'))).toThrow(
        'flags.a is said in flags.yaml. Only production.yaml is changed, which can overrule the others but not take away what they say.',
      );
    });
  });

  it('says afterwards exactly what was meant, however it was written', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, anyStyle, (before, change, style) => {
        const written = style(before);
        // The style may have written what reads as something else, such as a merge key.
        fc.pre(JSON.stringify(readFlagDocumentText([{ name: '', text: written }]).document) === JSON.stringify(before));
        const target = mixed(before, change);
        const after = edit(written, () => target);
        expect(read(after)).toEqual(target);
        expect(orders(read(after))).toEqual(orders(target));
      }),
      { numRuns: 400 },
    );
  });

  it('keeps the text of every flag that stays the same', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(anyDocument, anyFlag, (before, changed) => {
        const [first, ...others] = Object.keys(before.flags);
        fc.pre(first !== undefined);
        const blocks = new Map(
          Object.entries(before.flags).map(([key, value]) => [
            key,
            `  # about ${key}\n${stringify({ [key]: value }, { lineWidth: 0 })
              .trimEnd()
              .replace(/^(?=.)/gm, '  ')} # end of ${key}\n`,
          ]),
        );
        const whole = `version: 1\nflags:\n${[...blocks.values()].join('\n')}`;
        const same = readFlagDocumentText([{ name: '', text: whole }]);
        fc.pre(same.document !== undefined && JSON.stringify(same.document) === JSON.stringify(before));
        const after = edit(whole, (document) => ({ ...document, flags: { ...document.flags, [first]: changed } }));
        for (const key of others) expect(after).toContain(blocks.get(key));
      }),
      { numRuns: 200 },
    );
  });
});

const key = fc.stringMatching(/^[a-z][a-z0-9._/-]{0,6}$/);
const scalar = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom(
    'on',
    'off',
    'yes',
    'null',
    '~',
    '<<',
    '1',
    '0x1',
    '- a',
    'a: b',
    '# c',
    ' x ',
    'a\nb\n',
    '---',
    '*a',
    '&a',
    '!x',
    '2027-01-01',
    '[',
    '{',
    ',',
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(key, fc.string({ minLength: 1, maxLength: 5 })), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
}));
const name = fc.constantFrom('rollout', 'rules', 'variants', 'description', 'split', 'targets', 'metadata');
const anyFlag = fc.dictionary(name, anyValue, {
  maxKeys: 4,
  noNullPrototype: true,
}) as unknown as fc.Arbitrary<WrittenFlag>;
const anyDocument: fc.Arbitrary<FlagDocument> = fc
  .record({
    flags: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd/e', 'constructor', 'null', '1x'), anyFlag, {
      maxKeys: 5,
      noNullPrototype: true,
    }),
    segments: fc.option(fc.dictionary(key, anyValue, { maxKeys: 3, noNullPrototype: true }), { nil: undefined }),
  })
  .map(({ flags, segments }) => JSON.parse(JSON.stringify({ version: 1, flags, segments })) as FlagDocument);
const anyStyle: fc.Arbitrary<(document: FlagDocument) => string> = fc.oneof(
  fc
    .constantFrom(2, 4)
    .map(
      (indent) => (document: FlagDocument) =>
        stringify(document, { indent, lineWidth: 0, aliasDuplicateObjects: false }),
    ),
  fc.constant((document: FlagDocument) =>
    stringify(document, { indentSeq: false, blockQuote: 'literal', aliasDuplicateObjects: false }).replaceAll(
      /^( *)(?=[a-z]+:)/gm,
      '$1# comment\n$1',
    ),
  ),
  fc.constant((document: FlagDocument) =>
    stringify(document, { collectionStyle: 'flow', aliasDuplicateObjects: false }),
  ),
  fc.constant((document: FlagDocument) => JSON.stringify(document, undefined, 2)),
);

/** Some of the one, some of the other. */
function mixed(before: FlagDocument, change: FlagDocument): FlagDocument {
  const flags = { ...before.flags };
  for (const [key, flag] of Object.entries(change.flags)) {
    if (Object.keys(flag).length === 0) Reflect.deleteProperty(flags, key);
    else flags[key] = { ...flags[key], ...flag };
  }
  return { ...before, ...(change.segments === undefined ? {} : { segments: change.segments }), flags };
}

/** The order of keys below a flag's own. */
function orders({ flags }: FlagDocument): unknown {
  return Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => [
      key,
      Object.fromEntries(Object.entries(flag).map(([name, value]) => [name, JSON.stringify(value)])),
    ]),
  );
}

function edit(text: string, change: (document: FlagDocument) => FlagDocument): string {
  return editFlagDocumentText([{ name: 'flags.yaml', text }], change)[0]!.text;
}

function read(text: string): FlagDocument {
  return readFlagDocumentText([{ name: 'flags.yaml', text }]).document as FlagDocument;
}

function flag(key: string, changes: WrittenFlag): (document: FlagDocument) => FlagDocument {
  return (document) => ({ ...document, flags: { ...document.flags, [key]: { ...document.flags[key], ...changes } } });
}

function without(key: string): (document: FlagDocument) => FlagDocument {
  return (document) => ({
    ...document,
    flags: Object.fromEntries(Object.entries(document.flags).filter(([name]) => name !== key)),
  });
}
