import { isSameState } from '../flags/flag-state.js';
import { FlagDocumentError, formatProblem, type Problem } from '../flags/problem.js';
import type { ParsedFlagDocument } from '../flags/parse-flag-document.js';
import { compareVersions, DocumentUnreadableError, type FlagStore, type StoredFlags } from '../stores/flag-store.js';
import { DocumentReader } from './document-reader.js';
import type { Runtime } from './runtime.js';

/** How a Halyard stands to its store. */
export type FollowerStatus =
  /** Nothing has been loaded yet. */
  | 'starting'
  /** What serves is what the store holds. */
  | 'ready'
  /** The last good flags serve; the store can't be read, or what it holds was refused. */
  | 'stale'
  /** Nothing could be loaded: every evaluation gives the caller's default. */
  | 'error'
  | 'closed';

/** How often the store is read though nothing was reported: the net under every watcher, and the proof that it still answers. */
const NET_MS = 60_000;

/** A load that takes longer has failed. */
const LONGEST_LOAD_MS = 30_000;

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** Keeps a runtime at what a store holds. Loads never overlap; what fails is tried again, ever less often. */
export class StoreFollower {
  readonly #store: FlagStore;
  readonly #runtime: Runtime;
  readonly #isWatching: boolean;
  readonly #reader: DocumentReader;
  #status: FollowerStatus = 'starting';
  #lastError: { readonly error: Error; readonly at: number } | undefined;
  #lastSuccess: number | undefined;
  #lastAttempt: number | undefined;
  #storedVersion: string | undefined;
  #toldWarnings = '';
  #running: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #failures = 0;
  #next: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;

  /** @param isWatching whether changes are followed by themselves, or only when `refresh` is called */
  constructor(store: FlagStore, runtime: Runtime, isWatching: boolean) {
    this.#store = store;
    this.#runtime = runtime;
    this.#isWatching = isWatching;
    this.#reader = new DocumentReader(runtime.logger, store.maxBytes);
  }

  get status(): FollowerStatus {
    return this.#status;
  }

  get lastError(): { readonly error: Error; readonly at: number } | undefined {
    return this.#lastError;
  }

  /** When the store was last read and found good, in milliseconds since the epoch. */
  get lastSuccess(): number | undefined {
    return this.#lastSuccess;
  }

  /** When the store was last asked, in milliseconds since the epoch. */
  get lastAttempt(): number | undefined {
    return this.#lastAttempt;
  }

  /** Starts to follow and loads for the first time. Never rejects; `status` and `lastError` tell. */
  async start(): Promise<void> {
    // Watching comes first, so that no change falls between.
    try {
      if (this.#isWatching) this.#unwatch = this.#store.watch?.(() => void this.refresh());
    } catch (error) {
      this.#tellError(asError(error));
    }
    await this.refresh();
  }

  /** Loads what the store holds at this moment or later. Never rejects. */
  refresh(): Promise<void> {
    // A load that already runs may have read before the change that this one is about.
    this.#waiting ??= this.#running.then(async () => {
      this.#waiting = undefined;
      this.#running = this.#load();
      await this.#running;
    });
    return this.#waiting;
  }

  /** Ends following. What serves goes on serving. */
  async close(): Promise<void> {
    this.#status = 'closed';
    clearTimeout(this.#next);
    this.#unwatch?.();
    await this.#store.close();
  }

  async #load(): Promise<void> {
    if (this.#status === 'closed') return;
    clearTimeout(this.#next);
    this.#lastAttempt = this.#runtime.clock.now();
    try {
      const stored = await within(LONGEST_LOAD_MS, this.#store.load());
      if (this.#isClosed()) return;
      if (stored.version !== this.#storedVersion || this.#status !== 'ready') await this.#take(stored);
      // A state that was written by hand may come without a version of its own.
      else if (!isSameState(stored.state, this.#runtime.state)) this.#runtime.serveState(stored.state);
      this.#succeed();
    } catch (error) {
      // Kills hold, whatever the document is.
      if (error instanceof DocumentUnreadableError && !this.#isClosed()) this.#runtime.serveState(error.state);
      this.#fail(asError(error));
    }
  }

  /** Asked after every wait: closing doesn't wait for a load. */
  #isClosed(): boolean {
    return this.#status === 'closed';
  }

  async #take(stored: StoredFlags): Promise<void> {
    const read = await this.#reader.read(stored);
    if (this.#isClosed()) return;
    const { parsed } = read;
    const errors = parsed.problems.filter((problem) => problem.severity === 'error');
    if (errors.length > 0 && this.#mustRefuse(parsed, errors)) {
      // Kills hold whatever the document says.
      this.#runtime.serveState(stored.state);
      throw new FlagDocumentError(parsed.problems);
    }
    this.#reader.accept(read);
    await this.#runtime.serveStored(parsed, stored.state, stored.version);
    this.#tellVersion(stored.version);
    this.#tellWarnings(parsed.problems);
    if (errors.length > 0) this.#tellError(new FlagDocumentError(parsed.problems), parsed.refused);
  }

  /** A newer version of the format may say anything else with the same words. */
  #mustRefuse(parsed: ParsedFlagDocument, errors: readonly Problem[]): boolean {
    const isUnreadable = parsed.flags.size === 0 && parsed.refused.size === 0;
    return this.#store.refuses === 'whole' || isUnreadable || errors.some(({ path }) => path[0] === 'version');
  }

  #succeed(): void {
    if (this.#isClosed()) return;
    this.#failures = 0;
    this.#lastSuccess = this.#runtime.clock.now();
    this.#loadIn(NET_MS);
    if (this.#status === 'ready') return;
    this.#status = 'ready';
    this.#runtime.listeners.emit('ready', { version: this.#storedVersion ?? '' });
  }

  #fail(error: Error): void {
    if (this.#isClosed()) return;
    this.#tellError(error);
    const wasReady = this.#status === 'ready';
    this.#status = this.#runtime.version === undefined ? 'error' : 'stale';
    if (wasReady) this.#runtime.listeners.emit('stale', { reason: error.message });
    this.#loadIn(this.#retryDelayMs());
  }

  #loadIn(delayMs: number): void {
    if (this.#isWatching) this.#next = setTimeout(() => void this.refresh(), delayMs).unref();
  }

  /** Doubles up to the longest, with a random half, so that a fleet doesn't come back all at once. */
  #retryDelayMs(): number {
    const delay = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS);
    this.#failures += 1;
    return delay * (0.5 + Math.random() / 2);
  }

  /** @param except the flags that were refused, where all others were taken */
  #tellError(error: Error, except?: ReadonlySet<string>): void {
    const { logger, listeners, clock } = this.#runtime;
    const outcome = except === undefined ? this.#refusal() : partialRefusal(except);
    // The same failure again and again, while it is retried, is one line.
    if (error.message !== this.#lastError?.error.message || this.#status === 'ready') {
      logger.error({ err: error, source: this.#store.name }, `${this.#store.name} ${outcome}\n${error.message}`);
    }
    this.#lastError = { error, at: clock.now() };
    listeners.emit('error', { error, source: this.#store.name });
  }

  #refusal(): string {
    const isServing = this.#runtime.version !== undefined;
    return `was not taken. ${isServing ? 'The last good flags go on serving.' : 'Nothing is loaded yet.'}`;
  }

  #tellVersion(version: string): void {
    const before = this.#storedVersion;
    this.#storedVersion = version;
    if (before === undefined || before === version) return;
    const fields = { source: this.#store.name, version, before };
    if (compareVersions(version, before) === 'older') {
      this.#runtime.logger.warn(
        fields,
        `${this.#store.name} went back from version ${before} to ${version}. It is followed.`,
      );
    } else {
      this.#runtime.logger.info(fields, `${this.#store.name} is at version ${version}.`);
    }
  }

  #tellWarnings(problems: readonly Problem[]): void {
    const warnings = problems.filter((problem) => problem.severity === 'warning').map(formatProblem);
    const text = warnings.join('\n');
    if (text !== '' && text !== this.#toldWarnings) this.#runtime.logger.warn({ source: this.#store.name }, text);
    this.#toldWarnings = text;
  }
}

function partialRefusal(refused: ReadonlySet<string>): string {
  const shown = [...refused].slice(0, 10).join(', ');
  const rest = refused.size > 10 ? ` and ${refused.size - 10} more` : '';
  return `was taken, except for ${shown}${rest}: these serve their last good form, if they have one.`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}

/** Rejects if a promise takes too long. What it does later harms nobody. */
async function within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The store did not answer within ${limitMs / 1000} s.`)),
      limitMs,
    ).unref();
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
