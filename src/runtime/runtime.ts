import { errorAnswer, type FlagTallies } from '../evaluation/answer.js';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { buildFlagSet, type FlagSet, type LocalSwitches } from '../evaluation/flag-set.js';
import { changedKeys } from '../evaluation/flag-set-changes.js';
import { emptyFlagState, type FlagState } from '../flags/flag-state.js';
import type { ParsedFlagDocument } from '../flags/parse-flag-document.js';
import { type Clock, Evaluator } from './evaluator.js';
import type { ChangeEvent, HalyardEvents, RequestInfo, ServedAnswer } from './events.js';
import { Listeners } from './listeners.js';
import { guardLogger, type Logger } from './logger.js';
import { runAtOnce, runInSlices } from '../flags/run-steps.js';
import type { Snapshot } from './snapshot.js';
import { TimeWatch } from './time-watch.js';
import { UnknownKeys } from './unknown-keys.js';

/** The key under which a Halyard carries its runtime, also for adapters of another copy of this package. Not for applications. */
export const RUNTIME: unique symbol = Symbol.for('halyard.runtime');

export interface RuntimeOptions {
  /** Attributes under every evaluation. */
  readonly base: EvaluationContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly local: LocalSwitches;
  /** Whether changes that time makes are told by a timer. */
  readonly watch: boolean;
  /** Whether a guard of an unknown key throws. */
  readonly strictKeys: boolean;
}

/** What the store, or what stands in for it, held when it was last read and found good, all of one moment. */
export interface ServedFlags {
  /** As it was read: all texts merged, and flags that were refused as they are written. */
  readonly document: unknown;
  readonly parsed: ParsedFlagDocument;
  readonly state: FlagState;
  readonly version: string;
  /** The name of a store, or of what stands in for it. */
  readonly source: string;
}

/** What serves now: the document, the state, and this instance's own switches, compiled to one flag set. */
export class Runtime {
  readonly listeners: Listeners<HalyardEvents>;
  readonly evaluator: Evaluator;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unknownKeys: UnknownKeys;
  /** Under this key an evaluation context carries the snapshot of its request, through OpenFeature's merging, too. */
  readonly snapshotKey: symbol = Symbol('halyard.snapshot');
  readonly #timeWatch: TimeWatch;
  readonly #endings = new Set<() => void>();
  readonly #streamEndings = new Set<() => void>();
  readonly #servedListeners = new Set<() => void>();
  #document: unknown;
  #parsed: ParsedFlagDocument | undefined;
  #state: FlagState = emptyFlagState;
  #local: LocalSwitches;
  #version: string | undefined;
  #source: string | undefined;
  #isClosed = false;

  constructor({ base, clock, logger, local, watch, strictKeys }: RuntimeOptions) {
    this.clock = clock;
    this.logger = guardLogger(logger);
    this.#local = local;
    this.listeners = new Listeners((error, name) =>
      this.logger.error({ err: error }, `A listener of "${name}" failed: ${String(error)}`),
    );
    this.unknownKeys = new UnknownKeys(this.logger, strictKeys, () => this.evaluator.current.set);
    this.evaluator = new Evaluator(base, clock, this.listeners, (key) => this.unknownKeys.note(key));
    this.#timeWatch = new TimeWatch(
      watch,
      clock,
      () => this.evaluator.current.set,
      (flagKeys) => this.#tellChange(flagKeys, 'time'),
    );
    // Kills of this instance hold before anything is loaded.
    this.#serve(this.#buildNow());
  }

  get state(): FlagState {
    return this.#state;
  }

  get local(): LocalSwitches {
    return this.#local;
  }

  get version(): string | undefined {
    return this.#version;
  }

  /** Where the flags that serve came from; `undefined` until some do. */
  get source(): string | undefined {
    return this.#source;
  }

  /** What comes from the store, without this instance's own switches; `undefined` while nothing is loaded. */
  get served(): ServedFlags | undefined {
    if (this.#parsed === undefined || this.#version === undefined) return undefined;
    return {
      document: this.#document,
      parsed: this.#parsed,
      state: this.#state,
      version: this.#version,
      source: this.#source ?? '',
    };
  }

  /** Calls a listener whenever `served` may be another. It must not throw. Returns the function that ends it. */
  onServed(listener: () => void): () => void {
    this.#servedListeners.add(listener);
    return () => this.#servedListeners.delete(listener);
  }

  /** The flags as they are at this moment, for a request to keep. */
  snapshot(request?: RequestInfo, answers?: Map<string, ServedAnswer>): Snapshot {
    const { set, version } = this.evaluator.current;
    return { set, version, now: this.clock.now(), request, answers };
  }

  /** Serves what the store holds. The new flags are compiled aside, and then replace the old ones at once. */
  async serveStored(served: ServedFlags): Promise<void> {
    const local = this.#local;
    const compiled = await runInSlices(this.#build(served.parsed, served.state, local));
    if (this.#isClosed) return;
    this.#take(served);
    // A local switch that was thrown meanwhile is in neither.
    this.#serveFromStore(this.#local === local ? compiled : this.#buildNow(compiled));
  }

  /** The same in one turn, however large: for a test, which goes on with what it has just said. */
  serveStoredNow(served: ServedFlags): void {
    if (this.#isClosed) return;
    this.#take(served);
    this.#serveFromStore(this.#buildNow());
  }

  /** Takes over the state alone: the document is refused, or has not changed. */
  serveState(state: FlagState): void {
    this.#state = state;
    this.#serveLocally('store');
    this.#tellServed();
  }

  /** Changes this instance's own switches, at once. */
  setLocal(change: (local: LocalSwitches) => LocalSwitches): void {
    this.#local = change(this.#local);
    this.#serveLocally('local');
  }

  /** What else ends when the Halyard is closed. Returns the function that takes it back. */
  onClose(end: () => void): () => void {
    this.#endings.add(end);
    return () => this.#endings.delete(end);
  }

  /** What ends the streams that something serves: by themselves they don't. Returns the function that takes it back. */
  onStreamsEnd(end: () => void): () => void {
    this.#streamEndings.add(end);
    return () => this.#streamEndings.delete(end);
  }

  /** Ends all streams, so that a server that waits for its last answers can close. Everything else goes on. */
  endStreams(): void {
    for (const end of this.#streamEndings) end();
    this.#streamEndings.clear();
  }

  close(): void {
    this.#isClosed = true;
    this.#timeWatch.close();
    this.endStreams();
    for (const end of this.#endings) end();
    this.#endings.clear();
  }

  #take({ document, parsed, state, version, source }: ServedFlags): void {
    this.#document = document;
    this.#parsed = parsed;
    this.#state = state;
    this.#version = version;
    this.#source = source;
  }

  #serveFromStore(set: FlagSet): void {
    const before = this.evaluator.current.set;
    this.#serve(set);
    this.#tellChange(changedKeys(before, this.evaluator.current.set), 'store');
    this.#tellServed();
  }

  #serveLocally(cause: ChangeEvent['cause']): void {
    const before = this.evaluator.current.set;
    this.#serve(this.#buildNow());
    this.#tellChange(changedKeys(before, this.evaluator.current.set), cause);
  }

  #serve(set: FlagSet): void {
    this.evaluator.current = { set, version: this.#version, now: undefined, request: undefined, answers: undefined };
    this.#timeWatch.restart();
  }

  #buildNow(previous: FlagSet = this.evaluator.current.set): FlagSet {
    return runAtOnce(this.#build(this.#parsed, this.#state, this.#local, previous));
  }

  #build(
    parsed: ParsedFlagDocument | undefined,
    state: FlagState,
    local: LocalSwitches,
    previous: FlagSet = this.evaluator.current.set,
  ): Generator<void, FlagSet> {
    const { readers, tallies, unknownTallies } = this.evaluator;
    const notFound = parsed === undefined ? notReady(unknownTallies) : flagNotFound(unknownTallies);
    return buildFlagSet({ parsed, state, local, readers, notFound, tallies }, previous);
  }

  #tellServed(): void {
    for (const listener of [...this.#servedListeners]) listener();
  }

  #tellChange(flagKeys: readonly string[], cause: ChangeEvent['cause']): void {
    if (flagKeys.length > 0) this.listeners.emit('change', { flagKeys, version: this.#version, cause });
  }
}

const notReady = (tallies: FlagTallies) => errorAnswer('PROVIDER_NOT_READY', 'No flags are loaded yet.', tallies);
const flagNotFound = (tallies: FlagTallies) =>
  errorAnswer('FLAG_NOT_FOUND', 'The document has no flag with this key.', tallies);
