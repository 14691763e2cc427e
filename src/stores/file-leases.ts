import { systemCode } from './file-access-error.js';
import { type FileLock, withFileLock } from './file-lock.js';
import { endLease, expectCurrentLease, type KeptLease, takeLease } from './kept-lease.js';
import { expectLeaseRequest, type Lease, type LeaseRegister } from './lease-register.js';
import { stageWrite } from './staged-write.js';
import { readTextFile } from './text-file.js';

/** How large the file of the leases may be, in bytes: some thousands of them. */
const MAX_BYTES = 1_000_000;

/**
 * Leases in a file, changed under the lock under which a store changes its own files: while a change is written, nobody
 * can take its lease away.
 *
 * Time is this machine's clock, and decides only when somebody else may take a lease. A clock that jumps makes that too
 * early: a lease ends early if it is set forward, and at once if it is set back. Who writes is decided by the fence, which
 * only rises.
 *
 * A file can't be renamed on a condition: a process that stands still between its last look at the lock and the rename that
 * follows at once, for as long as a lock lasts, writes late all the same.
 */
export class FileLeases implements LeaseRegister {
  readonly #path: string;
  readonly #lockPath: string;

  /** @param lockPath the lock under which changes are written that have a lease */
  constructor(path: string, lockPath: string) {
    this.#path = path;
    this.#lockPath = lockPath;
  }

  async take(name: string, holder: string, forMs: number): Promise<Lease | undefined> {
    expectLeaseRequest(name, holder, forMs);
    const taken = await this.#change(name, (kept) => {
      const now = Date.now();
      // If the file is lost, its fences aren't given again.
      return takeLease(kept, { holder, forMs, now, lowestFence: now });
    });
    return taken && { name, holder, fence: taken.fence };
  }

  async release({ name, fence }: Lease): Promise<void> {
    await this.#change(name, (kept) => (kept?.fence === fence ? endLease(kept) : undefined));
  }

  /**
   * For the one who holds the lock.
   *
   * @throws LeaseLostError if it is no longer the one that counts; FileAccessError if that can't be read.
   */
  async expectCurrent(lease: Lease): Promise<void> {
    expectCurrentLease((await readLeases(this.#path)).get(lease.name), lease);
  }

  /** @param change `undefined`: nothing is written */
  #change(
    name: string,
    change: (kept: KeptLease | undefined) => KeptLease | undefined,
  ): Promise<KeptLease | undefined> {
    return withFileLock(this.#lockPath, async (lock) => {
      const leases = await readLeases(this.#path);
      const changed = change(leases.get(name));
      if (changed !== undefined) await writeLeases(this.#path, new Map(leases).set(name, changed), lock);
      return changed;
    });
  }
}

async function writeLeases(path: string, leases: ReadonlyMap<string, KeptLease>, lock: FileLock): Promise<void> {
  const staged = await stageWrite(path, `${JSON.stringify(Object.fromEntries(leases), undefined, 2)}\n`);
  try {
    await lock.assertHeld();
    await staged.commit();
  } finally {
    await staged.discard();
  }
}

/** What isn't there, or can't be understood, is no lease: whoever had it has lost it. */
async function readLeases(path: string): Promise<ReadonlyMap<string, KeptLease>> {
  const leases = new Map<string, KeptLease>();
  for (const [name, value] of Object.entries(parseJson(await readText(path)))) {
    if (isKeptLease(value)) leases.set(name, value);
  }
  return leases;
}

async function readText(path: string): Promise<string> {
  try {
    return await readTextFile(path, MAX_BYTES);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return '';
    throw error;
  }
}

function parseJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function isKeptLease(value: unknown): value is KeptLease {
  if (typeof value !== 'object' || value === null) return false;
  const { holder, fence, from, until }: Partial<Record<keyof KeptLease, unknown>> = value;
  return (
    typeof holder === 'string' && Number.isSafeInteger(fence) && typeof from === 'number' && typeof until === 'number'
  );
}
