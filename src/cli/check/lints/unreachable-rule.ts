import type { FlagDefinition, RuleDefinition } from '../../../flags/flag-definition.js';
import { implies, type Known } from '../conditions/implies.js';
import { neverHolds } from '../conditions/never-holds.js';
import { dayOf } from '../../output/relative-time.js';
import { lintOfFlags } from '../lint.js';

export const unreachableRule = lintOfFlags(
  'unreachable-rule',
  'A rule can never match: an earlier one takes all that it would, its conditions exclude each other, or its time is over.',
  function* (flag, { now }, { segments }) {
    // Bounded for each flag: rules are compared in pairs, and there may be thousands.
    const known: Known = { segments, steps: 20_000 };
    for (const [index, rule] of flag.rules.entries()) {
      const path = ['flags', flag.key, 'rules', index];
      if (rule.until !== undefined && rule.until <= now) {
        yield { path: [...path, 'until'], message: `the rule ended on ${dayOf(rule.until)}. Remove it.` };
      } else if (rule.from !== undefined && rule.until !== undefined && rule.from >= rule.until) {
        yield { path: [...path, 'from'], message: 'the rule can never match: `from` is not before `until`.' };
      } else if (neverHolds(rule.condition, known)) {
        yield { path: [...path, 'when'], message: 'the rule can never match: its conditions exclude each other.' };
      } else {
        const earlier = coveringRule(flag.rules, index, now, known);
        if (earlier !== undefined) yield { path, message: coveredMessage(flag, earlier) };
      }
    }
  },
);

/** The first rule that decides for all units for which a later one would; `undefined`: there is none. */
function coveringRule(
  rules: readonly RuleDefinition[],
  laterIndex: number,
  now: number,
  known: Known,
): number | undefined {
  const later = rules[laterIndex];
  for (let index = 0; index < laterIndex && known.steps > 0; index++) {
    const earlier = rules[index];
    if (earlier !== undefined && later !== undefined && covers(earlier, later, now, known)) return index;
  }
  return undefined;
}

function coveredMessage({ rules }: FlagDefinition, index: number): string {
  const name = rules[index]?.name;
  const which = `rule ${index + 1}${name === undefined ? '' : ` ${JSON.stringify(name)}`}`;
  return `the rule can never match: ${which} holds for everyone that it would hold for, and a rule decides alone. Put this one before it, or remove it.`;
}

/** Whether an earlier rule decides for all units, at all times from `now` on, for which a later one would. */
function covers(earlier: RuleDefinition, later: RuleDefinition, now: number, known: Known): boolean {
  const beginsInTime = (earlier.from ?? -Infinity) <= Math.max(later.from ?? -Infinity, now);
  const lastsLongEnough = (earlier.until ?? Infinity) >= (later.until ?? Infinity);
  return beginsInTime && lastsLongEnough && implies(later.condition, earlier.condition, known);
}
