import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The frameworks that Halyard has an adapter for. */
export type Framework = 'nestjs' | 'express' | 'koa';

/** How a project's code is written, which decides how it imports and awaits. */
export type ModuleStyle = 'esm' | 'commonjs' | 'typescript-esm' | 'typescript-commonjs';

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** The project that flags are for, as far as its files tell. */
export interface Project {
  /** `undefined`: none that Halyard has an adapter for. */
  readonly framework: Framework | undefined;
  readonly style: ModuleStyle;
  readonly packageManager: PackageManager;
  /** The packages that it names, to run and to develop. */
  readonly packages: ReadonlySet<string>;
}

/** Looks at `package.json`, `tsconfig.json` and the lock file. A folder with none of them is a project, too. */
export function findProject(folder: string): Project {
  const manifest = readManifest(join(folder, 'package.json'));
  const packages = new Set([...namesIn(manifest['dependencies']), ...namesIn(manifest['devDependencies'])]);
  const isModule = manifest['type'] === 'module';
  // Nest is written in TypeScript, whatever the file is called that says so.
  const isTypeScript = existsSync(join(folder, 'tsconfig.json')) || packages.has('@nestjs/core');
  return {
    framework: frameworkAmong(packages),
    style: `${isTypeScript ? 'typescript-' : ''}${isModule ? 'esm' : 'commonjs'}`,
    packageManager: packageManagerOf(folder, manifest['packageManager']),
    packages,
  };
}

type Manifest = Readonly<Record<string, unknown>>;

/** One that isn't there or isn't JSON says nothing. */
function readManifest(path: string): Manifest {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof read === 'object' && read !== null ? (read as Manifest) : {};
  } catch {
    return {};
  }
}

const namesIn = (dependencies: unknown): readonly string[] =>
  typeof dependencies === 'object' && dependencies !== null ? Object.keys(dependencies) : [];

/** Nest brings Express or Fastify with it, so it is asked for first. */
function frameworkAmong(packages: ReadonlySet<string>): Framework | undefined {
  if (packages.has('@nestjs/core')) return 'nestjs';
  return (['express', 'koa'] as const).find((name) => packages.has(name));
}

const lockFiles: ReadonlyMap<string, PackageManager> = new Map([
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
]);

const managers = new Set(lockFiles.values());

/** By the lock file of this folder or of the workspace around it, else by what the manifest names. */
function packageManagerOf(folder: string, named: unknown): PackageManager {
  for (let at = folder; ; at = dirname(at)) {
    for (const [name, manager] of lockFiles) if (existsSync(join(at, name))) return manager;
    if (dirname(at) === at) break;
  }
  const [name = ''] = typeof named === 'string' ? named.split('@') : [];
  return [...managers].find((manager) => manager === name) ?? 'npm';
}
