import type { Random } from './random.js';

/** How many places a table's guide has. */
const GUIDES = 256;

/** Draws numbers of events. */
export type PoissonDraw = (random: Random) => number;

/**
 * Draws from the Poisson distribution with this mean: how many events happen in a time in which as many are expected. Made
 * once, it costs one random number and a short search, by a table of the distribution (exact to 2^-32).
 * @param mean 0 or more
 */
export function createPoissonDraw(mean: number): PoissonDraw {
  if (!(mean > 0)) return () => 0;
  const { first, cumulative } = tabulate(mean);
  const guide = guideTo(cumulative);
  return (random) => {
    const point = random() * POINTS;
    let index = guide[Math.floor(point / (POINTS / GUIDES))] ?? 0;
    while ((cumulative[index] ?? POINTS) <= point) index += 1;
    return first + index;
  };
}

/** How many places a random number can have; small numbers keep the tables small. */
const POINTS = 2 ** 32;

/** The cumulative probabilities from `first` on, in points; what lies outside has none. Behind the last is everything. */
function tabulate(mean: number): { readonly first: number; readonly cumulative: Uint32Array } {
  const reach = 8 * Math.sqrt(mean) + 20;
  const first = Math.max(0, Math.floor(mean - reach));
  const mode = Math.floor(mean);
  const weights = new Float64Array(Math.ceil(mean + reach) - first + 1);
  weights[mode - first] = 1;
  for (let index = mode - first + 1; index < weights.length; index += 1) {
    weights[index] = ((weights[index - 1] ?? 0) * mean) / (first + index);
  }
  for (let index = mode - first - 1; index >= 0; index -= 1) {
    weights[index] = ((weights[index + 1] ?? 0) * (first + index + 1)) / mean;
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const points = weights.map((weight) => Math.round(((sum += weight) / total) * POINTS));
  return { first, cumulative: Uint32Array.from(points.subarray(0, points.indexOf(POINTS))) };
}

/** Where the search begins, by the point's first bits. */
function guideTo(cumulative: Uint32Array): Uint32Array {
  let index = 0;
  return Uint32Array.from({ length: GUIDES }, (_, place) => {
    while ((cumulative[index] ?? POINTS) <= (place * POINTS) / GUIDES) index += 1;
    return index;
  });
}
