import { exactly } from './exactly.js';
import type { Outcome, RuleDefinition } from '../flag-definition.js';
import type { FlagScope } from './flag-scope.js';
import { ruleWords } from './foreign-words.js';
import {
  always,
  type ConditionScope,
  createConditionScope,
  parseCondition,
  type SegmentUse,
} from './parse-condition.js';
import { hasOutcome, parseOutcome } from './parse-outcome.js';
import type { Place } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { readAnyText, readInstant } from './read-scalars.js';
import { showValue } from '../show-value.js';

export interface Rules {
  readonly rules: readonly RuleDefinition[];
  /** Where the rules name segments. */
  readonly uses: readonly SegmentUse[];
}

const noRules: Rules = { rules: [], uses: [] };

/** A flag's rules, in order. Those with problems are left out. */
export function parseRules(value: unknown, scope: FlagScope, flag: Place): Rules {
  if (value === undefined) return noRules;
  const place: Place = { around: flag, step: 'rules' };
  if (!Array.isArray(value)) {
    scope.log.error(
      place,
      `expected a list of rules, found ${showValue(value)}. Write \`[{ when: { plan: pro }, serve: on }]\`.`,
    );
    return noRules;
  }
  const conditions = createConditionScope(scope.log);
  const rules: RuleDefinition[] = [];
  let decided: number | undefined;
  for (let index = 0; index < value.length; index++) {
    const at: Place = { around: place, step: index };
    const rule = parseRule(value[index], scope, conditions, at);
    if (rule === undefined) continue;
    if (decided !== undefined)
      scope.log.warn(at, `can never match: rule ${decided + 1} holds for everyone, and a rule decides alone.`);
    else if (
      rule.condition.type === 'all' &&
      rule.condition.conditions.length === 0 &&
      rule.from === undefined &&
      rule.until === undefined
    )
      decided = index;
    rules.push(rule);
  }
  return { rules: exactly(rules), uses: conditions.uses };
}

function parseRule(
  value: unknown,
  scope: FlagScope,
  conditions: ConditionScope,
  place: Place,
): RuleDefinition | undefined {
  const { log } = scope;
  if (!isMapping(value)) {
    log.error(place, `expected a rule, found ${showValue(value)}. Write \`{ when: { plan: pro }, serve: on }\`.`);
    return undefined;
  }
  const before = log.errorCount;
  const blank = {
    name: undefined,
    when: undefined,
    from: undefined,
    until: undefined,
    serve: undefined,
    rollout: undefined,
    split: undefined,
  };
  const fields = readFields(value, blank, ruleWords, place, log);
  const hasUnknown = log.errorCount > before;
  const name = readAnyText(fields.name, 'name', place, log);
  const condition =
    fields.when === undefined ? always : parseCondition(fields.when, { around: place, step: 'when' }, conditions);
  const from = readInstant(fields.from, 'from', place, log);
  const until = readInstant(fields.until, 'until', place, log);
  if (from !== undefined && until !== undefined && from >= until)
    log.warn(place, 'can never match: `from` is not before `until`.', 'from');
  const outcome = parseOutcome(fields, scope, place);
  if (isWatched(outcome)) {
    log.error(
      { around: place, step: 'rollout' },
      "a rule's rollout is nobody's to watch, so it would never go on. Take `checks` out and give it a `start`, or give them to the flag's own `rollout`.",
      'checks',
    );
  }
  if (!hasOutcome(fields) && !hasUnknown)
    log.error(place, 'does not say what the units that it matches get. Add `serve: on`.');
  if (condition === undefined || outcome === undefined || log.errorCount > before) return undefined;
  return { name, condition, from, until, outcome };
}

function isWatched(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && 'rollout' in outcome && outcome.rollout.schedule.type === 'watched';
}
