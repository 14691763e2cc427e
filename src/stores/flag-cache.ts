import { resolve } from 'node:path';
import { isSameState } from '../flags/flag-state.js';
import { type CachedFlags, formatCachedFlags, parseCachedFlags } from './cached-flags.js';
import { FileAccessError } from './file-access-error.js';
import type { StoredFlags } from './flag-store.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

export interface FlagCacheOptions {
  readonly path: string;
  /** The name of the store whose flags are kept. */
  readonly store: string;
  /** Whether a write that failed is tried again by a timer, or only with the next `save`. */
  readonly retries: boolean;
  /** Told when writing begins to fail; once, until it works again. */
  readonly onFailure: (error: unknown) => void;
  /** Told when it works again. */
  readonly onRecovery: () => void;
}

/** How large a cache may be, in bytes. */
const MAX_BYTES = 100_000_000;
/** What stays the same is written again after this time: the file tells how old its flags are, and comes back if it was lost. */
const REWRITE_MS = 600_000;
/** How long after a failure it is tried again. */
const RETRY_MS = 30_000;
/** How long the disk is waited for: it can hang, too. */
const PATIENCE_MS = 5_000;

/**
 * Keeps the last good flags of a store in a file, for a start while the store is away. They are written in the
 * background, one write at a time, the newest wins. Several processes may share the file.
 *
 * No timer in it keeps the process alive.
 */
export class FlagCache {
  /** What logs, health and metrics call it. */
  readonly name: string;
  readonly #options: FlagCacheOptions;
  readonly #path: string;
  #waiting: CachedFlags | undefined;
  #written: CachedFlags | undefined;
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #isFailing = false;
  #isClosed = false;

  constructor(options: FlagCacheOptions) {
    this.#options = options;
    this.#path = resolve(options.path);
    this.name = `cache:${options.path}`;
  }

  /** How often it could not be written. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * What was kept last.
   *
   * @throws FileAccessError that says why it can't be used: there is none, it is damaged, of another store, not private …
   */
  async load(): Promise<CachedFlags> {
    const bytes = await inTime(readPrivateFile(this.#path, MAX_BYTES));
    if (bytes === undefined)
      throw new FileAccessError(this.#path, 'TIMEOUT', `cannot be read within ${PATIENCE_MS} ms`);
    try {
      const cached = parseCachedFlags(bytes);
      if (cached.store !== this.#options.store) {
        throw new Error(`holds the flags of ${cached.store}, not of ${this.#options.store}`);
      }
      return cached;
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new FileAccessError(this.#path, 'BROKEN_CACHE', message, { cause });
    }
  }

  /**
   * Keeps what the store holds, in the background.
   * @param at when it held that, in milliseconds since the epoch
   */
  save({ document, state, version }: StoredFlags, at: number): void {
    const next = { store: this.#options.store, at, stored: { document, state, version } };
    if (this.#isClosed || isKept(next, this.#waiting ?? this.#written)) return;
    this.#waiting = next;
    if (this.#retry === undefined) this.#write();
  }

  /** Resolves when what was saved is written, or can't be. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await inTime(this.#writing ?? Promise.resolve());
  }

  #write(): void {
    this.#retry = undefined;
    this.#writing ??= this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    let next = this.#waiting;
    try {
      for (; next !== undefined; next = this.#waiting) {
        this.#waiting = undefined;
        await writePrivateFile(this.#path, formatCachedFlags(next), MAX_BYTES);
        this.#succeed(next);
      }
    } catch (error) {
      this.#fail(error, next);
    } finally {
      this.#writing = undefined;
    }
  }

  #succeed(written: CachedFlags): void {
    this.#written = written;
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#options.onRecovery();
  }

  #fail(error: unknown, unwritten: CachedFlags | undefined): void {
    this.#written = undefined;
    this.#failures += 1;
    // Without a timer, what is saved next is written next.
    const again = this.#options.retries && !this.#isClosed;
    this.#waiting = again ? (this.#waiting ?? unwritten) : undefined;
    if (again) this.#retry = setTimeout(() => this.#write(), RETRY_MS).unref();
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#options.onFailure(error);
  }
}

function isKept({ at, stored }: CachedFlags, kept: CachedFlags | undefined): boolean {
  if (kept === undefined || Math.abs(at - kept.at) >= REWRITE_MS) return false;
  return stored.version === kept.stored.version && isSameState(stored.state, kept.stored.state);
}

/** `undefined` if the disk takes too long. */
async function inTime<Value>(work: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS).unref();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
