import { Runtime, type RuntimeOptions, type ServedFlags } from '../../runtime/runtime.js';
import type { MemoryStore } from '../../stores/memory-store.js';

/** A runtime that serves what a memory store holds as soon as it holds it: a test needn't wait for its own change. */
export class TestRuntime extends Runtime {
  readonly #store: MemoryStore;

  constructor(options: RuntimeOptions, store: MemoryStore) {
    super(options);
    this.#store = store;
    store.watch(() => this.#serveHeld());
    this.#serveHeld();
  }

  /** What was read may be older by now than what serves. */
  override serveStored(): Promise<void> {
    this.#serveHeld();
    return Promise.resolve();
  }

  #serveHeld(): void {
    const { name: source, stored } = this.#store;
    this.serveStoredNow({ ...stored, source } satisfies ServedFlags);
  }
}
