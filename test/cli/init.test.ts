import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { halyardIn } from './halyard-command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const manifest = (type: string | undefined, ...dependencies: readonly string[]): string =>
  JSON.stringify({ type, dependencies: Object.fromEntries(dependencies.map((name) => [name, '*'])) });

interface Begun {
  readonly framework: string | null;
  readonly install: string | null;
  readonly code: { readonly file: string; readonly text: string };
}

async function begin(files: Readonly<Record<string, string>>): Promise<Begun> {
  const { out } = await halyardIn(files).run('init', '--json');
  return JSON.parse(out) as Begun;
}

describe('halyard init', () => {
  it('says what to do next', async () => {
    const { run } = halyardIn({ 'package.json': manifest('module', 'express') });
    expect((await run('init')).out).toMatchInlineSnapshot(`
      "Wrote flags.yaml: a flag that is rolled out, one for some, and a kill switch.

      Install what reads it:

          npm install halyard @openfeature/server-sdk

      Then, for Express, in server.js:

      import express from 'express';
      import { createHalyard, fileStore } from 'halyard';
      import { flags, killSwitch, requireFlag } from 'halyard/express';

      const halyard = await createHalyard({ store: fileStore('flags.yaml') });

      const app = express();
      // Who is asked about: take the id of your user from wherever your authentication puts it.
      app.use(flags(halyard, { context: (req) => ({ targetingKey: req.get('x-user-id') }) }));

      app.get('/checkout', (req, res) => {
        res.send(req.flags.boolean('new-checkout', false) ? 'the new checkout' : 'the old one');
      });
      app.post('/pay', killSwitch(halyard, 'payments'), (req, res) => {
        res.sendStatus(201); // while the flag is off: 503
      });
      app.get('/beta', requireFlag(halyard, 'beta-dashboard'), (req, res) => {
        res.send('hello'); // for whom the flag is off: 404
      });

      app.listen(3000);

      See what it does:

          npx halyard check
          npx halyard explain new-checkout --unit user-2
      "
    `);
  });

  it('writes flags that no check has anything to say about, whenever it is', async () => {
    for (const day of ['2026-11-21', '2028-02-29', '2031-12-31']) {
      const { run } = halyardIn({}, { now: () => Date.parse(`${day}T23:59:00Z`) });
      await run('init');
      expect(await run('check', '--max-warnings', '0')).toEqual({
        out: 'No problems in 3 flags.\n',
        err: '',
        exitCode: 0,
      });
    }
  });

  it('does not write over a file unless it is told to', async () => {
    const { run, cwd } = halyardIn({ 'flags.yaml': 'mine' });
    expect(await run('init')).toEqual({
      out: '',
      err: 'halyard: flags.yaml is there already. To write over it: --force\n',
      exitCode: 2,
    });
    expect(readFileSync(join(cwd, 'flags.yaml'), 'utf8')).toBe('mine');
    expect((await run('init', '--force')).exitCode).toBe(0);
    expect(readFileSync(join(cwd, 'flags.yaml'), 'utf8')).toContain('new-checkout:');
  });

  it('leads the editor to the schema from a folder below', async () => {
    const { run, cwd } = halyardIn({});
    const { out } = await run('init', 'config/flags/all.yaml');
    expect(readFileSync(join(cwd, 'config/flags/all.yaml'), 'utf8').split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../node_modules/halyard/dist/schema.json',
    );
    expect(out).toContain("fileStore('config/flags/all.yaml')");
  });

  it('refuses to write YAML into a file of another name', async () => {
    expect((await halyardIn({}).run('init', 'flags.json')).exitCode).toBe(2);
  });
});

describe('what init finds', () => {
  it('is the framework', async () => {
    expect((await begin({})).framework).toBeNull();
    expect((await begin({ 'package.json': 'broken' })).framework).toBeNull();
    expect((await begin({ 'package.json': manifest('module', 'fastify') })).framework).toBeNull();
    expect((await begin({ 'package.json': manifest('module', 'koa') })).framework).toBe('koa');
    expect((await begin({ 'package.json': manifest('module', 'express') })).framework).toBe('express');
    const nest = manifest(undefined, '@nestjs/core', '@nestjs/platform-fastify', 'express');
    expect(await begin({ 'package.json': nest })).toMatchObject({
      framework: 'nestjs',
      code: { file: 'app.module.ts' },
    });
  });

  it('is the package manager, by the lock file here or of the workspace around', async () => {
    expect((await begin({})).install).toBe('npm install halyard @openfeature/server-sdk');
    expect((await begin({ 'pnpm-lock.yaml': '' })).install).toMatch(/^pnpm add /);
    expect((await begin({ 'yarn.lock': '' })).install).toMatch(/^yarn add /);
    expect((await begin({ 'bun.lock': '' })).install).toMatch(/^bun add /);
    expect((await begin({ 'package.json': '{ "packageManager": "pnpm@10.1.0" }' })).install).toMatch(/^pnpm add /);
    const { cwd } = halyardIn({ 'pnpm-lock.yaml': '' });
    mkdirSync(join(cwd, 'service'));
    const { run } = halyardIn({}, { cwd: join(cwd, 'service') });
    expect((await run('init')).out).toContain('pnpm add ');
  });

  it('is what is installed already', async () => {
    const all = manifest('module', 'halyard', '@openfeature/server-sdk');
    expect((await begin({ 'package.json': all })).install).toBeNull();
    expect((await begin({ 'package.json': manifest('module', 'halyard') })).install).toBe(
      'npm install @openfeature/server-sdk',
    );
  });
});

describe('the code that init prints', () => {
  it('compiles, in each style and for each framework', { timeout: 300_000 }, async () => {
    const texts = new Map<string, string>();
    for (const framework of ['none', 'express', 'koa', '@nestjs/core']) {
      for (const type of ['module', 'commonjs']) {
        const { code } = await begin({
          'package.json': manifest(type, framework, 'prom-client'),
          'tsconfig.json': '{}',
        });
        expect(code.file).toMatch(/\.ts$/);
        texts.set(join(root, `init-${framework.replace(/\W/g, '')}-${type}.ts`), `${code.text}\nexport {};\n`);
      }
    }
    expect(complaints(texts)).toEqual([]);
  });

  it('is a script where modules are CommonJS', async () => {
    for (const framework of ['none', 'express', 'koa']) {
      const { code } = await begin({ 'package.json': manifest(undefined, framework) });
      expect(code.file).toMatch(/\.js$/);
      expect(() => new Script(code.text)).not.toThrow();
      expect(code.text).toContain("require('halyard')");
    }
  });

  it('has metrics where there is prom-client', async () => {
    const { code } = await begin({ 'package.json': manifest('module', 'express', 'prom-client') });
    expect(code.text).toContain("store: fileStore('flags.yaml'), registry: register }");
  });
});

function complaints(texts: ReadonlyMap<string, string>): readonly string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, noUnusedParameters: false }, root);
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const readFile = host.readFile.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getCurrentDirectory = () => root;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const text = texts.get(path);
    return text === undefined
      ? getSourceFile(path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...texts.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(
      ({ messageText }) => `${path.slice(root.length)} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
}
