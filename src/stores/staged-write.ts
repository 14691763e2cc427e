import { chmod, chown, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode, writeFailure } from './file-access-error.js';
import { removeLeftovers, syncFolder, temporaryPath, writeAll } from './temporary-file.js';

/** A text that lies beside its file, safe on the disk, and waits for the moment when it takes the file's place. */
export interface StagedWrite {
  /** Puts the text in place in one step: a reader sees the file before or after it, never in between. */
  commit(): Promise<void>;
  /** Forgets the text. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/**
 * Writes `text` into a temporary file in the folder of `path`. A symbolic link stays one: what it points to is replaced.
 * The file keeps its mode and owner.
 *
 * A file that can't be replaced, such as one that is bind-mounted into a container, is written in place at `commit`.
 *
 * @throws FileAccessError if the folder can't be written.
 */
export async function stageWrite(path: string, text: string): Promise<StagedWrite> {
  const target = await realpath(path).catch(() => path);
  const temporary = temporaryPath(target);
  const discard = (): Promise<void> => rm(temporary, { force: true });
  try {
    await removeLeftovers(target);
    await writeDurably(temporary, 'wx', text);
    await copyOwnership(target, temporary);
  } catch (error) {
    await discard().catch(() => undefined);
    throw writeFailure(path, error);
  }
  const commit = async (): Promise<void> => {
    try {
      await replace(temporary, target, text);
    } catch (error) {
      throw writeFailure(path, error);
    } finally {
      await discard().catch(() => undefined);
    }
  };
  return { commit, discard };
}

async function replace(temporary: string, target: string, text: string): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    if (!['EBUSY', 'EXDEV'].includes(systemCode(error))) throw error;
    await writeDurably(target, 'r+', text);
    return;
  }
  await syncFolder(dirname(target));
}

async function writeDurably(path: string, flags: 'wx' | 'r+', text: string): Promise<void> {
  const file = await open(path, flags);
  try {
    const bytes = Buffer.from(text);
    await writeAll(file, bytes, 0);
    await file.truncate(bytes.length);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function copyOwnership(from: string, to: string): Promise<void> {
  const existing = await stat(from).catch(() => undefined);
  if (existing === undefined) return;
  await chmod(to, existing.mode & 0o7777);
  // Only root may give a file away; anyone else goes on as its new owner.
  await chown(to, existing.uid, existing.gid).catch(() => undefined);
}
