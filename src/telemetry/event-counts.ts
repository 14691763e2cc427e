import type { Runtime } from '../runtime/runtime.js';
import { flagKeyLabel } from './flag-key-label.js';
import type { Sample } from './shared-metric.js';

/** A flag that has a breaker. */
export interface BreakerState {
  readonly flagKey: string;
  readonly status: string;
}

/** Counts what a runtime tells that nobody else counts. */
export class EventCounts {
  readonly #runtime: Runtime;
  readonly #breakers: () => Iterable<BreakerState>;
  readonly #trips = new Map<string, number>();
  readonly #blocked = new Map<string, number>();
  readonly #configErrors = new Map<string, number>();
  #contextErrors = 0;
  #unsubscribe: readonly (() => void)[] = [];

  /**
   * A counter that begins at 1 hides its first rise: errors and trips are 0 from the start.
   * @param source the store's name
   * @param breakers what can trip
   */
  constructor(runtime: Runtime, source: string, breakers: () => Iterable<BreakerState>) {
    this.#runtime = runtime;
    this.#breakers = breakers;
    this.#configErrors.set(source, 0);
  }

  start(): void {
    const { listeners } = this.#runtime;
    this.#unsubscribe = [
      listeners.on('blocked', ({ flagKey }) => increment(this.#blocked, this.#label(flagKey))),
      listeners.on('trip', ({ flagKey }) => increment(this.#trips, flagKey)),
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

  *trips(): Generator<Sample> {
    for (const { flagKey } of this.#breakers()) if (!this.#trips.has(flagKey)) this.#trips.set(flagKey, 0);
    for (const [flagKey, value] of this.#trips) yield { labels: { flag_key: flagKey }, value };
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
