import { parse as parseBabel } from '@babel/parser';
import { parse as parseTypeScript } from '@typescript-eslint/parser';
import { describe, expect, it } from 'vitest';
import { type FindOptions, findFlagReads } from '../../src/source/find-flag-reads.js';
import type { FlagRead } from '../../src/source/flag-read.js';
import type { SyntaxNode } from '../../src/source/syntax.js';

const parsers: Readonly<Record<string, (text: string) => SyntaxNode>> = {
  "Babel's": (text) =>
    parseBabel(text, {
      sourceType: 'module',
      plugins: [['estree', { classFeatures: true }], 'typescript', 'decorators-legacy'],
    }).program,
  "typescript-eslint's": (text) => parseTypeScript(text, { range: true, loc: true, sourceType: 'module' }),
};

/** What is expected of a text: `kind key`, and what it is asked with. */
type Case = readonly [text: string, reads: readonly string[], options?: FindOptions];

const shown = ({ kind, key = '?' }: FlagRead): string => `${kind} ${key}`;

const cases: Readonly<Record<string, readonly Case[]>> = {
  'methods of what is called so': [
    ["halyard.boolean('a', false)", ['boolean a']],
    ["req.flags.string('a', 'b')", ['string a']],
    ["ctx.state.flags.number('a', 1)", ['number a']],
    ["flags.object('a', {})", ['object a']],
    ["class S { #flags; f() { this.#flags.details('a', false); } }", ['details a']],
    ["featureFlags?.explain('a')", ['explain a']],
    ["(await shopHalyard).kill('a', { by: 'me' })", ['kill a']],
    ["halyard.restore('a', {}); halyard.override('b', 'on')", ['restore a', 'override b']],
    ["halyard.protect('a', () => pay())", ['protect a']],
    ["halyard.rollout('a').pause({ by: 'me' })", ['rollout a']],
    ["getFlags().boolean('a', false)", ['boolean a']],
    ["flags!.boolean('a', false) as boolean", ['boolean a']],
    ['flags.boolean(`a`, false)', ['boolean a']],
    ["flags['boolean']('a', false)", ['boolean a']],
  ],
  'what was imported from Halyard': [
    [
      "import { createHalyard } from 'halyard'; const x = await createHalyard({}); x.boolean('a', false)",
      ['boolean a'],
    ],
    ["import type { Halyard } from 'halyard'; function f(x: Halyard) { x.boolean('a', false); }", ['boolean a']],
    [
      "import type { Halyard as H } from 'halyard'; class S { constructor(private readonly x: H) {} f() { this.x.boolean('a', false); } }",
      ['boolean a'],
    ],
    ["import { flagsOf } from 'halyard/nestjs'; const x = flagsOf(context); x.boolean('a', false)", ['boolean a']],
    ["const { createHalyard } = require('halyard'); const x = createHalyard(); x.boolean('a', false)", ['boolean a']],
    [
      "import type { Halyard } from 'halyard'; class S { #x: Halyard; f() { return this.#x.string('a', ''); } }",
      ['string a'],
    ],
    ["import type { Halyard } from 'halyard'; let x: Halyard | undefined; x?.boolean('a', false)", ['boolean a']],
  ],
  'guards and decorators': [
    [
      "import { killSwitch, requireFlag } from 'halyard/express'; app.get('/', killSwitch(h, 'a'), requireFlag(h, 'b'))",
      ['guard a', 'guard b'],
    ],
    ["import { killSwitch as guard } from 'halyard/koa'; guard(h, 'a')", ['guard a']],
    ["import * as halyardExpress from 'halyard/express'; halyardExpress.killSwitch(h, 'a')", ['guard a']],
    [
      "import { Flag, KillSwitch, RequireFlag } from 'halyard/nestjs'; @KillSwitch('a') class C { @RequireFlag('b') f(@Flag('c', false) c: boolean) {} }",
      ['decorator a', 'decorator b', 'decorator c'],
    ],
    ["import { KillSwitchGuard } from 'halyard/nestjs'; const p = { useClass: KillSwitchGuard('a') }", ['guard a']],
    ["killSwitch(halyard, 'a')", ['guard a']],
    ["import { Flag } from 'country-flags'; class C { f(@Flag('de') de: string) {} }", []],
    [
      "import { Flag } from '@shop/flags'; class C { f(@Flag('a') a: string) {} }",
      ['decorator a'],
      { knownKeys: ['a'] },
    ],
  ],
  OpenFeature: [
    ["client.getBooleanValue('a', false)", ['openfeature a']],
    ["await OpenFeature.getClient().getStringDetails('a', '')", ['openfeature a']],
    [
      "import { BooleanFeatureFlag } from '@openfeature/nestjs-sdk'; class C { f(@BooleanFeatureFlag({ flagKey: 'a', defaultValue: false }) a: unknown) {} }",
      ['decorator a'],
    ],
    [
      "import { RequireFlagsEnabled } from '@openfeature/nestjs-sdk'; @RequireFlagsEnabled({ flags: [{ flagKey: 'a' }, { flagKey: 'b' }] }) class C {}",
      ['decorator a', 'decorator b'],
    ],
  ],
  'the testing kit': [
    [
      "import { testFlags } from 'halyard/testing'; const flags = testFlags({ a: true, 'b-c': 'x' })",
      ['test a', 'test b-c'],
    ],
    [
      "import { testFlags } from 'halyard/testing'; const kit = testFlags({ version: 1, flags: { a: {} } }); kit.set({ a: true }); kit.pin('u', 'a', 'on'); kit.unitIn('b', 'on')",
      ['test a', 'test a', 'test a', 'test b'],
    ],
    [
      "import { withFlags, eachFlagState, expectEvaluated } from 'halyard/testing'; withFlags(h, { a: true }, () => {}); eachFlagState(['b', 'c']); expectEvaluated(f, { d: 1 })",
      ['test a', 'test b', 'test c', 'test d'],
    ],
    ["import { testFlags } from 'elsewhere'; testFlags({ a: true })", []],
    ['new Map().set({ a: 1 }); flags.set({ a: 1 })', []],
  ],
  keys: [
    ["const KEY = 'a'; flags.boolean(KEY, false)", ['boolean a']],
    [
      "const FLAGS = { checkout: 'a', nested: { b: 'b' } } as const; flags.boolean(FLAGS.checkout, false); flags.boolean(FLAGS['nested'].b, false)",
      ['boolean a', 'boolean b'],
    ],
    ["enum Keys { A = 'a', B = 'b' } flags.boolean(Keys.A, false)", ['boolean a']],
    ["const FLAGS = Object.freeze({ a: 'a' }); const { a } = FLAGS; flags.boolean(a, false)", ['boolean a']],
    ["const AREA = 'shop'; flags.boolean(`${AREA}-a`, false)", ['boolean shop-a']],
    ["flags.boolean(isNew ? 'a' : 'b', false)", ['boolean a', 'boolean b']],
    ["for (const key of ['a', 'b']) flags.boolean(key, false)", ['boolean a', 'boolean b']],
    [
      "const K = { x: 'a', y: 'b' }; Object.values(K).map((key) => flags.boolean(key, false))",
      ['boolean a', 'boolean b'],
    ],
    ["class Keys { static readonly A = 'a' } flags.boolean(Keys.A, false)", ['boolean a']],
    ["const BASE = { a: 'a' }; const ALL = { ...BASE, b: 'b' }; flags.boolean(ALL.a, false)", ['boolean a']],
    ['const __proto__ = { constructor: "a" }; flags.boolean(__proto__.constructor, false)', ['boolean a']],
    ["let key = 'a'; flags.boolean(key, false)", ['boolean ?']],
    ['const key = key2; const key2 = key; flags.boolean(key, false)', ['boolean ?']],
    ['flags.boolean(`a-${id}`, false)', ['boolean ?']],
    ["flags.boolean('not a key!', false)", []],
  ],
  wrappers: [
    ["function isOn(key: string) { return halyard.boolean(key, false); } isOn('a')", ['wrapper a']],
    ["const isOn = (user: User, key = 'x') => halyard.boolean(key, false); isOn(user, 'a')", ['wrapper a']],
    [
      "const outer = (key: string) => isOn(key); const isOn = (key: string) => halyard.boolean(key, false); outer('a')",
      ['wrapper a'],
    ],
    [
      "class Features { constructor(private halyard: H) {} isOn(key: string) { return this.halyard.boolean(key, false); } f() { return this.isOn('a'); } } function g(features: Features) { features.isOn('b'); } new Features(h).isOn('c')",
      ['wrapper a', 'wrapper b', 'wrapper c'],
    ],
    [
      "const api = { isOn: (key: string) => halyard.boolean(key, false), on(key: string) { return halyard.boolean(key, false); } }; api.isOn('a'); api.on('b')",
      ['wrapper a', 'wrapper b'],
    ],
    ["function f(key: string) { return f(key); } f('a')", []],
    [
      "isEnabled('a'); service.check(user, 'b')",
      ['wrapper a', 'wrapper b'],
      {
        wrappers: [
          { name: 'isEnabled', argument: 0 },
          { name: 'check', argument: 1 },
        ],
      },
    ],
    ['list.map((key) => flags.boolean(key, false))', ['boolean ?']],
    ['function isOn(key: string) { return halyard.boolean(key, false); } isOn(name)', ['wrapper ?']],
  ],
  'what looks like a read and is none': [
    ["import { z } from 'zod'; z.string('a'); z.object({}); z.boolean()", [], { knownKeys: ['a'] }],
    ["import * as flags from 'zod'; flags.string('a')", [], { knownKeys: ['a'] }],
    ["import _ from 'lodash'; _.string('a'); _.details('a')", [], { knownKeys: ['a'] }],
    ["import yargs from 'yargs'; const flags = yargs(argv); flags.boolean('verbose')", []],
    ["process.kill('a')", []],
    ["// flags.boolean('a', false)\n/* killSwitch(halyard, 'b') */ const text = \"flags.boolean('c', false)\";", []],
    [
      "class Panel { details(id: string) { return id; } } const flags = new Panel(); flags.details('a')",
      [],
      { knownKeys: ['a'] },
    ],
    ["const flags = { boolean: (name: string) => name.length }; flags.boolean('a')", [], { knownKeys: ['a'] }],
    ["import { killSwitch } from './machines.js'; killSwitch(machine, 'a')", []],
    ["function killSwitch(machine: Machine, name: string) { machine.stop(name); } killSwitch(halyard, 'a')", []],
    ["panel.details('a')", []],
    ["panel.details('a')", ['details a'], { knownKeys: ['a'] }],
    ['schema.string(undefined); flags.object({}); flags.number(3); flags.string()', []],
  ],
};

for (const [parser, parse] of Object.entries(parsers)) {
  describe(`findFlagReads, over ${parser} trees`, () => {
    for (const [name, some] of Object.entries(cases)) {
      it.each(some.map(([text, reads, options = {}]) => [text, reads, options] as const))(
        `knows ${name}: %s`,
        (text, reads, options) => {
          expect(findFlagReads(parse(text), options).map(shown)).toEqual(reads);
        },
      );
    }

    it('says where, in lines and columns from 1', () => {
      const text = "const a = 1;\n  flags.boolean('a', false);";
      const [read] = findFlagReads(parse(text));
      expect(read).toMatchObject({ line: 2, column: 3 });
      expect(text.slice(read?.start, read?.end)).toBe("flags.boolean('a', false)");
    });

    it.each([
      ["if (flags.boolean('a', false)) f();", [true]],
      ["x = flags.boolean('a', false) ? 1 : 2;", [true]],
      ["if (!flags.boolean('a', false) || b) f();", [true]],
      ["flags.boolean('a', false) && f();", [true]],
      ["if (flags.string('a', 'x') === 'y') f();", [true]],
      ["if (flags.details('a', true).value) f();", [true]],
      ["while (await isOn.flags.boolean('a', false)) f();", [true]],
      ["if (f(flags.boolean('a', false))) f();", [false]],
      ["const a = flags.boolean('a', false);", [false]],
      ["f(b && flags.boolean('a', false));", [false]],
    ])('knows a condition: %s', (text, isCondition) => {
      expect(findFlagReads(parse(text)).map((read) => read.isCondition)).toEqual(isCondition);
    });

    it.each([
      [
        "if (flags.boolean('a', false)) flags.boolean('b', false); else flags.boolean('c', false);",
        ['b in a consequent', 'c in a alternate'],
      ],
      ["flags.boolean('a', false) ? flags.boolean('b', false) : 0", ['b in a consequent']],
      ["flags.boolean('a', false) && flags.boolean('b', false)", ['b in a consequent']],
      ["flags.boolean('a', false) || flags.boolean('b', false)", ['b in a alternate']],
      ["const isNew = flags.boolean('a', false); if (!isNew) { flags.boolean('b', false); }", ['b in a consequent']],
      ["function f() { if (!flags.boolean('a', false)) return; flags.boolean('b', false); }", ['b in a alternate']],
      [
        "function f() { if (flags.boolean('a', false)) { go(); } else { throw new Error(); } flags.boolean('b', false); }",
        ['b in a consequent'],
      ],
      ["if (flags.boolean('a', false)) { list.map(() => flags.boolean('b', false)); }", ['b in a consequent']],
      ["switch (flags.string('a', '')) { case 'x': flags.boolean('b', false); }", ['b in a consequent']],
      [
        "import { Flag } from 'halyard/nestjs'; class C { f(@Flag('a', false) isNew: boolean) { if (isNew) flags.boolean('b', false); } }",
        ['b in a consequent'],
      ],
      [
        "function isOn(key: string) { return halyard.boolean(key, false); } if (isOn('a')) isOn('b');",
        ['b in a consequent'],
      ],
      [
        "if (flags.boolean('a', false)) { if (flags.boolean('b', false)) flags.boolean('c', false); }",
        ['b in a consequent', 'c in a consequent', 'c in b consequent'],
      ],
      ["if (flags.boolean('a', false)) flags.boolean('a', false);", []],
      ["if (flags.boolean('a', false)) f(); flags.boolean('b', false);", []],
      ["const price = cost(flags.boolean('a', false)); if (price > 3) flags.boolean('b', false);", []],
      ["{ const isNew = flags.boolean('a', false); } if (isNew) flags.boolean('b', false);", []],
    ])('knows in which other flag’s branch a read stands: %s', (text, expected) => {
      const inside = findFlagReads(parse(text)).flatMap((read) =>
        read.inside.map(({ flagKey, branch }) => `${read.key} in ${flagKey} ${branch}`),
      );
      expect(inside).toEqual(expected);
    });
  });
}
