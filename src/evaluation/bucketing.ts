import { type Murmur3State, murmur3, murmur3Prefix } from './murmur3.js';

/** How many points the ring has. */
const RING = 2 ** 32;

/** Where units stand on a ring of 2^32 points. One ring per seed; the rings of two seeds are independent. */
export type Ring = Murmur3State;

/** The ring of a seed, for {@link pointOn}. */
export function createRing(seed: string): Ring {
  return murmur3Prefix(`${seed}:`);
}

/** The place of a unit on a ring: `murmur3_x86_32(utf8(seed + ":" + unit), 0)`, an integer in [0, 2^32). */
export function pointOn(ring: Ring, unit: string): number {
  return murmur3(ring, unit);
}

/** The point at `percentage` of the ring, an integer in [0, 2^32]. */
export function boundary(percentage: number): number {
  return Math.round((percentage / 100) * RING);
}

/**
 * Whether a point lies in the slice `[offset, offset + percentage)` of its ring, in percent. A slice that reaches
 * past 100 goes on at 0, so that its share stays exact.
 */
export function isInSlice(point: number, offset: number, percentage: number): boolean {
  const start = boundary(offset);
  const end = boundary(offset + percentage);
  return (point >= start && point < end) || point + RING < end;
}

/**
 * The upper boundaries of a split's ranges, in the order of the weights: `round(cumulative / total * 2^32)`.
 * The last is 2^32, whatever the rounding says.
 */
export function splitBoundaries(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let cumulative = 0;
  const boundaries = weights.map((weight) => Math.round(((cumulative += weight) / total) * RING));
  // Weights of zero at the end have no range, so 2^32 belongs to the last weight that is positive, and to those behind it.
  for (let index = weights.length - 1; index >= 0; index -= 1) {
    boundaries[index] = RING;
    if ((weights[index] ?? 0) > 0) break;
  }
  return boundaries;
}

/**
 * The unit that is bucketed: a string that isn't empty, or a finite number as JavaScript writes it.
 * Anything else counts as missing.
 */
export function asUnit(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}
