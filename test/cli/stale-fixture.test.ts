import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { generateProject } from './fixture-project/generate-project.js';
import { type HalyardCommand, halyardIn } from './halyard-command.js';

function projectOf(files: Iterable<readonly [string, string]>): HalyardCommand {
  const halyard = halyardIn({});
  for (const [name, text] of files) {
    mkdirSync(dirname(join(halyard.cwd, name)), { recursive: true });
    writeFileSync(join(halyard.cwd, name), text);
  }
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(halyard.cwd, 'node_modules'));
  return halyard;
}

/** What the compiler says, without places: these move. `noUnusedLocals` tells of what was left behind. */
function problemsOf(cwd: string, files: readonly string[]): readonly string[] {
  const paths = files.map((file) => join(cwd, file));
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    noUnusedLocals: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    experimentalDecorators: true,
    types: ['node'],
    paths: { '@shop/*': [join(cwd, 'src/*')], ...halyardPaths },
  };
  const host = ts.createCompilerHost(options);
  const readSource: typeof host.getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => {
    if (name.startsWith(cwd) && !name.includes('node_modules')) return readSource(name, ...rest);
    if (!libraries.has(name)) libraries.set(name, readSource(name, ...rest));
    return libraries.get(name);
  };
  const program = ts.createProgram(paths, options, host);
  const own = paths.flatMap((path) => program.getSourceFile(path) ?? []);
  return own
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ file, messageText }) => {
      const name = file === undefined ? '' : file.fileName.slice(cwd.length + 1);
      return `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
}

/** What isn't of the project is read once. */
const libraries = new Map<string, ts.SourceFile | undefined>();

const source = (path: string): string[] => [fileURLToPath(new URL(`../../${path}`, import.meta.url))];

const halyardPaths = {
  halyard: source('src/index.ts'),
  'halyard/express': source('adapters/express/index.ts'),
  'halyard/koa': source('adapters/koa/index.ts'),
  'halyard/nestjs': source('adapters/nestjs/index.ts'),
  'halyard/testing': source('src/testing/index.ts'),
};

type Decide = (...given: unknown[]) => unknown;

/** Runs a file of decisions with flags whose booleans are all true. */
function decisionsOf(text: string, flags: object): string {
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const exports: Record<string, Decide> = {};
  runInNewContext(outputText, { exports, module: { exports } });
  const decisions = Object.entries(exports).filter(([name]) => name.startsWith('decide'));
  const inputs = [[undefined], [0], [5], [true], [[1, 2, 3]]];
  return JSON.stringify(
    decisions.map(([name, decide]) => [
      name,
      inputs.map(([input]) => {
        try {
          return decide(flags, input) ?? 'nothing';
        } catch (error) {
          return (error as Error).name;
        }
      }),
    ]),
  );
}

const allOn = {
  boolean: () => true,
  string: (_: string, fallback: string) => fallback,
  number: (_: string, fallback: number) => fallback,
  object: (_: string, fallback: object) => fallback,
  details: () => ({ value: true, reason: 'STATIC' }),
};

/** Of `details()` alone the code is left. */
const detailsAlone = { details: allOn.details };

describe('halyard stale --fix, on a project of more than 50 files', () => {
  it.each([7, 2026])('keeps it compiling, and doing what it did (seed %i)', { timeout: 300_000 }, async (seed) => {
    const project = generateProject({ seed, areas: 6 });
    const halyard = projectOf(project.files);
    const sources = [...project.files.keys()].filter((file) => file.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(50);
    const before = problemsOf(halyard.cwd, sources);
    const ran = await halyard.run('stale', 'src', '--fix', '--write', '--json');
    expect(ran.exitCode).toBe(0);
    const after = problemsOf(halyard.cwd, sources);
    expect(after.filter((problem) => !before.includes(problem))).toEqual([]);
    for (const [file, text] of project.files) {
      if (!file.endsWith('conditions.ts')) continue;
      const now = readFileSync(join(halyard.cwd, file), 'utf8');
      expect(now).not.toMatch(/flags\.(?!details)/);
      expect(decisionsOf(now, detailsAlone)).toBe(decisionsOf(text, allOn));
    }
  });
});
