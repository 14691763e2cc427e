import { sequenceMultiplier } from '../../../statistics/confidence-sequence.js';
import { lowerRate } from '../../../statistics/rate-bounds.js';
import { FEWEST_FAILURES } from './compare-errors.js';
import type { Verdict } from './verdict.js';

/** How many requests were counted, and how many of them count against the limit. */
export interface CountedShare {
  readonly failures: number;
  readonly requests: number;
}

/** A single window is over the limit by more than this many standard errors, or it does not fail: 1 in 740 by chance. */
const WINDOW_ERRORS = 3;

/**
 * Whether a share of requests is above a limit beyond chance: in the stage as a whole, at any look, or in the newest window
 * alone, so that an outage after a good day is not averaged away. A stage that is above it within chance can't be told yet.
 * @param alpha the chance of a false alarm over all looks at the stage as a whole
 */
export function limitShare(
  limit: number,
  alpha: number,
  { stage, window }: { readonly stage: CountedShare; readonly window: CountedShare },
): Pick<Verdict, 'result' | 'atLeast'> {
  const atLeast = Math.max(
    leastShare(stage, sequenceMultiplier(stage.requests, { alpha, sides: 'one' })),
    leastShare(window, WINDOW_ERRORS),
  );
  if (atLeast > limit) return { result: 'fail', atLeast };
  if (!(stage.requests > 0) || stage.failures > limit * stage.requests) return { result: 'inconclusive', atLeast };
  return { result: 'pass' };
}

function leastShare({ failures, requests }: CountedShare, z: number): number {
  return failures < FEWEST_FAILURES ? 0 : lowerRate(failures, requests, z);
}
