import type { Sample } from './shared-metric.js';

/**
 * The bucket that a duration belongs in: the first whose upper bound isn't below it.
 * @param bounds in seconds, rising
 */
export function bucketOf(seconds: number, bounds: readonly number[]): number {
  const index = bounds.findIndex((bound) => seconds <= bound);
  return index === -1 ? bounds.length : index;
}

/** One histogram of durations, as Prometheus counts: buckets by their upper bound, inclusive. */
export class DurationHistogram {
  readonly #bounds: readonly number[];
  /** How many durations fell between a bound and the one before; the last are above all bounds. */
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds in seconds, rising */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** @param bucket see {@link bucketOf} */
  observe(seconds: number, bucket: number): void {
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  *samples(labels: Sample['labels']): Generator<Sample> {
    let below = 0;
    for (const [index, count] of this.#counts.entries()) {
      below += count;
      const bound = this.#bounds[index];
      yield {
        labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) },
        value: below,
        suffix: '_bucket',
      };
    }
    yield { labels, value: this.#sum, suffix: '_sum' };
    yield { labels, value: below, suffix: '_count' };
  }
}
