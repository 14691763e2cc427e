import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const children = join(import.meta.dirname, 'children');

/** Where the programs lie that the tests run: inside the package, so that they find `halyard` as it was built. */
export const builtChildren: string = join(import.meta.dirname, '.built');

/** Turns the children into JavaScript, once: without a compiler in them, 200 of them start in seconds. */
export default async function buildChildren(): Promise<void> {
  await build({
    entryPoints: readdirSync(children).map((file) => join(children, file)),
    outdir: builtChildren,
    bundle: true,
    packages: 'external',
    external: ['halyard', 'halyard/*'],
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
}
