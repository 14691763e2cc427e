import type { TracedAnswer } from '../runtime/answer-trace.js';
import { providerErrors } from './provider-errors.js';

/** How an evaluation of OpenFeature's ended. */
export interface EvaluationEnd {
  readonly variant?: string | undefined;
  readonly reason?: string | undefined;
  readonly errorCode?: string | undefined;
}

/**
 * Whether the end of an evaluation is what a Halyard answered, and has counted. It isn't where a Halyard was asked among
 * others and another provider decided.
 *
 * @param answers what Halyards answered and counted on the way
 * @param error what the evaluation ran into, if it did
 */
export function isCountedByHalyard(answers: readonly TracedAnswer[], end: EvaluationEnd, error: unknown): boolean {
  if (answers.length === 0) return false;
  if (end.errorCode === undefined) {
    return answers.some((answer) => answer.variant === end.variant && answer.reason === end.reason);
  }
  const failures = answers.filter((answer) => answer.errorCode !== undefined);
  const errors = providerErrors(error);
  if (errors !== undefined) return errors.length <= failures.length;
  // After an answer without error it was a hook that failed.
  return failures.length < answers.length || failures.some((answer) => answer.errorCode === end.errorCode);
}
