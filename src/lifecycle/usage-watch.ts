import type { Clock, Evaluator } from '../runtime/evaluator.js';
import type { FlagUsage } from './flag-lifecycle.js';

interface Seen {
  /** How many evaluations there had been. */
  readonly count: number;
  /** When their number was seen to be another, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * When this process last evaluated which flag. Evaluations only count, as they always do; whoever wants to know looks at
 * the counters, and what has moved since the last look counts as evaluated now.
 */
export class UsageWatch {
  readonly #evaluator: Evaluator;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen>();

  constructor(evaluator: Evaluator, clock: Clock) {
    this.#evaluator = evaluator;
    this.#clock = clock;
  }

  /** Looks at the counters: when flags that the document has were last seen to be evaluated, in milliseconds since the epoch. */
  look(): ReadonlyMap<string, number> {
    const now = this.#clock.now();
    const { flags } = this.#evaluator.current.set;
    const lastEvaluated = new Map<string, number>();
    for (const [key, tallies] of this.#evaluator.tallies) {
      let count = 0;
      for (const tally of tallies) count += tally.count;
      const before = this.#seen.get(key);
      const hasMoved = count > (before?.count ?? 0);
      if (hasMoved) this.#seen.set(key, { count, at: now });
      const at = hasMoved ? now : before?.at;
      // A key that is only killed, and stands in no document, could be anything.
      if (at !== undefined && flags.get(key)?.definition !== undefined) lastEvaluated.set(key, at);
    }
    return lastEvaluated;
  }

  /**
   * What is known of each flag: what this process counted, and when it was last seen to be evaluated, here or elsewhere.
   *
   * @param elsewhere milliseconds since the epoch, by flag key
   */
  usage(elsewhere: ReadonlyMap<string, number>): ReadonlyMap<string, FlagUsage> {
    const here = this.look();
    const usage = new Map<string, FlagUsage>();
    for (const key of this.#evaluator.current.set.flags.keys()) {
      const lastEvaluatedAt = Math.max(here.get(key) ?? -Infinity, elsewhere.get(key) ?? -Infinity);
      usage.set(key, {
        lastEvaluatedAt: lastEvaluatedAt === -Infinity ? undefined : lastEvaluatedAt,
        evaluations: this.#countsOf(key),
      });
    }
    return usage;
  }

  #countsOf(key: string): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { variant = '', count } of this.#evaluator.tallies.get(key) ?? []) {
      if (count > 0) counts.set(variant, (counts.get(variant) ?? 0) + count);
    }
    return counts;
  }
}
