import { createRing, pointOn } from '../../../evaluation/bucketing.js';

/** Into how many slices the units of a rollout are divided, so that it can be told how much they differ. */
export const SLICES = 16;

/**
 * Tells a unit's slice, 0 to 15: the first four bits of its point on a ring that is neither the rollout's nor its split's,
 * so that in and out have the same share of every slice.
 * @param seed the rollout's
 */
export function createSlicer(seed: string): (unit: string) => number {
  const ring = createRing(`${seed}:slice`);
  return (unit) => pointOn(ring, unit) >>> 28;
}
