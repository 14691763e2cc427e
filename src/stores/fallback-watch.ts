import type { FallbackChain } from './fallback-chain.js';
import type { FallbackSource } from './fallback-source.js';

const SHORTEST_PROBE_MS = 50;

/**
 * Tells listeners when a chain may have something new to load: the source that is followed has changed, or one before it
 * is back.
 *
 * No timer in it keeps the process alive.
 */
export class FallbackWatch {
  readonly #chain: FallbackChain;
  readonly #probeMs: number;
  readonly #listeners = new Map<symbol, () => void>();
  #endings: readonly (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param probeMs how often sources that are away are asked, in milliseconds; give or take a tenth, so that a fleet doesn't ask all at once */
  constructor(chain: FallbackChain, probeMs: number) {
    this.#chain = chain;
    this.#probeMs = Math.max(probeMs, SHORTEST_PROBE_MS);
  }

  /** Returns the function that ends it. */
  watch(onChange: () => void): () => void {
    if (this.#isClosed) return () => undefined;
    const key = Symbol('listener');
    this.#listeners.set(key, onChange);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(key) && this.#listeners.size === 0) this.#stop();
    };
  }

  tell(): void {
    for (const onChange of [...this.#listeners.values()]) {
      try {
        onChange();
      } catch {
        // It does no harm to the chain or to the others.
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    this.#endings = this.#chain.sources.flatMap((source) => watchSource(source, () => this.#notice(source)));
    this.#probeLater();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    for (const end of this.#endings) end();
    this.#endings = [];
  }

  /** A source after the one that is followed says nothing that matters. */
  #notice(source: FallbackSource): void {
    if (source === this.#chain.active) this.tell();
    else if (this.#chain.isEarlier(source)) void this.#probe();
  }

  #probeLater(): void {
    clearTimeout(this.#timer);
    if (this.#listeners.size === 0) return;
    const delayMs = this.#probeMs * (0.9 + Math.random() / 5);
    this.#timer = setTimeout(() => void this.#probe().then(() => this.#probeLater()), delayMs).unref();
  }

  async #probe(): Promise<void> {
    if (await this.#chain.probe()) this.tell();
  }
}

function watchSource(source: FallbackSource, onChange: () => void): readonly (() => void)[] {
  try {
    const end = source.store.watch?.(onChange);
    return end === undefined ? [] : [end];
  } catch {
    // One that can't be watched is read all the same, though later.
    return [];
  }
}
