import { type FlagState, isSameState } from '../flags/flag-state.js';
import { FlagDocumentError, type Problem } from '../flags/problem.js';
import type { ParsedFlagDocument } from '../flags/parse-flag-document.js';
import { DocumentUnreadableError, type FlagStore, type StoredFlags, type StoredFrom } from '../stores/flag-store.js';
import { DocumentReader } from './document-reader.js';
import { FollowerReport } from './follower-report.js';
import type { Runtime } from './runtime.js';
import { within } from './within.js';

/** How a Halyard stands to its store. */
export type FollowerStatus =
  /** Nothing has been loaded yet. */
  | 'starting'
  /** What serves is what the store holds. */
  | 'ready'
  /** Flags serve, the last good ones or what stood in at the start; the store can't be read, or what it holds was refused. */
  | 'stale'
  /** Nothing could be loaded: every evaluation gives the caller's default. */
  | 'error'
  | 'closed';

/** What serves when the store does not answer at the start. */
export interface StandIn {
  /** What logs, health and metrics call it. */
  readonly name: string;
  readonly stored: StoredFlags;
  /** When the store was last known to hold this, in milliseconds since the epoch; `undefined`: it may never have. */
  readonly at: number | undefined;
}

export interface FollowerOptions {
  /** Whether changes are followed by themselves, or only when `refresh` is called. */
  readonly isWatching: boolean;
  /** Told what the store holds and when, in milliseconds since the epoch, whenever that was read and found good. */
  readonly onGood?: ((stored: StoredFlags, at: number) => void) | undefined;
}

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
  readonly #onGood: FollowerOptions['onGood'];
  readonly #reader: DocumentReader;
  readonly #report: FollowerReport;
  #status: FollowerStatus = 'starting';
  #staleSince: number | undefined;
  #lastSuccess: number | undefined;
  #lastAttempt: number | undefined;
  #storedVersion: string | undefined;
  /** What the store said of its state where its document was not to be had. */
  #knownState: FlagState | undefined;
  /** The latest that was good, for whoever keeps it. */
  #good: StoredFlags | undefined;
  /** Whether flags have come from elsewhere than the store itself. */
  #isMixed = false;
  #serving: Promise<unknown> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #failures = 0;
  #next: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;

  constructor(store: FlagStore, runtime: Runtime, { isWatching, onGood }: FollowerOptions) {
    this.#store = store;
    this.#runtime = runtime;
    this.#isWatching = isWatching;
    this.#onGood = onGood;
    this.#reader = new DocumentReader(runtime.logger, store.maxBytes);
    this.#report = new FollowerReport(store.name, runtime);
  }

  get status(): FollowerStatus {
    return this.#status;
  }

  /** Where what serves came from: the store, one of its sources, or what stands in for it. */
  get source(): string {
    return this.#runtime.source ?? this.#store.name;
  }

  /** Since when it is stale, in milliseconds since the epoch. */
  get staleSince(): number | undefined {
    return this.#staleSince;
  }

  get lastError(): { readonly error: Error; readonly at: number } | undefined {
    return this.#report.lastError;
  }

  /** When the store was last read and found good, by this process or by the one that kept what stands in, in milliseconds since the epoch. */
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
      this.#report.refusal(asError(error), true);
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

  /**
   * Serves what stands in for a store that has not answered, unless it has meanwhile.
   * @param because why it has not
   * @throws FlagDocumentError if what stands in is refused
   */
  async serveInstead({ name, stored, at }: StandIn, because: Error): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#isClosed() || this.#runtime.version !== undefined) return;
      if (this.lastError === undefined) this.#report.refusal(because, true);
      const age = at === undefined ? '' : `They were good at ${new Date(at).toISOString()}. `;
      // What the store has said of its state holds, though its document was not to be had.
      const known = { ...stored, state: this.#knownState ?? stored.state };
      await this.#serve(known, { name, because: `${age}${because.message}` });
      if (this.#isClosed()) return;
      const now = this.#runtime.clock.now();
      this.#status = 'stale';
      this.#staleSince = now;
      if (at === undefined) return;
      this.#lastSuccess = Math.min(at, now);
      this.#storedVersion = stored.version;
      this.#good = known;
    });
  }

  /** Serves what the store's state is known to be, where its document is not to be had. */
  serveState(state: FlagState): void {
    this.#knownState = state;
    this.#runtime.serveState(state);
    if (this.#good !== undefined) this.#keep({ ...this.#good, state });
  }

  /**
   * Ends following at once, and closes the store. What serves goes on serving.
   *
   * @param lastUse what still needs the store; it must not reject
   */
  async close(lastUse: Promise<void>): Promise<void> {
    this.#status = 'closed';
    clearTimeout(this.#next);
    this.#unwatch?.();
    await lastUse;
    await this.#store.close();
  }

  async #load(): Promise<void> {
    if (this.#status === 'closed') return;
    clearTimeout(this.#next);
    this.#setTime(this.#runtime.clock.now());
    try {
      const stored = await within(LONGEST_LOAD_MS, this.#store.load());
      await this.#inTurn(() => this.#follow(stored));
      if (stored.staleSince === undefined) this.#succeed();
      else this.#serveOutOfDate(stored.staleSince);
    } catch (error) {
      // Kills hold, whatever the document is.
      if (error instanceof DocumentUnreadableError && !this.#isClosed()) this.serveState(error.state);
      this.#fail(asError(error));
    }
  }

  /** What came after a failure is looked at in any case; what is out of date comes again and again. */
  #isNew({ version, staleSince }: StoredFlags): boolean {
    return version !== this.#storedVersion || (this.#status !== 'ready' && staleSince === undefined);
  }

  /** Where the clock was put back, ages count from now on. */
  #setTime(now: number): void {
    this.#lastAttempt = now;
    if (this.#lastSuccess !== undefined) this.#lastSuccess = Math.min(this.#lastSuccess, now);
    if (this.#staleSince !== undefined) this.#staleSince = Math.min(this.#staleSince, now);
  }

  /** One after another, so that what stands in never takes the place of what the store has said. */
  #inTurn(serve: () => Promise<void>): Promise<void> {
    const turn = this.#serving.then(serve);
    this.#serving = turn.catch(() => undefined);
    return turn;
  }

  /** Asked after every wait: closing doesn't wait for a load. */
  #isClosed(): boolean {
    return this.#status === 'closed';
  }

  async #follow(stored: StoredFlags): Promise<void> {
    if (this.#isClosed()) return;
    if (this.#isNew(stored)) await this.#take(stored);
    // A state that was written by hand may come without a version of its own.
    else if (!isSameState(stored.state, this.#runtime.state)) this.serveState(stored.state);
  }

  async #take(stored: StoredFlags): Promise<void> {
    try {
      await this.#serve(stored, stored.source ?? { name: this.#store.name });
    } catch (error) {
      // Kills hold whatever the document says.
      if (error instanceof FlagDocumentError) this.serveState(stored.state);
      throw error;
    }
    if (this.#isClosed()) return;
    this.#report.version(stored.version, this.#storedVersion);
    this.#storedVersion = stored.version;
    this.#good = stored;
  }

  /** @throws FlagDocumentError if the document is refused */
  async #serve(stored: StoredFlags, source: StoredFrom): Promise<void> {
    // What a store has parsed itself can't be compared with what came from elsewhere.
    this.#isMixed ||= source.name !== this.#store.name;
    const read = await this.#reader.read(this.#isMixed ? { document: stored.document } : stored);
    if (this.#isClosed()) return;
    const { parsed } = read;
    const errors = parsed.problems.filter((problem) => problem.severity === 'error');
    if (errors.length > 0 && this.#mustRefuse(parsed, errors)) throw new FlagDocumentError(parsed.problems);
    this.#reader.accept(read);
    const before = this.source;
    await this.#runtime.serveStored({ ...read, state: stored.state, version: stored.version, source: source.name });
    this.#report.source(source, before);
    this.#report.warnings(parsed.problems);
    if (errors.length > 0) {
      const error = new FlagDocumentError(parsed.problems);
      this.#report.partialRefusal(error, this.#status === 'ready', source.name, parsed.refused);
    }
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
    if (this.#good !== undefined) this.#keep(this.#good);
    this.#loadIn(NET_MS);
    if (this.#status === 'ready') return;
    this.#status = 'ready';
    this.#staleSince = undefined;
    this.#runtime.listeners.emit('ready', { version: this.#storedVersion ?? '' });
  }

  /** The flags are good, and nobody knows whether they are the latest. */
  #serveOutOfDate(since: number): void {
    if (this.#isClosed()) return;
    const { name } = this.#store;
    this.#lastSuccess = Math.max(since, this.#lastSuccess ?? since);
    if (this.#good !== undefined) this.#keep(this.#good, since);
    const error = new Error(`${name} has lost the place that it has the flags from.`);
    this.#report.outOfDate(error, this.#status === 'ready');
    this.#goStale(error);
  }

  #fail(error: Error): void {
    if (this.#isClosed()) return;
    this.#report.refusal(error, this.#status === 'ready');
    this.#goStale(error);
  }

  #goStale(error: Error): void {
    const wasReady = this.#status === 'ready';
    this.#status = this.#runtime.version === undefined ? 'error' : 'stale';
    if (this.#status === 'stale') this.#staleSince ??= this.#runtime.clock.now();
    if (wasReady) this.#runtime.listeners.emit('stale', { reason: error.message });
    this.#loadIn(this.#retryDelayMs());
  }

  /** @param at when the store was known to hold it, in milliseconds since the epoch */
  #keep(good: StoredFlags, at: number = this.#runtime.clock.now()): void {
    // Held for this alone.
    this.#good = this.#onGood === undefined ? undefined : good;
    this.#onGood?.(good, at);
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
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}
