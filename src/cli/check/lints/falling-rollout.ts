import type { Schedule } from '../../../flags/flag-definition.js';
import { lintOfFlags } from '../lint.js';
import { outcomesOf } from '../outcomes.js';

export const fallingRollout = lintOfFlags(
  'falling-rollout',
  'The share of a rollout falls with time, which takes the variant away from units that had it.',
  function* (flag) {
    for (const { outcome, path } of outcomesOf(flag)) {
      if (outcome.type !== 'rollout' && outcome.type !== 'experiment') continue;
      const fall = fallOf(outcome.rollout.schedule);
      if (fall === undefined) continue;
      const { from, to, steps } = fall;
      yield {
        path: [...path, 'rollout', ...steps],
        message: `the rollout falls from ${from} % to ${to} %, and takes the variant away from units that had it. Write ${from} or more.`,
      };
    }
  },
);

interface Fall {
  readonly from: number;
  readonly to: number;
  /** Where in the rollout it is written. */
  readonly steps: readonly (string | number)[];
}

/** The first fall. The parser refuses one of a rollout with checks. */
function fallOf(schedule: Schedule): Fall | undefined {
  if (schedule.type === 'curve') {
    const { from, to } = schedule;
    return to < from ? { from, to, steps: ['to'] } : undefined;
  }
  if (schedule.type !== 'stages') return undefined;
  let from = 0;
  for (const [index, { percentage }] of schedule.stages.entries()) {
    if (percentage < from) return { from, to: percentage, steps: ['stages', index, 'percentage'] };
    from = percentage;
  }
  return undefined;
}
