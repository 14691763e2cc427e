import type { Split } from '../flags/flag-definition.js';
import type { Answer } from './answer.js';
import type { EvaluationContext } from './evaluation-context.js';

/** How a rule, or the flag itself, ends: with one answer to everyone, or with an answer to each unit. */
export type Ending = Answer | EndingByUnit;

export type EndingByUnit = (context: EvaluationContext, now: number, trace: BucketTrace | undefined) => Answer;

/** The answer that an ending gives. */
export function conclude(
  ending: Ending,
  context: EvaluationContext,
  now: number,
  trace: BucketTrace | undefined,
): Answer {
  return typeof ending === 'function' ? ending(context, now, trace) : ending;
}

/** Told what buckets decide. Only explanations have one. */
export interface BucketTrace {
  /** @param point `undefined`: no bucket was needed */
  rollout(source: BucketSource, point: number | undefined, offset: number, percentage: number, applies: boolean): void;
  /** @param point `undefined`: no bucket was needed */
  split(source: BucketSource, point: number | undefined, split: Split, answer: Answer): void;
  missingUnit(by: string, answer: Answer): void;
}

/** What was bucketed, and on which ring. */
export interface BucketSource {
  readonly by: string;
  readonly seed: string;
}
