import { compareRates, FEWEST_SLICES } from '../../../statistics/compare-rates.js';
import { failuresOf, type ObservedArms, requestsOf } from './observations.js';
import type { Verdict } from './verdict.js';

/** Below this many requests in an arm, or failures in both, no comparison is tried. */
const FEWEST_REQUESTS = 30;
export const FEWEST_FAILURES = 5;

/**
 * Whether more requests fail in than out, by more than is allowed. It fails once chance can't explain it.
 * @param alpha the chance of a false alarm over all looks at the stage
 */
export function compareErrors(limit: number, alpha: number, arms: ObservedArms): Verdict {
  const check = 'maxErrorRateIncrease';
  const requests = { in: requestsOf(arms.in), out: requestsOf(arms.out) };
  if (Math.min(requests.in, requests.out) < FEWEST_REQUESTS) return { check, result: 'inconclusive', limit };
  const failures = { in: failuresOf(arms.in), out: failuresOf(arms.out) };
  const rates = { in: failures.in / requests.in, out: failures.out / requests.out };
  const measured = rates.in - rates.out;
  if (measured <= limit || failures.in + failures.out < FEWEST_FAILURES) {
    return { check, result: 'pass', limit, measured, rates };
  }
  const { tested, control, lowerBound } = compareRates(arms.in, arms.out, { alpha });
  const slices = Math.min(tested.degreesOfFreedom, control.degreesOfFreedom) + 1;
  // With few slices the change can't be told from its units.
  const otherwise = slices < FEWEST_SLICES ? 'inconclusive' : 'pass';
  return { check, result: lowerBound > limit ? 'fail' : otherwise, limit, measured, atLeast: lowerBound, rates };
}
