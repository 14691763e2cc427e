import { type FileHandle, open } from 'node:fs/promises';
import { formatChange, parseChange } from './change-text.js';
import { readFailure, systemCode, writeFailure } from './file-access-error.js';
import type { Change } from './flag-store.js';

/** Appends changes to a file, one JSON text a line. Opened before a change is made, so that none is made without its line. */
export interface AuditWriter {
  append(change: Change): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the trail for appending, and creates it.
 *
 * @throws FileAccessError if it can't be written.
 */
export async function openAuditWriter(path: string): Promise<AuditWriter> {
  const file = await open(path, 'a+').catch((error: unknown) => {
    throw writeFailure(path, error);
  });
  const append = async (change: Change): Promise<void> => {
    try {
      // In one write, so that a line is never divided by somebody else's.
      await file.appendFile(`${(await endsTorn(file)) ? '\n' : ''}${formatChange(change)}\n`);
    } catch (error) {
      throw writeFailure(path, error);
    }
  };
  return { append, close: () => file.close() };
}

/**
 * The newest changes first. Reads from the end, so that a long trail costs no more than a short one, and passes over
 * lines that are no changes, such as a torn last one.
 *
 * @throws FileAccessError if the trail is there and can't be read.
 */
export async function readAuditTrail(path: string, limit: number): Promise<readonly Change[]> {
  try {
    const file = await open(path);
    try {
      return await readNewest(file, limit);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw readFailure(path, error);
  }
}

const chunkBytes = 64 * 1_024;
const lineFeed = 0x0a;

async function readNewest(file: FileHandle, limit: number): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for await (const line of linesFromEnd(file)) {
    if (changes.length >= limit) break;
    const change = parseChange(line);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

async function* linesFromEnd(file: FileHandle): AsyncGenerator<string> {
  let position = (await file.stat()).size;
  /** The parts of a line whose beginning is not read yet, in file order. */
  let pending: readonly Buffer[] = [];
  while (position > 0) {
    const length = Math.min(chunkBytes, position);
    position -= length;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    let end = bytesRead;
    for (let at = lastLineFeed(buffer, end); at !== -1; at = lastLineFeed(buffer, end)) {
      yield Buffer.concat([buffer.subarray(at + 1, end), ...pending]).toString('utf8');
      pending = [];
      end = at;
    }
    pending = [buffer.subarray(0, end), ...pending];
  }
  yield Buffer.concat(pending).toString('utf8');
}

/** The last one before `end`; -1 if there is none. */
function lastLineFeed(buffer: Buffer, end: number): number {
  return end === 0 ? -1 : buffer.lastIndexOf(lineFeed, end - 1);
}

async function endsTorn(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== lineFeed;
}
