import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileAccessError, readFailure, systemCode, writeFailure } from './file-access-error.js';
import { removeLeftovers, syncFolder, temporaryPath, writeAll } from './temporary-file.js';

/**
 * Replaces a file in one step by one that only this user can read; folders that are missing are made, for this user
 * alone. A symbolic link is replaced, not followed: in a folder that others can write, it may lead anywhere.
 *
 * @param chunks the content; other work is let in between two of them.
 * @param maxBytes how much they may be.
 * @throws FileAccessError if it can't be written; then the former file stays.
 */
export async function writePrivateFile(path: string, chunks: Iterable<Uint8Array>, maxBytes: number): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await removeLeftovers(path);
    await writeDurably(temporary, chunks, maxBytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeFailure(path, error);
  }
  await syncFolder(dirname(path));
}

/**
 * Reads a file that {@link writePrivateFile} has written.
 *
 * @param maxBytes a larger file is refused by its size, before it is read.
 * @throws FileAccessError also if it is a link, belongs to another user, or everybody may write it: then who knows what
 * it says. Root's files are trusted, and a group that may write is: Kubernetes gives it that right (`fsGroup`).
 */
export async function readPrivateFile(path: string, maxBytes: number): Promise<Buffer> {
  // Opened as it is: a link is not followed, and a pipe is not waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: unknown) => {
    throw systemCode(error) === 'ELOOP' ? refuse(path, 'A_LINK', 'is a symbolic link') : readFailure(path, error);
  });
  try {
    await expectPrivate(path, file, maxBytes);
    return await file.readFile();
  } catch (error) {
    throw readFailure(path, error);
  } finally {
    await file.close();
  }
}

async function expectPrivate(path: string, file: FileHandle, maxBytes: number): Promise<void> {
  const found = await file.stat();
  // Absent on Windows, where a file has neither.
  const user = process.geteuid?.();
  if (!found.isFile()) throw refuse(path, 'NOT_A_FILE', found.isDirectory() ? 'is a directory' : 'is not a file');
  if (user !== undefined && found.uid !== user && found.uid !== 0) {
    throw refuse(path, 'NOT_OURS', `belongs to another user (uid ${found.uid}; this process runs as ${user})`);
  }
  if (user !== undefined && (found.mode & 0o002) !== 0) {
    throw refuse(path, 'NOT_PRIVATE', 'can be written by everybody');
  }
  if (found.size > maxBytes) {
    throw refuse(path, 'TOO_LARGE', `is too large: ${found.size} bytes, allowed are ${maxBytes}`);
  }
}

function refuse(path: string, code: string, message: string): FileAccessError {
  return new FileAccessError(path, code, message);
}

async function writeDurably(path: string, chunks: Iterable<Uint8Array>, maxBytes: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    let position = 0;
    for (const chunk of chunks) {
      await writeAll(file, chunk, position);
      position += chunk.length;
      if (position > maxBytes)
        throw refuse(path, 'TOO_LARGE', `would be larger than the ${maxBytes} bytes that are allowed`);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
