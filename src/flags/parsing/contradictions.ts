import type { Condition } from '../flag-definition.js';
import type { Scalar } from '../flag-document.js';
import type { Place, ProblemLog } from './problem-log.js';
import { showValue } from '../show-value.js';

type Scalars = readonly Scalar[];

/** Warns where all of some conditions want one attribute to be two different things. */
export function warnIfNeverAll(conditions: readonly Condition[], place: Place, log: ProblemLog): void {
  const wantedBy = new Map<string, Scalars>();
  for (const condition of conditions) {
    if (condition.type !== 'comparison' || (condition.operator !== 'equals' && condition.operator !== 'in')) continue;
    if (condition.ignoreCase) continue;
    const { attribute, values } = condition;
    const earlier = wantedBy.get(attribute);
    if (earlier !== undefined && areDisjoint(earlier, values)) {
      log.warn(
        place,
        `\`${attribute}\` must be both ${showValues(earlier)} and ${showValues(values)}: this can never match, unless the attribute is a list. Use \`any\` for one of them.`,
      );
      return;
    }
    wantedBy.set(attribute, values);
  }
}

function areDisjoint(a: Scalars, b: Scalars): boolean {
  if (a.length === 1 && b.length === 1) return a[0] !== b[0];
  const known = new Set(a);
  return !b.some((value) => known.has(value));
}

function showValues(values: Scalars): string {
  return values.length === 1 ? showValue(values[0]) : showValue(values);
}
