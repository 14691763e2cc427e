import type { EvaluationDetails, FlagValue, HookContext } from '@openfeature/server-sdk';
import { AnswerTrace } from '../runtime/answer-trace.js';
import type { EvaluationEvent } from '../runtime/events.js';

/** One evaluation, with what an event may tell of it. */
export interface Observation {
  readonly flagKey: string;
  readonly providerName: string;
  readonly value: unknown;
  readonly variant: string | undefined;
  readonly reason: string | undefined;
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
  readonly context: { readonly [name: string]: unknown };
  readonly metadata: { readonly [name: string]: string | number | boolean | undefined };
  /** The version of the flags that answered, where a Halyard did. */
  readonly version: string | undefined;
}

/** What a hook sees of an evaluation when it is over. */
export function observeHook(
  { flagKey, providerMetadata, context }: Readonly<HookContext>,
  details: EvaluationDetails<FlagValue>,
): Observation {
  const { value, variant, reason, errorCode, errorMessage, flagMetadata: metadata } = details;
  const version = AnswerTrace.answersTo(context).findLast(
    (answer) => answer.variant === variant && answer.reason === reason && answer.errorCode === errorCode,
  )?.version;
  const providerName = providerMetadata.name;
  return { flagKey, providerName, value, variant, reason, errorCode, errorMessage, context, metadata, version };
}

/** What a Halyard tells of an evaluation that went through no hooks. */
export function observeEvent(event: EvaluationEvent): Observation {
  const { flagKey, value, variant, reason, errorCode, errorMessage, context, version } = event;
  return {
    flagKey,
    // As the provider calls itself.
    providerName: 'halyard',
    value,
    variant,
    reason,
    errorCode,
    errorMessage,
    context,
    metadata: {},
    version,
  };
}
