import type { FlagDefinition, Outcome, RuleDefinition } from '../flags/flag-definition.js';
import { type Answer, errorAnswer, type FlagTallies } from './answer.js';
import { compileCondition, type ConditionScope, segmentsIn } from './compile-condition.js';
import { compileEnding } from './compile-ending.js';
import type { CompiledFlag, CompiledPrerequisite, CompiledRule, CompiledTargets } from './compiled-flag.js';
import type { AttributeReaders } from './evaluation-context.js';
import { FlagAnswers, OutcomeAnswers } from './flag-answers.js';
import type { FlagSituation } from './flag-situation.js';
import { isTimed } from './schedule.js';
import { outcomeAt } from './served-share.js';

export function compileFlag(
  definition: FlagDefinition,
  situation: FlagSituation,
  scope: ConditionScope,
  tallies: FlagTallies,
): CompiledFlag {
  const { key, offVariant, rules, requires, targets } = definition;
  const outcome = outcomeAt(definition.outcome, situation.percentage);
  const answers = new FlagAnswers(definition, tallies);
  const timedKill = createTimedKill(situation, () => answers.make(offVariant, 'DISABLED'));
  const isStatic = targets.size === 0 && rules.length === 0 && requires.length === 0;
  return {
    key,
    definition,
    situation,
    outcome,
    segments: segmentsOf(definition),
    isTimed: timedKill !== undefined || dependsOnTime(definition, outcome),
    timedKill,
    settled: settle(definition, situation, answers),
    requires: compilePrerequisites(definition, answers),
    targets: targets.size === 0 ? undefined : compileTargets(targets, answers, scope.readers),
    rules: rules.map((rule, index) => compileRule(rule, index + 1, answers, scope)),
    ending: compileEnding(
      outcome,
      new OutcomeAnswers(answers, undefined, isStatic ? 'STATIC' : 'DEFAULT'),
      scope.readers,
    ),
    tallies,
  };
}

function compileRule(rule: RuleDefinition, place: number, answers: FlagAnswers, scope: ConditionScope): CompiledRule {
  const outcomeAnswers = new OutcomeAnswers(answers, rule.name ?? place, 'TARGETING_MATCH');
  return {
    definition: rule,
    holds: compileCondition(rule.condition, scope),
    ending: compileEnding(rule.outcome, outcomeAnswers, scope.readers),
  };
}

/** A key that is killed though no document has it, so that whoever asks is switched off all the same. */
export function compileUnknownKill(
  key: string,
  situation: FlagSituation,
  notFound: Answer,
  tallies: FlagTallies,
): CompiledFlag {
  const switchedOff: Answer = {
    ...notFound,
    reason: 'DISABLED',
    errorCode: undefined,
    errorMessage: undefined,
    tallies,
    tally: undefined,
  };
  const timedKill = createTimedKill(situation, () => switchedOff);
  return withoutDefinition(key, situation, timedKill === undefined ? switchedOff : notFound, timedKill, tallies);
}

/** A flag that this process can't understand and has never understood. */
export function compileRefused(key: string, situation: FlagSituation, tallies: FlagTallies): CompiledFlag {
  const message = `The document's form of "${key}" has errors, and no earlier form of it is known.`;
  const refused = errorAnswer('PARSE_ERROR', message, tallies);
  if (situation.killedUntil !== undefined) return compileUnknownKill(key, situation, refused, tallies);
  return withoutDefinition(key, situation, refused, undefined, tallies);
}

function withoutDefinition(
  key: string,
  situation: FlagSituation,
  settled: Answer,
  timedKill: CompiledFlag['timedKill'],
  tallies: FlagTallies,
): CompiledFlag {
  return {
    key,
    definition: undefined,
    situation,
    outcome: undefined,
    segments: NO_SEGMENTS,
    isTimed: timedKill !== undefined,
    timedKill,
    settled,
    requires: NO_PREREQUISITES,
    targets: undefined,
    rules: [],
    ending: settled,
    tallies,
  };
}

function createTimedKill({ killedUntil }: FlagSituation, switchedOff: () => Answer): CompiledFlag['timedKill'] {
  if (killedUntil === undefined || killedUntil === Infinity) return undefined;
  return { until: killedUntil, answer: switchedOff() };
}

/** What decides for everyone, whoever asks. A kill that ends by itself is asked about at each evaluation instead. */
function settle(definition: FlagDefinition, situation: FlagSituation, answers: FlagAnswers): Answer | undefined {
  const { killedUntil, override } = situation;
  if (!definition.enabled || killedUntil === Infinity) return answers.make(definition.offVariant, 'DISABLED');
  return override !== undefined && definition.variants.has(override) ? answers.make(override, 'OVERRIDE') : undefined;
}

// Most flags have none of these; they share one empty list.
const NO_SEGMENTS: readonly string[] = [];
const NO_PREREQUISITES: readonly CompiledPrerequisite[] = [];

function segmentsOf({ rules }: FlagDefinition): readonly string[] {
  const names = segmentsIn(rules.map((rule) => rule.condition));
  return names.length === 0 ? NO_SEGMENTS : names;
}

function compilePrerequisites(
  { requires, offVariant }: FlagDefinition,
  answers: FlagAnswers,
): readonly CompiledPrerequisite[] {
  if (requires.length === 0) return NO_PREREQUISITES;
  const unmet = answers.make(offVariant, 'PREREQUISITE_FAILED');
  return requires.map(({ flag, variant }) => ({ flag, variant, unmet }));
}

function compileTargets(
  targets: ReadonlyMap<string, string>,
  answers: FlagAnswers,
  readers: AttributeReaders,
): CompiledTargets {
  const byVariant = new Map<string, Answer>();
  for (const variant of new Set(targets.values())) {
    byVariant.set(variant, answers.make(variant, 'TARGETING_MATCH', undefined, 'targeted'));
  }
  const byUnit = new Map<string, Answer>();
  for (const [unit, variant] of targets) {
    const answer = byVariant.get(variant);
    if (answer !== undefined) byUnit.set(unit, answer);
  }
  return { readTargetingKey: readers.of('targetingKey'), answers: byUnit };
}

/** A prerequisite may depend on time, now or after a change of its own, so a flag that has one reads the clock. */
function dependsOnTime({ requires, rules }: FlagDefinition, outcome: Outcome): boolean {
  return (
    requires.length > 0 ||
    isTimedOutcome(outcome) ||
    rules.some((rule) => rule.from !== undefined || rule.until !== undefined || isTimedOutcome(rule.outcome))
  );
}

function isTimedOutcome(outcome: Outcome): boolean {
  return (outcome.type === 'rollout' || outcome.type === 'experiment') && isTimed(outcome.rollout.schedule);
}
