import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each room of the house may import, beside itself. Whoever needs more has found a wrong wall, or a wrong room. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  flags: [],
  evaluation: ['flags'],
  statistics: [],
  options: ['flags'],
  stores: ['flags', 'options'],
  runtime: ['flags', 'evaluation', 'stores/flag-store.ts'],
  fleet: [
    'flags',
    'options',
    'lifecycle',
    'stores/flag-store.ts',
    'stores/fleet-register.ts',
    'stores/memory-fleet.ts',
    'runtime',
  ],
  provider: ['flags', 'evaluation', 'runtime'],
  // The Halyard that adapters are given; its type alone.
  request: ['flags', 'options', 'evaluation', 'runtime', 'control', 'halyard.ts'],
  http: ['options'],
  ofrep: ['flags', 'options', 'evaluation', 'runtime', 'http', 'request/runtime-of.ts', 'halyard.ts'],
  sync: [
    'flags',
    'options',
    'runtime',
    'http',
    'fleet/fleet.ts',
    'stores/flag-times.ts',
    'stores/fleet-register.ts',
    'stores/http/flag-lines.ts',
    'stores/instance-report.ts',
    'request/problem-response.ts',
    'request/runtime-of.ts',
    'halyard.ts',
  ],
  telemetry: ['flags', 'options', 'evaluation', 'runtime', 'lifecycle'],
  control: [
    'flags',
    'options',
    'statistics',
    'evaluation',
    'stores/flag-store.ts',
    'stores/lease-register.ts',
    'runtime',
    'fleet',
    'telemetry/duration-histogram.ts',
  ],
  // They work on any store.
  moving: [
    'flags',
    'options',
    'stores/difference.ts',
    'stores/flag-store.ts',
    'stores/stored-document.ts',
    'stores/text-file.ts',
    'stores/valid-document.ts',
  ],
  // The stores' contract reads what a store gives, and never a store itself. The kit makes a Halyard over memory, reads
  // through its runtime, and finds units with the evaluation alone.
  testing: [
    'flags',
    'options',
    'evaluation',
    'runtime',
    'halyard.ts',
    'halyard-parts.ts',
    'local-halyard.ts',
    'request/forced-token.ts',
    'stores/memory-store.ts',
    'stores/valid-document.ts',
    'stores/flag-store.ts',
    'stores/fleet-register.ts',
    'stores/lease-register.ts',
    'stores/stored-document.ts',
  ],
  // The command joins all of them, and nothing imports it.
  cli: [
    'flags',
    'options',
    'statistics',
    'evaluation',
    'stores',
    'runtime',
    'fleet',
    'control',
    'moving',
    'halyard-parts.ts',
    'lifecycle',
    'source',
  ],
  // How old flags are, whether they are used, whether they have had their day: for the library, the command and the linter.
  lifecycle: ['flags', 'options', 'evaluation', 'runtime', 'stores/flag-store.ts', 'stores/fleet-register.ts'],
  // Where source code reads flags: for the command and the linter. It knows nothing of what the flags say.
  source: ['flags/nearest-word.ts', 'flags/names.ts'],
  // A plugin for ESLint, which hands it syntax trees.
  eslint: ['flags', 'options', 'lifecycle', 'source'],
  // What a Halyard is, how one is made, and what it is made of.
  'halyard.ts': ['flags', 'evaluation', 'runtime', 'provider', 'control', 'fleet', 'lifecycle'],
  'create-halyard.ts': [
    'runtime',
    'telemetry',
    'control',
    'lifecycle',
    'halyard.ts',
    'halyard-options.ts',
    'halyard-parts.ts',
    'local-halyard.ts',
    'stand-ins.ts',
  ],
  'local-halyard.ts': [
    'flags',
    'options',
    'evaluation',
    'stores/flag-cache.ts',
    'runtime',
    'provider',
    'control',
    'fleet',
    'lifecycle',
    'halyard.ts',
    'halyard-parts.ts',
  ],
  'halyard-parts.ts': [
    'stores/flag-store.ts',
    'stores/flag-cache.ts',
    'runtime',
    'telemetry',
    'control',
    'fleet',
    'lifecycle',
    'halyard-options.ts',
    'stand-ins.ts',
  ],
  'halyard-options.ts': [
    'options',
    'evaluation',
    'stores/flag-store.ts',
    'stores/bootstrap.ts',
    'runtime',
    'telemetry',
    'fleet',
    'lifecycle',
  ],
  'stand-ins.ts': [
    'flags',
    'stores/flag-store.ts',
    'stores/bootstrap.ts',
    'stores/flag-cache.ts',
    'runtime',
    'halyard-options.ts',
  ],
};

/** Packages that only the folder named may import when it runs; what is imported for its types alone costs nothing. */
const mayImportPackages: Readonly<Record<string, readonly string[]>> = {
  flags: ['ipaddr.js', 're2js', 'semver', 'yaml'],
  evaluation: ['ipaddr.js', 'semver'],
  http: ['ipaddr.js'],
  stores: [],
  provider: ['@openfeature/server-sdk'],
  request: ['@openfeature/server-sdk'],
  // Bundled into the command's file; services install none of it.
  cli: [
    'commander',
    'picocolors',
    'yaml',
    'diff',
    '@babel/parser',
    'ignore',
    'csv-parse',
    '@stdlib/math-base-special-gammainc',
  ],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const files = [...filesUnder('src'), ...filesUnder('adapters')];
const imports = files.flatMap(importsOf);
const room = (file: string): string => file.split(sep)[1] ?? file;
const sourceImports = imports.filter(({ from }) => from.startsWith('src'));

describe('the house', () => {
  it('has no room that this test does not know', () => {
    const rooms = new Set(files.filter((file) => file.startsWith('src')).map(room));
    expect([...rooms].filter((name) => !(name in mayImport) && name !== 'index.ts')).toEqual([]);
  });

  it('has walls: each room imports only what lies below it', () => {
    const wrong = sourceImports.filter(({ from, to }) => {
      if (!to.startsWith('src') || room(from) === room(to) || room(from) === 'index.ts') return false;
      const allowed = mayImport[room(from)] ?? [];
      return !allowed.includes(room(to)) && !allowed.includes(relative('src', to));
    });
    expect(wrong).toEqual([]);
  });

  it('has adapters that never import each other', () => {
    const wrong = imports.filter(
      ({ from, to }) => from.startsWith('adapters') && to.startsWith('adapters') && room(from) !== room(to),
    );
    expect(wrong).toEqual([]);
  });

  it('has no circles', () => {
    expect(findCircle(imports.filter(({ isTypeOnly }) => !isTypeOnly))).toBeUndefined();
  });

  it('keeps drivers, frameworks and prom-client out of the root', () => {
    const wrong = sourceImports.filter(({ from, to, isTypeOnly }) => {
      const isPackage = !to.startsWith('src') && !to.startsWith('node:');
      return isPackage && !isTypeOnly && !(mayImportPackages[room(from)] ?? []).includes(to);
    });
    expect(wrong).toEqual([]);
  });

  it('names no file after what could be anything', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|types|common|misc|manager)\.ts$/.test(file))).toEqual([]);
  });
});

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

function importsOf(file: string): readonly Import[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement): readonly Import[] => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    if (statement.moduleSpecifier === undefined || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const name = statement.moduleSpecifier.text;
    const to = name.startsWith('.') ? join(dirname(file), name).replace(/\.js$/, '.ts') : name;
    return [{ from: file, to, isTypeOnly: isTypeOnly(statement) }];
  });
}

function isTypeOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return (
      statement.isTypeOnly ||
      (clause !== undefined && ts.isNamedExports(clause) && clause.elements.every((one) => one.isTypeOnly))
    );
  }
  const clause = statement.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((one) => one.isTypeOnly)
  );
}

/** Some circle of imports, as the path of its files; `undefined` if there is none. */
function findCircle(edges: readonly Import[]): readonly string[] | undefined {
  const targets = new Map(edges.map(({ from }) => [from, edges.filter((edge) => edge.from === from)]));
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { to } of targets.get(file) ?? []) {
      const circle = walk(to, [...path, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of targets.keys()) {
    const circle = walk(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
