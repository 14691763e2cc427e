import { emptyFlagState, type FlagState } from '../flags/flag-state.js';
import { DocumentUnreadableError, type FlagStore, type StoredFlags } from './flag-store.js';

/** One source of a chain, with what is known of it. */
export class FallbackSource {
  readonly store: FlagStore;
  readonly #timeoutMs: number;
  /** What it was last known to hold. */
  #state: FlagState = emptyFlagState;
  /** Since when it has answered every time, on a clock that nobody sets. */
  #answersSince: number | undefined;
  #probe: Promise<void> = Promise.resolve();
  #nextProbe: Promise<void> | undefined;

  /** @param timeoutMs how long an answer may take, in milliseconds */
  constructor(store: FlagStore, timeoutMs: number) {
    this.store = store;
    this.#timeoutMs = timeoutMs;
  }

  /** The state that it was last known to hold. It goes on holding while the source is away. */
  get state(): FlagState {
    return this.#state;
  }

  /** How long it has answered every time, in milliseconds; 0 if it did not the last time. */
  get answersForMs(): number {
    return this.#answersSince === undefined ? 0 : performance.now() - this.#answersSince;
  }

  /** Rejects if it doesn't answer in time. */
  async load(): Promise<StoredFlags> {
    try {
      const stored = await this.#inTime(this.store.load());
      this.answered(stored.state);
      return stored;
    } catch (error) {
      this.#answersSince = undefined;
      if (error instanceof DocumentUnreadableError) this.#state = error.state;
      throw error;
    }
  }

  /** Asks what it says at this moment or later, one question at a time. Never rejects. */
  probe(): Promise<void> {
    // A question that is asked already may have been answered before whatever this one is about.
    this.#nextProbe ??= this.#probe.then(() => {
      this.#nextProbe = undefined;
      this.#probe = this.load().then(
        () => undefined,
        () => undefined,
      );
      return this.#probe;
    });
    return this.#nextProbe;
  }

  /** It has said what its state is. */
  answered(state: FlagState): void {
    this.#state = state;
    this.#answersSince ??= performance.now();
  }

  /** A former process knew its state. */
  remember(state: FlagState): void {
    this.#state = state;
    this.store.remember?.(state);
  }

  async #inTime(answer: Promise<StoredFlags>): Promise<StoredFlags> {
    let timer: NodeJS.Timeout | undefined;
    const message = `${this.store.name} did not answer within ${this.#timeoutMs} ms (timeoutMs).`;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(message)), this.#timeoutMs).unref();
    });
    try {
      return await Promise.race([answer, limit]);
    } finally {
      clearTimeout(timer);
    }
  }
}
