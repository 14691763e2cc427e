import { counted } from '../../output/counted.js';
import { showName } from '../../../flags/show-value.js';
import { lintOfFlags } from '../lint.js';

export const idleTargets = lintOfFlags(
  'idle-targets',
  'Targets get what everyone gets: without them the flag would answer the same.',
  function* ({ key, targets, rules, outcome }) {
    if (outcome.type !== 'serve' || targets.size === 0) return;
    const { variant } = outcome;
    // A rule may give the unit something else, from which its target keeps it.
    if (rules.some((rule) => rule.outcome.type !== 'serve' || rule.outcome.variant !== variant)) return;
    let idle = 0;
    for (const target of targets.values()) if (target === variant) idle++;
    if (idle === 0) return;
    yield {
      path: ['flags', key, 'targets', variant],
      message: `${counted(idle, 'unit')} get${idle === 1 ? 's' : ''} ${showName(variant)}, as everyone does. Leave this out.`,
    };
  },
);
