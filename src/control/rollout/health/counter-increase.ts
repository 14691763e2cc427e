import type { SlicedCounts } from '../../../statistics/design-effect.js';

/**
 * By how much a process' counters rose between two readings. They begin at 0 when the process does: where any of them fell,
 * all began anew, and what the later reading holds is the rise. Never negative; what is no count is none.
 * @param before `undefined`: there was no earlier reading, so nothing is known to have risen
 */
export function increaseOf(before: SlicedCounts | undefined, after: SlicedCounts): SlicedCounts {
  const since = before ?? after;
  const restarted = hasFallen(since.requests, after.requests) || hasFallen(since.failures, after.failures);
  const rise = (was: ArrayLike<number>, is: ArrayLike<number>): readonly number[] =>
    Array.from(is, (_, slice) => count(is, slice) - (restarted ? 0 : count(was, slice)));
  return { requests: rise(since.requests, after.requests), failures: rise(since.failures, after.failures) };
}

function hasFallen(was: ArrayLike<number>, is: ArrayLike<number>): boolean {
  return Array.from(was).some((_, slice) => count(is, slice) < count(was, slice));
}

function count(counts: ArrayLike<number>, slice: number): number {
  const value = counts[slice] ?? 0;
  return value > 0 && value < Infinity ? value : 0;
}
