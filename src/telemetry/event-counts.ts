import type { Runtime } from '../runtime/runtime.js';
import { flagKeyLabel } from './flag-key-label.js';
import type { Sample } from './shared-metric.js';

/** Counts what a runtime tells that nobody else counts. */
export class EventCounts {
  readonly #runtime: Runtime;
  readonly #blocked = new Map<string, number>();
  readonly #configErrors = new Map<string, number>();
  #contextErrors = 0;
  #unsubscribe: readonly (() => void)[] = [];

  /** @param source the store's name: its errors are 0 from the start, for a counter that begins at 1 hides its first rise */
  constructor(runtime: Runtime, source: string) {
    this.#runtime = runtime;
    this.#configErrors.set(source, 0);
  }

  start(): void {
    const { listeners } = this.#runtime;
    this.#unsubscribe = [
      listeners.on('blocked', ({ flagKey }) => increment(this.#blocked, this.#label(flagKey))),
      listeners.on('error', ({ source }) => increment(this.#configErrors, source)),
      listeners.on('contextError', () => (this.#contextErrors += 1)),
    ];
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  *blocked(): Generator<Sample> {
    for (const [flagKey, value] of this.#blocked) yield { labels: { flag_key: flagKey }, value };
  }

  *configErrors(): Generator<Sample> {
    for (const [source, value] of this.#configErrors) yield { labels: { source }, value };
  }

  contextErrors(): readonly Sample[] {
    return [{ labels: {}, value: this.#contextErrors }];
  }

  #label(flagKey: string): string {
    return flagKeyLabel(this.#runtime.evaluator.current.set.flags.has(flagKey) ? flagKey : undefined);
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
