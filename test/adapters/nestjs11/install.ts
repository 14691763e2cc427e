import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { npmInstall } from '../../npm.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Installs Nest 11 beside this file, unless what the lock file says is there already. */
export default async function install(): Promise<void> {
  const installed = `${folder}node_modules/.package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${folder}package-lock.json`).mtimeMs) return;
  await npmInstall(folder, 'ci');
}
