import type { Lint } from './lint.js';
import { deepNesting } from './lints/deep-nesting.js';
import { expired } from './lints/expired.js';
import { fallingRollout } from './lints/falling-rollout.js';
import { idleTargets } from './lints/idle-targets.js';
import { killSwitchRollout } from './lints/kill-switch-rollout.js';
import { namePattern } from './lints/name-pattern.js';
import { noExpiry } from './lints/no-expiry.js';
import { noOwner } from './lints/no-owner.js';
import { rolledOut } from './lints/rolled-out.js';
import { tooManyFlags } from './lints/too-many-flags.js';
import { unreachableRule } from './lints/unreachable-rule.js';

/** All rules that look at what a document means. */
export const lints: readonly Lint[] = [
  expired,
  noExpiry,
  noOwner,
  rolledOut,
  unreachableRule,
  fallingRollout,
  killSwitchRollout,
  idleTargets,
  deepNesting,
  tooManyFlags,
  namePattern,
];
