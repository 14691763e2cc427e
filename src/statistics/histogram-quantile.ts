/** How many observations fell into each bucket. */
export interface HistogramCounts {
  /** Upper bounds, inclusive, rising; observations above the last are in one more bucket. */
  readonly bounds: readonly number[];
  /** One count per bound, and one more for what is above all. Not cumulative. */
  readonly counts: readonly number[];
}

/** A quantile that is known as well as the buckets are fine. */
export interface BucketedQuantile {
  /**
   * Interpolated within its bucket as Prometheus' `histogram_quantile` does: linear, from 0 in the first one. Where it lies
   * above the highest bound, that bound. `NaN` without observations.
   */
  readonly value: number;
  /** The quantile is above this … */
  readonly above: number;
  /** … and at most this; `Infinity` above the highest bound. */
  readonly atMost: number;
}

/** @param share which quantile: 0.99 for the 99th percentile */
export function histogramQuantile({ bounds, counts }: HistogramCounts, share: number): BucketedQuantile {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) return { value: NaN, above: 0, atMost: Infinity };
  const rank = share * total;
  let below = 0;
  for (const [index, bound] of bounds.entries()) {
    const here = counts[index] ?? 0;
    const start = index === 0 ? Math.min(0, bound) : (bounds[index - 1] ?? 0);
    if (here > 0 && below + here >= rank) {
      return { value: start + (bound - start) * Math.max((rank - below) / here, 0), above: start, atMost: bound };
    }
    below += here;
  }
  const highest = bounds.at(-1) ?? NaN;
  return { value: highest, above: highest, atMost: Infinity };
}

/**
 * How many observations are above a value, by the same interpolation. Above the highest bound it is 0 to all of the last
 * bucket; this says all of them.
 */
export function countAbove({ bounds, counts }: HistogramCounts, value: number): number {
  let above = counts[bounds.length] ?? 0;
  for (const [index, bound] of bounds.entries()) {
    const here = counts[index] ?? 0;
    const start = index === 0 ? Math.min(0, bound) : (bounds[index - 1] ?? 0);
    above += here * Math.min(Math.max((bound - value) / (bound - start), 0), 1);
  }
  return above;
}
