import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { createFlagDocumentSchema } from '../../.config/schema.mjs';
import { parseFlagDocumentText } from '../../src/flags/flag-document-text.js';
import { parseFlagState } from '../../src/flags/flag-state-text.js';
import { parseFlagDocument } from '../../src/flags/parse-flag-document.js';
import { anyValue, flagDocument } from './arbitraries.js';
import { exampleText } from './example.js';
import { errorsOf } from './parse.js';

const flagFields = [
  'description',
  'kind',
  'owner',
  'created',
  'enabled',
  'variants',
  'offVariant',
  'targets',
  'rules',
  'requires',
  'serve',
  'rollout',
  'split',
  'by',
  'tags',
  'metadata',
  'breaker',
  'x-a',
  'percentage',
];

const anyDocument = fc.oneof(
  anyValue,
  fc.record({
    version: fc.constant(1),
    flags: fc.oneof(anyValue, fc.dictionary(fc.string(), fc.dictionary(fc.constantFrom(...flagFields), anyValue))),
    segments: anyValue,
  }),
  fc.record({
    version: fc.constant(1),
    flags: fc.record({
      f: fc.record({
        serve: anyValue,
        rules: fc.array(
          fc.record({
            when: fc.dictionary(
              fc.constantFrom('any', 'all', 'not', 'segment', 'attribute', 'operator', 'value', 'plan'),
              anyValue,
            ),
            serve: anyValue,
          }),
        ),
      }),
    }),
  }),
);

describe('for all inputs', () => {
  it('never throws, whatever the document is, and never pollutes a prototype', () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, (document, earlier) => {
        const previous = { document: earlier, parsed: parseFlagDocument(earlier) };
        parseFlagDocument(document, { previous });
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it('never throws, whatever the text is', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'flags:\n',
        '  a: ',
        '&a ',
        '*a',
        '<<: ',
        '{',
        '}',
        '[',
        ']',
        '- ',
        '\t',
        '\n',
        '---\n',
        '? ',
        '"',
        '!!set ',
        '!!binary x',
        '%YAML 1.1\n',
        '|\n',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        parseFlagDocumentText([{ name: 'a', text: pieces.join('') }]);
      }),
      { numRuns: 600 },
    );
  });

  it('never throws on a state', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyValue, fc.record({ kills: fc.dictionary(fc.string(), anyValue) })),
        (value) => void parseFlagState(value),
      ),
    );
  });

  it('accepts valid documents, and takes the same from the object and from its YAML and JSON', () => {
    fc.assert(
      fc.property(flagDocument(), (document) => {
        const direct = parseFlagDocument(document);
        expect(errorsOf(direct)).toEqual([]);
        for (const text of [JSON.stringify(document), stringify(document)]) {
          const read = parseFlagDocumentText([{ name: 'a', text }]);
          expect(errorsOf(read)).toEqual([]);
          expect(read.flags).toEqual(direct.flags);
          expect(read.segments).toEqual(direct.segments);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keeps every object of an unchanged document', () => {
    fc.assert(
      fc.property(flagDocument(), (document) => {
        const parsed = parseFlagDocument(document);
        const again = parseFlagDocument(structuredClone(document), { previous: { document, parsed } });
        expect(again.problems).toEqual(parsed.problems);
        expect(again.segmentUses).toEqual(parsed.segmentUses);
        for (const [key, flag] of parsed.flags) expect(again.flags.get(key)).toBe(flag);
        for (const [name, segment] of parsed.segments) expect(again.segments.get(name)).toBe(segment);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the JSON Schema agrees with the parser', () => {
  const isValid = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(createFlagDocumentSchema());

  it('accepts the documented example', () => {
    expect(isValid(parse(exampleText)), JSON.stringify(isValid.errors)).toBe(true);
  });

  it('accepts what the parser accepts', () => {
    fc.assert(
      fc.property(flagDocument(), (document) => {
        expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('accepts a changed document if the parser does', () => {
    fc.assert(
      fc.property(
        flagDocument(),
        fc.infiniteStream(fc.nat()),
        fc.constantFrom('replace', 'delete', 'add', 'rename'),
        fc.jsonValue(),
        (document, choices, change, value) => {
          const mutated = mutate(structuredClone(document), choices, change, value);
          if (errorsOf(parseFlagDocument(mutated)).length > 0) return;
          expect(isValid(mutated), `${JSON.stringify(mutated)} ${JSON.stringify(isValid.errors)}`).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['an unknown key at the top', { version: 1, flags: {}, featurs: {} }],
    ['an unknown key on a flag', { version: 1, flags: { f: { percentge: 10 } } }],
    ['an unknown key in a rollout', { version: 1, flags: { f: { rollout: { percentage: 10, curv: 'linear' } } } }],
    ['an unknown key on a rule', { version: 1, flags: { f: { rules: [{ serve: 'on', wen: {} }], serve: 'off' } } }],
    [
      'an unknown operator',
      {
        version: 1,
        flags: { f: { rules: [{ when: { attribute: 'a', operator: 'eq', value: 1 }, serve: 'on' }], serve: 'off' } },
      },
    ],
    [
      'a comparison without an operator',
      { version: 1, flags: { f: { rules: [{ when: { attribute: 'a', value: 1 }, serve: 'on' }], serve: 'off' } } },
    ],
    [
      'a mapping under an attribute',
      { version: 1, flags: { f: { rules: [{ when: { plan: { name: 'pro' } }, serve: 'on' }], serve: 'off' } } },
    ],
    [
      'null under an attribute',
      { version: 1, flags: { f: { rules: [{ when: { plan: null }, serve: 'on' }], serve: 'off' } } },
    ],
    ['a percentage above 100', { version: 1, flags: { f: { rollout: 101 } } }],
    ['a percentage as text', { version: 1, flags: { f: { rollout: '10' } } }],
    ['a list of flags', { version: 1, flags: [] }],
    ['a flag that is null', { version: 1, flags: { f: null } }],
    ['units that are no list', { version: 1, flags: { f: { targets: { on: 'u' }, serve: 'off' } } }],
    ['a key that is none', { version: 1, flags: { 'bad key': {} } }],
    ['no version', { flags: {} }],
    ['another version', { version: 2, flags: {} }],
    ['a weight below zero', { version: 1, flags: { f: { split: { on: -1, off: 2 } } } }],
  ])('refuses %s, as the parser does', (_, document) => {
    expect(isValid(document)).toBe(false);
    expect(errorsOf(parseFlagDocument(document))).not.toEqual([]);
  });

  it('has a title and describes what an editor completes', () => {
    const schema = createFlagDocumentSchema() as {
      readonly definitions: Readonly<Record<string, { readonly properties: Readonly<Record<string, object>> }>>;
    };
    expect(schema).toMatchObject({ title: 'Halyard flag document', $schema: expect.stringContaining('draft-07') });
    for (const [name, property] of Object.entries(schema.definitions['WrittenFlag']!.properties))
      expect(property, name).toHaveProperty('description');
  });

  it('leaves x- keys free in both', () => {
    const flag = {
      'x-a': null,
      rules: [
        { 'x-b': {}, when: { attribute: 'a', operator: 'exists', 'x-c': 1 }, rollout: { percentage: 1, 'x-d': [] } },
      ],
      serve: 'off',
      breaker: { 'x-e': 1 },
      requires: [],
    };
    const document = { version: 1, 'x-f': 1, flags: { f: flag } };
    expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
    expect(errorsOf(parseFlagDocument(document))).toEqual([]);
  });
});

function mutate(document: unknown, choices: { next(): { value?: number } }, change: string, value: unknown): unknown {
  const places: { readonly holder: Record<string, unknown>; readonly name: string }[] = [];
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const name of Object.keys(node)) {
      places.push({ holder: node as Record<string, unknown>, name });
      collect((node as Record<string, unknown>)[name]);
    }
  };
  collect(document);
  const pick = (): number => choices.next().value ?? 0;
  const { holder, name } = places[pick() % places.length]!;
  const words = [
    'serve',
    'rollout',
    'split',
    'targets',
    'rules',
    'when',
    'segment',
    'any',
    'value',
    'attribute',
    'operator',
    'x-a',
    'from',
    'weights',
  ];
  const word = words[pick() % words.length]!;
  if (change === 'replace') holder[name] = value;
  else if (change === 'delete') Reflect.deleteProperty(holder, name);
  else if (change === 'rename') {
    holder[word] = holder[name];
    Reflect.deleteProperty(holder, name);
  } else holder[word] = value;
  return document;
}
