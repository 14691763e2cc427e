import type { PackageManager, Project } from './project.js';

const verbs: Readonly<Record<PackageManager, string>> = {
  npm: 'npm install',
  pnpm: 'pnpm add',
  yarn: 'yarn add',
  bun: 'bun add',
};

/** How to install what the project lacks; `undefined`: it lacks nothing. */
export function installLine({ packageManager, packages }: Project): string | undefined {
  const missing = ['halyard', '@openfeature/server-sdk'].filter((name) => !packages.has(name));
  return missing.length === 0 ? undefined : `${verbs[packageManager]} ${missing.join(' ')}`;
}
