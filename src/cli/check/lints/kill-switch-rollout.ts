import type { Outcome } from '../../../flags/flag-definition.js';
import { lintOfFlags } from '../lint.js';
import { outcomesOf } from '../outcomes.js';

export const killSwitchRollout = lintOfFlags(
  'kill-switch-rollout',
  'A kill switch (an operational flag, or one with a `breaker`) is rolled out to a share of units, where it should be all or nothing.',
  function* (flag) {
    if (flag.kind !== 'operational' && flag.breaker === undefined) return;
    const what = flag.kind === 'operational' ? 'an operational flag' : 'a flag with a `breaker`';
    for (const { outcome, path } of outcomesOf(flag)) {
      if (!isPartial(outcome)) continue;
      yield {
        path: [...path, 'rollout'],
        message: `${what} is a kill switch, which should be on or off for everyone. Roll out by a flag of \`kind: release\`, and keep this one beside it.`,
      };
    }
  },
);

function isPartial(outcome: Outcome): boolean {
  if (outcome.type !== 'rollout' && outcome.type !== 'experiment') return false;
  const { schedule } = outcome.rollout;
  return schedule.type !== 'fixed' || (schedule.percentage > 0 && schedule.percentage < 100);
}
