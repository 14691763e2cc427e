import { percentageAt } from '../../evaluation/schedule.js';
import type { Outcome, Split } from '../../flags/flag-definition.js';

/** The share (0–1) that each variant has by definition; `undefined` stands for the caller's default. They sum up to 1. */
export type ExpectedShares = ReadonlyMap<string | undefined, number>;

/**
 * The shares by which a flag's own outcome places units.
 *
 * @param now milliseconds since the epoch
 */
export function expectedShares(outcome: Outcome, now: number): ExpectedShares {
  switch (outcome.type) {
    case 'serve':
      return new Map([[outcome.variant, 1]]);
    case 'split':
      return splitShares(outcome.split);
    case 'rollout': {
      const share = percentageAt(outcome.rollout.schedule, now) / 100;
      return withRest(new Map([[outcome.rollout.variant, share]]), outcome.rollout.otherwise, 1 - share);
    }
    case 'experiment': {
      // The rollout and the split have rings of their own, so their shares multiply.
      const share = percentageAt(outcome.rollout.schedule, now) / 100;
      const parts = Array.from(splitShares(outcome.split), ([variant, part]) => [variant, part * share] as const);
      return withRest(new Map(parts), outcome.rollout.otherwise, 1 - share);
    }
  }
}

function splitShares({ weights }: Split): Map<string | undefined, number> {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return new Map(Array.from(weights, ([variant, weight]) => [variant, weight / total]));
}

function withRest(
  shares: Map<string | undefined, number>,
  variant: string | undefined,
  rest: number,
): Map<string | undefined, number> {
  return shares.set(variant, (shares.get(variant) ?? 0) + rest);
}
