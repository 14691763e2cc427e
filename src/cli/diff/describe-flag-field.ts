import type { DescribedDifference } from './describe-changes.js';
import { arrow, describeOutcome } from './describe-outcome.js';
import { describeRules } from './describe-rules.js';
import { inlineValue } from '../output/inline-value.js';
import { variantName } from './plain-words.js';

/** What is different about one field of a flag, such as `rollout` or `rules`. */
export function describeFlagField(field: string, before: unknown, after: unknown): readonly DescribedDifference[] {
  switch (field) {
    case 'rules':
      return describeRules(before, after);
    case 'enabled':
      return [{ path: [field], before, after, words: enabledWords(before, after) }];
    case 'offVariant':
      return [{ path: [field], before, after, words: `off variant: ${arrow(before, after, variantName)}` }];
    default:
      return describeOutcome(field, before, after);
  }
}

/** Without `enabled` a flag is on: to write that down switches nothing. */
function enabledWords(before: unknown, after: unknown): string {
  if ((before ?? true) === (after ?? true))
    return `enabled: ${inlineValue(before)} → ${inlineValue(after)}, which means the same`;
  return after === false ? 'switched off' : 'switched on';
}
