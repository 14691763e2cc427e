import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { FileAccessError } from './file-access-error.js';
import { isLocked } from './file-lock.js';
import type { FileLocations } from './file-locations.js';
import { traceFile } from './file-trace.js';
import type { SourceText } from './flag-store.js';
import { readStateText } from './state-file.js';
import { readTextFile } from './text-file.js';

/** What lay in the files at one moment, unjudged. What can't be read is the error that says why. */
export interface FileSnapshot {
  readonly documents: readonly SourceText[] | FileAccessError;
  /** `undefined` if there is no state file. */
  readonly stateText: string | undefined | FileAccessError;
}

/** How long a reader waits for files that are being written, in milliseconds; then it takes what is there. */
const patienceMs = 1_000;

/** Reads documents and state as of one moment: not while Halyard writes them, and again if one changed meanwhile. */
export async function readSnapshot(files: FileLocations, maxBytes: number): Promise<FileSnapshot> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const busy = await isLocked(files.lock);
    const { snapshot, isSteady } = await readSteadily(files, maxBytes);
    if ((isSteady && !busy && !(await isLocked(files.lock))) || performance.now() > deadline) return snapshot;
    await delay(5);
  }
}

/** As {@link readSnapshot}, for the one who holds the lock. */
export async function readSnapshotUnderLock(files: FileLocations, maxBytes: number): Promise<FileSnapshot> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { snapshot, isSteady } = await readSteadily(files, maxBytes);
    if (isSteady || performance.now() > deadline) return snapshot;
    await delay(5);
  }
}

/** The first half of a version: the same documents have the same one on every machine, whatever they are called. */
export function lineageOf(documents: FileSnapshot['documents']): string {
  if (documents instanceof FileAccessError) return 'unreadable';
  const hash = createHash('sha256');
  for (const { text } of documents) hash.update(`${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex').slice(0, 12);
}

/** Equal for snapshots with equal content; errors count by what they say. */
export function fingerprint({ documents, stateText }: FileSnapshot): string {
  const hash = createHash('sha256');
  const texts = documents instanceof FileAccessError ? [documents.message] : documents.map(({ text }) => text);
  const state = stateText instanceof FileAccessError ? stateText.message : (stateText ?? null);
  return hash.update(JSON.stringify([documents instanceof FileAccessError, texts, state])).digest('hex');
}

async function readSteadily(
  files: FileLocations,
  maxBytes: number,
): Promise<{ readonly snapshot: FileSnapshot; readonly isSteady: boolean }> {
  const before = await traces(files);
  const [documents, stateText] = await Promise.all([
    asValue(
      Promise.all(files.documents.map(async ({ name, path }) => ({ name, text: await readTextFile(path, maxBytes) }))),
    ),
    asValue(readStateText(files.state, maxBytes)),
  ]);
  return { snapshot: { documents, stateText }, isSteady: before === (await traces(files)) };
}

async function traces({ documents, state }: FileLocations): Promise<string> {
  const all = await Promise.all([...documents.map(({ path }) => path), state].map(traceFile));
  return all.map(({ trace }) => trace).join('\n');
}

async function asValue<T>(reading: Promise<T>): Promise<T | FileAccessError> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FileAccessError) return error;
    throw error;
  }
}
