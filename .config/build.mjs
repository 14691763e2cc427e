/** Builds dist/: ES modules, CommonJS under the `require` condition, the `halyard` command in one file, and the JSON Schema of the flag document. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { createFlagDocumentSchema } from './schema.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const compile = (project) => {
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, '.config', project)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

rmSync(join(root, 'dist'), { recursive: true, force: true });

compile('tsconfig.esm.json');

compile('tsconfig.cjs.json');
writeFileSync(join(root, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
// CommonJS has no import.meta: the one module that needs its own place gets it from __filename instead.
const parserThread = join(root, 'dist/cjs/src/runtime/parser-thread.js');
writeFileSync(
  parserThread,
  readFileSync(parserThread, 'utf8').replace('import.meta.url', "require('node:url').pathToFileURL(__filename)"),
);

writeFileSync(join(root, 'dist/schema.json'), `${JSON.stringify(createFlagDocumentSchema(), undefined, 2)}\n`);

// What only the command needs comes in its file: services install none of it.
const { dependencies, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
buildSync({
  entryPoints: [join(root, 'src/cli/main.ts')],
  outfile: join(root, 'dist/cli/halyard.js'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: Object.keys(dependencies),
  define: { HALYARD_VERSION: JSON.stringify(version) },
  // CommonJS libraries inside ask for Node's modules by `require`.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  minifyWhitespace: true,
  legalComments: 'eof',
  logLevel: 'warning',
});
