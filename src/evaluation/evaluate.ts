import type { Answer } from './answer.js';
import { asUnit } from './bucketing.js';
import type { CompiledFlag, CompiledPrerequisite, Trace } from './compiled-flag.js';
import { conclude } from './ending.js';
import type { EvaluationContext } from './evaluation-context.js';

/**
 * The answer of a flag to a context. The first that applies decides: a kill or whatever else is settled for everyone,
 * a prerequisite that isn't met, a target, a rule whose conditions hold, the flag's own outcome.
 *
 * Pure; it throws only what reading the context throws.
 * @param flags where prerequisites are found
 * @param now milliseconds since the epoch; any number for a flag that isn't timed
 * @param trace told about every step; only explanations have one
 */
export function evaluateFlag(
  flag: CompiledFlag,
  flags: ReadonlyMap<string, CompiledFlag>,
  context: EvaluationContext,
  now: number,
  trace?: Trace,
): Answer {
  const { timedKill, settled, targets } = flag;
  if (timedKill !== undefined && now < timedKill.until) {
    trace?.settled(timedKill.answer, timedKill.until);
    return timedKill.answer;
  }
  if (settled !== undefined) {
    trace?.settled(settled);
    return settled;
  }
  for (const prerequisite of flag.requires) {
    const isMet = meets(prerequisite, flags, context, now);
    trace?.prerequisite(prerequisite, isMet);
    if (!isMet) return prerequisite.unmet;
  }
  if (targets !== undefined) {
    const unit = asUnit(targets.readTargetingKey(context));
    const target = unit === undefined ? undefined : targets.answers.get(unit);
    trace?.targets(unit, target);
    if (target !== undefined) return target;
  }
  for (const rule of flag.rules) {
    const { from, until } = rule.definition;
    const isTime = (from === undefined || now >= from) && (until === undefined || now < until);
    const holds = isTime && rule.holds(context);
    trace?.rule(rule, holds);
    if (holds) return conclude(rule.ending, context, now, trace);
  }
  trace?.otherwise();
  return conclude(flag.ending, context, now, trace);
}

function meets(
  { flag, variant }: CompiledPrerequisite,
  flags: ReadonlyMap<string, CompiledFlag>,
  context: EvaluationContext,
  now: number,
): boolean {
  const required = flags.get(flag);
  if (required === undefined) return false;
  const answer = evaluateFlag(required, flags, context, now);
  return answer.variant === variant && answer.errorCode === undefined && answer.reason !== 'DISABLED';
}
