import type { Answer } from './answer.js';
import type { Trace } from './compiled-flag.js';
import type { EvaluationContext } from './evaluation-context.js';

/** How a rule, or the flag itself, ends: with one answer to everyone, or with an answer to each unit. */
export type Ending = Answer | EndingByUnit;

export type EndingByUnit = (context: EvaluationContext, now: number, trace: Trace | undefined) => Answer;

/** The answer that an ending gives. */
export function conclude(ending: Ending, context: EvaluationContext, now: number, trace: Trace | undefined): Answer {
  return typeof ending === 'function' ? ending(context, now, trace) : ending;
}
