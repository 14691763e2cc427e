import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HalyardCommand, halyardIn, NOW } from './halyard-command.js';
import { flagTypings } from '../../src/cli/types/flag-typings.js';
import { compile, type Said } from './typescript.js';

const flags = `version: 1
flags:
  new-checkout: { description: The checkout of 2026., owner: payments-team, ticket: PAY-12, rollout: 10 }
  old-checkout: { owner: payments-team, expires: 2026-03-01 }
  old-color: { variants: { a: green, b: red }, serve: a, expires: 2026-11-21 }
  button-color:
    kind: experiment
    variants: { control: blue, a: green, b: red }
    offVariant: control
    split: { control: 50, a: 25, b: 25 }
  search/max.items: { kind: operational, variants: { few: 10, 'a lot': 50, none: -1 }, serve: few }
  theme:
    variants:
      dark: { background: '#000', sizes: [1, 2, null], 'font-face': { mono: true } }
      light: { background: '#fff', sizes: [], 'font-face': {} }
    serve: light
  payments: { kind: operational, enabled: false }
  constructor: {}
`;

const typingsOf = (text = flags): Promise<string> =>
  halyardIn({ 'flags.yaml': text })
    .run('types', '--out', '-')
    .then(({ out }) => out);

describe('halyard types', () => {
  it('writes the keys and values of all flags, in their order', async () => {
    const { run, cwd } = halyardIn({ 'flags.yaml': flags });
    expect(await run('types')).toEqual({
      out: 'flags.d.ts is written: 8 flags, 2 of them past their end.\n',
      err: '',
      exitCode: 0,
    });
    expect(readFileSync(join(cwd, 'flags.d.ts'), 'utf8')).toMatchInlineSnapshot(`
      "// Written by \`halyard types\`: the keys and values of the flags, for TypeScript. Change the flags, and run it again.
      /* eslint-disable */

      // prettier-ignore
      declare global {
        interface HalyardFlags {
          /**
           * The checkout of 2026.
           *
           * Kind: release. Owner: payments-team. Ticket: PAY-12.
           */
          "new-checkout": { on: true; off: false };
          /**
           * Kind: release. Owner: payments-team. Expires: 2026-03-01.
           * @deprecated expired on 2026-03-01: remove it
           */
          "old-checkout": { on: true; off: false };
          /**
           * Kind: release. Expires: 2026-11-21.
           * @deprecated expired on 2026-11-21: remove it
           */
          "old-color": { a: "green"; b: "red" };
          /** Kind: experiment. */
          "button-color": { control: "blue"; a: "green"; b: "red" };
          /** Kind: operational. */
          "search/max.items": { few: 10; "a lot": 50; none: -1 };
          /** Kind: release. */
          "theme": {
            dark: { readonly background: "#000"; readonly sizes: readonly [1, 2, null]; readonly "font-face": { readonly mono: true } };
            light: { readonly background: "#fff"; readonly sizes: readonly []; readonly "font-face": {} };
          };
          /** Kind: operational. */
          "payments": { on: true; off: false };
          /** Kind: release. */
          "constructor": { on: true; off: false };
        }

        interface HalyardExpiredFlags {
          "old-checkout": "2026-03-01";
          "old-color": "2026-11-21";
        }
      }

      // OpenFeature's way to know keys compiles with "skipLibCheck": true alone. Without it: halyard types --no-openfeature
      declare module "@openfeature/core" {
        export type BooleanFlagKey = import("halyard").BooleanFlagKey;
        export type StringFlagKey = import("halyard").StringFlagKey;
        export type NumberFlagKey = import("halyard").NumberFlagKey;
        export type ObjectFlagKey = import("halyard").ObjectFlagKey;
      }

      export {};
      "
    `);
  });

  it('writes into src where there is one, and nothing where nothing has changed', async () => {
    const { run, cwd } = halyardIn({ 'flags.yaml': flags });
    mkdirSync(join(cwd, 'src'));
    expect((await run('types')).out).toContain('src/flags.d.ts is written');
    expect((await run('types')).out).toContain('src/flags.d.ts is up to date: 8 flags');
  });

  it('keeps descriptions inside of their comment, and makes no tags of them', async () => {
    const description = 'ends */ here\n@deprecated not at all\r\n\u2028`${x}`';
    const typings = await typingsOf(JSON.stringify({ version: 1, flags: { a: { description } } }));
    expect(compile('const some: keyof HalyardFlags = "a";', typings).errors).toEqual([]);
    expect(typings).toContain('     * ends *\\/ here\n     * \\@deprecated not at all\n');
  });

  it('leaves OpenFeature alone where it is told so', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect((await run('types', '--out', '-', '--no-openfeature')).out).not.toContain('openfeature');
  });

  it('answers programs', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect(JSON.parse((await run('types', '--json')).out)).toEqual({
      file: 'flags.d.ts',
      isChanged: true,
      flags: 8,
      expired: ['old-checkout', 'old-color'],
    });
  });

  it('overwrites nothing that it did not write', async () => {
    const { run, cwd } = halyardIn({ 'flags.yaml': flags, 'app.d.ts': 'export {};\n' });
    expect(await run('types', '--out', 'app.d.ts')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('app.d.ts was not written by `halyard types`, and stays as it is.') as string,
    });
    expect(readFileSync(join(cwd, 'app.d.ts'), 'utf8')).toBe('export {};\n');
  });

  it.each([
    [['--out', 'flags.ts'], '--out must be a file of declarations, such as src/flags.d.ts, found flags.ts.'],
    [['--out', 'app.d.ts'], 'TypeScript would not read app.d.ts beside app.ts.'],
  ])('refuses %j, which TypeScript would not read', async (args, message) => {
    const { run } = halyardIn({ 'flags.yaml': flags, 'app.ts': 'export {};\n' });
    const { exitCode, err } = await run('types', ...args);
    expect(err).toContain(message);
    expect(exitCode).toBe(2);
  });

  it('does not write types of a document with errors', async () => {
    const { run } = halyardIn({ 'flags.yaml': 'version: 1\nflags: { a: { rolout: 1 } }\n' });
    expect(await run('types')).toMatchObject({ exitCode: 3, out: '' });
  });
});

describe('halyard types --check', () => {
  const written = async (later = flags, now = NOW): Promise<HalyardCommand> => {
    const first = halyardIn({ 'flags.yaml': flags });
    await first.run('types');
    const typings = readFileSync(join(first.cwd, 'flags.d.ts'), 'utf8');
    return halyardIn({ 'flags.yaml': later, 'flags.d.ts': typings }, { now: () => now });
  };

  it('is content with a file that is what the flags say, also with line ends of Windows', async () => {
    const { run, cwd } = await written();
    const path = join(cwd, 'flags.d.ts');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'));
    expect(await run('types', '--check')).toEqual({ out: 'flags.d.ts is up to date.\n', err: '', exitCode: 0 });
  });

  it('shows what has changed, exits with 1, and writes nothing', async () => {
    const { run, cwd } = await written(flags.replace('a: green', 'a: teal').replace(/ {2}payments:.*\n/, ''));
    const before = readFileSync(join(cwd, 'flags.d.ts'), 'utf8');
    const { out, err, exitCode } = await run('types', '--check');
    expect(out).toMatchInlineSnapshot(`
      "@@ -19,7 +19,7 @@
            * Kind: release. Expires: 2026-11-21.
            * @deprecated expired on 2026-11-21: remove it
            */
      -    "old-color": { a: "green"; b: "red" };
      +    "old-color": { a: "teal"; b: "red" };
           /** Kind: experiment. */
           "button-color": { control: "blue"; a: "green"; b: "red" };
           /** Kind: operational. */
      @@ -29,8 +29,6 @@
             dark: { readonly background: "#000"; readonly sizes: readonly [1, 2, null]; readonly "font-face": { readonly mono: true } };
             light: { readonly background: "#fff"; readonly sizes: readonly []; readonly "font-face": {} };
           };
      -    /** Kind: operational. */
      -    "payments": { on: true; off: false };
           /** Kind: release. */
           "constructor": { on: true; off: false };
         }
      "
    `);
    expect(err).toBe('flags.d.ts is out of date. Write it: halyard types\n');
    expect(exitCode).toBe(1);
    expect(readFileSync(join(cwd, 'flags.d.ts'), 'utf8')).toBe(before);
  });

  it('exits with 1 where there is no file', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect(await run('types', '--check')).toEqual({
      out: '',
      err: 'flags.d.ts is missing. Write it: halyard types\n',
      exitCode: 1,
    });
  });

  it('fails no build because a flag has expired since, but says so', async () => {
    const expiring = flags.replace('kind: experiment', 'kind: experiment\n    expires: 2026-12-01');
    const first = halyardIn({ 'flags.yaml': expiring });
    await first.run('types');
    const typings = readFileSync(join(first.cwd, 'flags.d.ts'), 'utf8');
    const later = { now: () => Date.parse('2026-12-24') };
    const { run } = halyardIn({ 'flags.yaml': expiring, 'flags.d.ts': typings }, later);
    expect(await run('types', '--check')).toEqual({
      out: 'flags.d.ts is up to date.\n',
      err: 'Flags have expired since it was written; `halyard types` marks them as deprecated.\n',
      exitCode: 0,
    });
  });
});

const imports = `
import type { Client } from '@openfeature/server-sdk';
import type { FlagKey, Halyard } from 'halyard';
import { killSwitch, requireFlag, type RequestFlags } from 'halyard/express';
import { killSwitch as koaSwitch } from 'halyard/koa';
import { Flag, KillSwitch, RequireFlag } from 'halyard/nestjs';
import { eachFlagState, testFlags, withFlags } from 'halyard/testing';
declare const halyard: Halyard, flags: RequestFlags, client: Client, key: string;
`;

/** What TypeScript says of lines that know those imports; line 1 is the first of them. */
async function say(lines: readonly string[], typings: Promise<string> | undefined = typingsOf()): Promise<Said> {
  const head = imports.trim().replaceAll('\n', ' ');
  const said = compile(`${head} ${lines.join('\n')}`, await typings);
  return said;
}

describe('what TypeScript then says', { timeout: 300_000 }, () => {
  it('takes every way to read a flag', async () => {
    const said = await say([
      `const isOn = halyard.boolean('new-checkout', false, { targetingKey: 'user-1' });`,
      `const color = halyard.string('button-color', 'mauve');`,
      `const most = flags.number('search/max.items', 10);`,
      `const theme = flags.object('theme', { background: 'grey' });`,
      `const own = halyard.string<'blue' | 'red'>('button-color', 'red');`,
      `const { value: detail } = halyard.details('button-color', 'blue');`,
      `halyard.boolean('constructor', true); halyard.boolean(key as FlagKey & 'payments', true);`,
      `halyard.override('button-color', 'a'); halyard.override('new-checkout', true); halyard.override('theme', undefined);`,
      `void halyard.kill('button-color', { by: 'ada', reason: 'test' }); halyard.explain('theme'); halyard.rollout('new-checkout');`,
      `const answer = halyard.protect('payments', () => 1, { fallback: () => 'none' });`,
      `killSwitch(halyard, 'payments', { retryAfterSeconds: 5 }); requireFlag(halyard, 'new-checkout'); koaSwitch(halyard, 'payments');`,
      `class Shop { @KillSwitch('payments') @RequireFlag('new-checkout') pay(@Flag('button-color', 'blue') shade: string): string { return shade; } }`,
      `void client.getBooleanValue('new-checkout', false); void client.getNumberValue('search/max.items', 1);`,
      `const made = testFlags({ 'made-up': true }); made.unitIn('button-color', 'b'); made.pin('user-1', 'button-color', 'green');`,
      `withFlags(halyard, { 'button-color': 'red', payments: false }, () => 1); eachFlagState(['payments', 'button-color']);`,
    ]);
    expect(said.errors).toEqual([]);
    expect(said.deprecated).toEqual([]);
    expect(['isOn', 'color', 'most', 'own', 'answer'].map(said.typeOf)).toMatchInlineSnapshot(`
      [
        "const isOn: boolean",
        "const color: "green" | "red" | "blue" | "mauve"",
        "const most: 10 | 50 | -1",
        "const own: "red" | "blue"",
        "const answer: string | number",
      ]
    `);
  });

  it('refuses unknown keys, and values and variants that a flag does not have', async () => {
    const wrong = [
      `halyard.boolean('nwe-checkout', false)`,
      `halyard.boolean('button-color', false)`,
      `halyard.string('new-checkout', 'blue')`,
      `halyard.string('button-color', 1)`,
      `halyard.string<'blue'>('nope', 'blue')`,
      `halyard.number('button-color', 1)`,
      `halyard.object('new-checkout', {})`,
      `halyard.boolean(key, false)`,
      `halyard.details('new-checkout', 'blue')`,
      `halyard.details('nope', false)`,
      `halyard.explain('nope')`,
      `halyard.override('nope', true)`,
      `halyard.override('button-color', 'c')`,
      `halyard.override('button-color', true)`,
      `void halyard.kill('nope', { by: 'ada', reason: 'test' })`,
      `void halyard.restore('nope', { by: 'ada', reason: 'test' })`,
      `halyard.rollout('nope')`,
      `halyard.protect('nope', () => 1)`,
      `const wrong: 'blue' = halyard.string('button-color', 'blue')`,
      `flags.boolean('nope', false)`,
      `flags.string('new-checkout', 'blue')`,
      `killSwitch(halyard, 'nope')`,
      `killSwitch(halyard, 'button-color')`,
      `requireFlag(halyard, 'nope')`,
      `koaSwitch(halyard, 'nope')`,
      `class Wrong1 { @KillSwitch('nope') a(): void {} }`,
      `class Wrong2 { @RequireFlag('button-color') a(): void {} }`,
      `class Wrong3 { a(@Flag('nope', false) on: boolean): boolean { return on; } }`,
      `class Wrong4 { a(@Flag('new-checkout', 'blue') on: boolean): boolean { return on; } }`,
      `void client.getBooleanValue('nope', false)`,
      `void client.getStringValue('new-checkout', 'blue')`,
      `withFlags(halyard, { nope: true }, () => 1)`,
      `withFlags(halyard, { 'button-color': 'mauve' }, () => 1)`,
      `eachFlagState(['nope'])`,
      `testFlags({}).unitIn('button-color', 'c')`,
    ];
    const { errors } = await say(wrong);
    expect(wrong.filter((_, index) => !errors.some((error) => error.startsWith(`${index + 1}: `)))).toEqual([]);
  });

  it('names the keys that there are', async () => {
    const [error] = (await say([`flags.number('nope', 1)`])).errors;
    expect(error).toContain('"search/max.items"');
  });

  it('strikes through the use of a flag past its end, and of no other', async () => {
    const { deprecated, errors } = await say([
      `halyard.boolean('old-checkout', false);`,
      `halyard.string('old-color', 'blue');`,
      `halyard.details('old-checkout', false);`,
      `halyard.protect('old-checkout', () => 1);`,
      `flags.boolean('old-checkout', false);`,
      `killSwitch(halyard, 'old-checkout');`,
      `requireFlag(halyard, 'old-checkout');`,
      `koaSwitch(halyard, 'old-checkout');`,
      `class A { @KillSwitch('old-checkout') a(): void {} }`,
      `class B { @RequireFlag('old-checkout') a(): void {} }`,
      `class C { a(@Flag('old-color', 'blue') color: string): string { return color; } }`,
      `halyard.boolean('payments', false); halyard.string('button-color', 'blue'); flags.details('theme', {});`,
      `killSwitch(halyard, 'payments'); koaSwitch(halyard, 'payments'); halyard.protect('payments', () => 1);`,
      `void halyard.kill('old-checkout', { by: 'ada', reason: 'test' });`,
    ]);
    expect(errors).toEqual([]);
    expect(deprecated).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('takes a flag with errors, which other flags are served beside, for one of any type', async () => {
    const refused = new Set(['broken']);
    const typings = flagTypings({ flags: new Map(), refused, isForOpenFeature: false }, NOW);
    const lines = [
      `halyard.boolean('broken', false); halyard.override('broken', 'any');`,
      `flags.string('broken', '');`,
    ];
    expect((await say(lines, Promise.resolve(typings))).errors).toEqual([]);
    expect((await say([`halyard.boolean('other', false);`], Promise.resolve(typings))).errors).toHaveLength(1);
  });

  it('knows nothing without the file: any text is a key', async () => {
    const said = await say(
      [
        `const color = halyard.string('anything', 'blue');`,
        `const most = halyard.number(key, 10);`,
        `const theme: { mode: 'dark' | 'light' } = flags.object('theme', { mode: 'dark' });`,
        `const { value: detail } = halyard.details('anything', 'blue');`,
        `halyard.override(key, key); killSwitch(halyard, key); class A { @KillSwitch('nope') a(): void {} }`,
        `const own = halyard.string<'a' | 'b'>('anything', 'a'); halyard.protect(key, () => 1);`,
      ],
      Promise.resolve(''),
    );
    expect(said.errors).toEqual([]);
    expect(said.deprecated).toEqual([]);
    expect(['color', 'most', 'own'].map(said.typeOf)).toEqual([
      'const color: string',
      'const most: number',
      'const own: "a" | "b"',
    ]);
  });
});
