import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = join(root, 'test/consumers');
const projects = readdirSync(here, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && entry.name !== 'shared' ? [entry.name] : [],
);

const run = promisify(execFile);
const npm = async (folder: string, ...words: string[]): Promise<string> => {
  const { stdout } = await run('npm', words, { cwd: folder, maxBuffer: 1 << 26 }).catch((error: unknown) => {
    const { stdout: out, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`npm ${words.join(' ')} failed:\n${out}\n${stderr}`, { cause: error });
  });
  return stdout;
};

/** Each project is copied out of the repository, so that it finds only what it installs. */
let workshop: string;
let tarball: string;

beforeAll(async () => {
  workshop = mkdtempSync(join(tmpdir(), 'halyard-consumers-'));
  const packed = JSON.parse(await npm(root, 'pack', '--json', '--pack-destination', workshop)) as [
    { filename: string },
  ];
  tarball = join(workshop, packed[0].filename);
}, 600_000);

afterAll(() => rm(workshop, { recursive: true, force: true }), 600_000);

describe('the packed package', () => {
  it.each(projects)('serves %s', { timeout: 300_000 }, async (project) => {
    const folder = join(workshop, project);
    cpSync(join(here, project), folder, { recursive: true });
    cpSync(join(here, 'shared'), folder, { recursive: true });
    await npm(folder, 'install', '--no-audit', '--no-fund', '--loglevel=error', tarball);
    await expect(npm(folder, 'run', 'check')).resolves.toBeDefined();
  });
});
