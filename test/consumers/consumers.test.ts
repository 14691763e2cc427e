import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npm, npmInstall } from '../npm.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = join(root, 'test/consumers');
const projects = readdirSync(here, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && entry.name !== 'shared' ? [entry.name] : [],
);

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
  it.each(projects)('serves %s', { timeout: 600_000 }, async (project) => {
    const folder = join(workshop, project);
    cpSync(join(here, project), folder, { recursive: true });
    cpSync(join(here, 'shared'), folder, { recursive: true });
    await npmInstall(folder, 'install', tarball);
    await expect(npm(folder, 'run', 'check')).resolves.toBeDefined();
  });
});
