import type { EvaluationContext, EvaluationDetails, FlagValue, Hook } from '@openfeature/server-sdk';
import { AnswerTrace } from '../runtime/answer-trace.js';
import { HookCounts } from './hook-counts.js';
import { isCountedByHalyard } from './is-counted-by-halyard.js';
import { evaluationsTotal } from './metric-descriptions.js';
import type { MetricsRegistry } from './metrics-registry.js';
import { registeredMetric } from './registered-metric.js';

/** The key under which the hook's data holds the error that an evaluation ran into. */
const ERROR = 'error';

/**
 * A hook that counts evaluations in `feature_flag_evaluations_total`, whatever the provider: for the API, for a client
 * or for one call. What a Halyard counts in the same registry by itself it leaves out, so it may be added besides one.
 *
 * An evaluation counts once, however many of these hooks see it.
 * @throws Error if the registry has a metric of that name that isn't Halyard's
 */
export function prometheusHook(registry: MetricsRegistry): Hook {
  const metric = registeredMetric(registry, evaluationsTotal);
  const counts = new HookCounts();
  metric.join(() => counts.samples());
  return {
    before: ({ context }) => AnswerTrace.lay(context) as EvaluationContext | undefined,
    error: ({ hookData }, error) => hookData.set(ERROR, error),
    finally: ({ context, hookData }, details: EvaluationDetails<FlagValue>) => {
      if (metric.seen.has(details)) return;
      metric.seen.add(details);
      const error = hookData.get(ERROR);
      const answers = AnswerTrace.answersTo(context).filter(({ evaluator }) => metric.isCounting(evaluator));
      if (!isCountedByHalyard(answers, details, error)) counts.count(details, error);
    },
  };
}
