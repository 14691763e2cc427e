import type { Reason } from '../evaluation/answer.js';
import type { EvaluationDetails, FlagValue } from '../runtime/events.js';
import type { OfrepErrorCode, OfrepFailure } from './ofrep-problem.js';

/** A flag's answer as the protocol writes it. */
export type EvaluatedFlag = OfrepSuccess | OfrepFailure;

export interface OfrepSuccess {
  readonly key: string;
  /** Left out: the client's default. */
  readonly value: FlagValue | undefined;
  readonly reason: string;
  readonly variant: string | undefined;
  readonly metadata: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Our own reasons in the protocol's words: why an override or a prerequisite decided is nobody's business outside. */
const REASONS: Readonly<Record<Reason, string>> = {
  STATIC: 'STATIC',
  DEFAULT: 'DEFAULT',
  TARGETING_MATCH: 'TARGETING_MATCH',
  SPLIT: 'SPLIT',
  DISABLED: 'DISABLED',
  ERROR: 'ERROR',
  OVERRIDE: 'STATIC',
  PREREQUISITE_FAILED: 'DEFAULT',
};

/** What a client is told: nothing of rules, owners, kinds and versions. */
export function toEvaluatedFlag(details: EvaluationDetails<FlagValue | undefined>): EvaluatedFlag {
  const { flagKey: key, value, variant, reason, errorCode, flagMetadata } = details;
  if (errorCode !== undefined)
    return { key, ...failures[errorCode === 'TARGETING_KEY_MISSING' ? errorCode : 'GENERAL'] };
  const metadata = Object.keys(flagMetadata).length === 0 ? undefined : flagMetadata;
  return { key, value, reason: REASONS[reason], variant, metadata };
}

/** Our own message may say more than a client should read. */
const failures = {
  TARGETING_KEY_MISSING: {
    errorCode: 'TARGETING_KEY_MISSING',
    errorDetails: 'The evaluation context has no targeting key.',
  },
  GENERAL: { errorCode: 'GENERAL', errorDetails: 'The flag could not be evaluated.' },
} as const satisfies Partial<Record<OfrepErrorCode, Omit<OfrepFailure, 'key'>>>;
