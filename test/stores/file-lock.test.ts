import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withFileLock } from '../../src/stores/file-lock.js';
import { temporaryFolder } from './temporary-folder.js';

describe('withFileLock', () => {
  let path: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const folder = await temporaryFolder();
    path = join(folder.path, 'lock');
    remove = folder.remove;
  });

  afterEach(() => remove());

  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const enter = (): Promise<void> =>
      withFileLock(path, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise(setImmediate);
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 20 }, enter));
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('names the one who holds it for too long', async () => {
    await writeFile(path, JSON.stringify({ pid: 4711, host: 'elsewhere', token: 'x', at: Date.now() }));
    const waiting = withFileLock(path, () => Promise.resolve(), 100);
    await expect(waiting).rejects.toThrow(`${path}: process 4711 on elsewhere has been holding this lock for 0.1 s.`);
  });

  it('does not wait long for one who died before writing his name', async () => {
    await writeFile(path, '');
    expect(await withFileLock(path, () => Promise.resolve('in'))).toBe('in');
  });

  it('tells one who has lost it, and leaves the lock of the other', async () => {
    const other = JSON.stringify({ pid: 4711, host: 'elsewhere', token: 'x', at: Date.now() });
    const losing = withFileLock(path, async (lock) => {
      await lock.assertHeld();
      await rm(path);
      await writeFile(path, other);
      await lock.assertHeld();
    });
    await expect(losing).rejects.toThrow('another process took this lock over');
    expect(existsSync(path)).toBe(true);
  });

  it('says that the folder is missing', async () => {
    const missing = join(path, 'no', 'lock');
    await expect(withFileLock(missing, () => Promise.resolve())).rejects.toThrow(/cannot be written: not found/);
  });
});
