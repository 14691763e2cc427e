import { stageOf, type Term } from '../../../lifecycle/flag-lifecycle.js';
import { DAY_MS } from '../../../lifecycle/lifecycle-options.js';
import { createSettlements } from '../../../lifecycle/settlement.js';
import type { Lint } from '../lint.js';
import { usualLifecycle } from '../usual-lifecycle.js';

/** Whether a flag's end is over is the business of other rules. */
const withoutEnd: Term = { expires: undefined, by: undefined, isExpired: false };

export const rolledOut: Lint = {
  rule: 'rolled-out',
  description: `A release or an experiment has served everyone the same variant for ${usualLifecycle.staleAfterMs / DAY_MS} days; where nothing says since when, it was made that long ago.`,
  *look({ flags, state }, { now }) {
    const settlementOf = createSettlements({ flags, state, now });
    for (const flag of flags.values()) {
      const { stage, why } = stageOf(flag, withoutEnd, settlementOf(flag), now, usualLifecycle);
      if (stage !== 'stale') continue;
      yield { path: ['flags', flag.key], message: `${why}. Keep that way in the code, and remove the flag.` };
    }
  },
};
