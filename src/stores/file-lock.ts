import { randomBytes } from 'node:crypto';
import { open, readFile, readlink, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { FileAccessError, systemCode, writeFailure } from './file-access-error.js';

/** What a writer holds while it reads, changes and writes. */
export interface FileLock {
  /** @throws FileAccessError if it is no longer ours: a process that stood still for 10 s loses it to another. */
  assertHeld(): Promise<void>;
}

/** Who holds a lock: the content of its file. */
interface Owner {
  readonly pid: number;
  /** The machine, and the namespace in which the pid means something. */
  readonly host: string;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A lock of this age belongs to nobody any more, whatever its owner's pid says. */
const staleMs = 10_000;
/** A lock that doesn't name its owner at this age was left by one who died between creating and writing it. */
const ownerlessMs = 1_000;

/**
 * Runs `action` while no other Halyard on this machine, or on this shared folder, is in it. The lock is a file that only
 * one can create. One whose owner is dead, or that is older than 10 s, is taken over.
 *
 * @param waitMs how long to wait for another, in milliseconds.
 * @throws FileAccessError if the folder can't be written, or the lock is still held by another after `waitMs`.
 */
export async function withFileLock<T>(
  path: string,
  action: (lock: FileLock) => Promise<T>,
  waitMs = 5_000,
): Promise<T> {
  const owner: Owner = { pid: process.pid, host: await thisHost(), token: randomToken(), at: Date.now() };
  await acquire(path, owner, waitMs);
  const isHeld = async (): Promise<boolean> => (await readOwner(path))?.token === owner.token;
  const assertHeld = async (): Promise<void> => {
    if (!(await isHeld())) throw new FileAccessError(path, 'LOCKED', 'another process took this lock over. Try again.');
  };
  try {
    return await action({ assertHeld });
  } finally {
    if (await isHeld()) await rm(path, { force: true });
  }
}

/** Whether somebody is writing at the moment. A lock that nobody will release does not count. */
export async function isLocked(path: string): Promise<boolean> {
  return (await lockState(path, await thisHost())) === 'held';
}

async function acquire(path: string, owner: Owner, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (!(await create(path, owner))) {
    if ((await lockState(path, owner.host)) === 'stale') await takeOver(path, owner);
    if (performance.now() > deadline) throw await heldTooLong(path, waitMs);
    // Random, so that two who wait don't meet again and again.
    await delay(2 + Math.random() * 18);
  }
}

/** `false`: somebody else was first. */
async function create(path: string, owner: Owner): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(JSON.stringify({ ...owner, at: Date.now() }));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw writeFailure(path, error);
  }
}

/**
 * Removes a stale lock. Only one may do so at a time, and only after another look: otherwise the second of two would
 * remove the fresh lock of the first.
 */
async function takeOver(path: string, owner: Owner): Promise<void> {
  const guard = `${path}.takeover`;
  if (!(await create(guard, owner))) {
    if ((await lockState(guard, owner.host)) === 'stale') await rm(guard, { force: true });
    return;
  }
  try {
    if ((await lockState(path, owner.host)) === 'stale') await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function lockState(path: string, host: string): Promise<'free' | 'held' | 'stale'> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return 'free';
  const ageMs = Date.now() - found.mtimeMs;
  if (ageMs > staleMs) return 'stale';
  const owner = await readOwner(path);
  if (owner === undefined) return ageMs > ownerlessMs ? 'stale' : 'held';
  return owner.host === host && isDead(owner) ? 'stale' : 'held';
}

function isDead(owner: Owner): boolean {
  if (owner.pid === process.pid) return owner.at < Date.now() - process.uptime() * 1_000 - 1_000;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isOwner(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOwner(value: unknown): value is Owner {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    Number.isSafeInteger(value.pid) &&
    'host' in value &&
    typeof value.host === 'string' &&
    'token' in value &&
    typeof value.token === 'string' &&
    'at' in value &&
    typeof value.at === 'number'
  );
}

/** Two containers can have one host name, and pids that don't know of each other. */
async function thisHost(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${namespace}`.trim();
}

async function heldTooLong(path: string, waitMs: number): Promise<FileAccessError> {
  const owner = await readOwner(path);
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`;
  return new FileAccessError(path, 'LOCKED', `${who} has been holding this lock for ${waitMs / 1_000} s. Try again.`);
}

function randomToken(): string {
  return randomBytes(12).toString('hex');
}
