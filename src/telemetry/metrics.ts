import type { Runtime } from '../runtime/runtime.js';
import type { StoreFollower } from '../runtime/store-follower.js';
import { talliesOf } from '../runtime/evaluator.js';
import { evaluationLabels } from './evaluation-labels.js';
import { EventCounts } from './event-counts.js';
import { flagKeyLabel } from './flag-key-label.js';
import { enabledSamples, expirySamples, rolloutSamples } from './flag-gauges.js';
import * as metrics from './metric-descriptions.js';
import type { MetricsRegistry } from './metrics-registry.js';
import { registeredMetric } from './registered-metric.js';
import { RequestDurations } from './request-durations.js';
import type { RequestMetricsOptions } from './request-metrics-options.js';
import type { MetricDescription } from './scraped-metric.js';
import type { Sample, Source } from './shared-metric.js';

export type { MetricsRegistry } from './metrics-registry.js';

/** What metrics are made of. */
export interface MetricsParts {
  readonly registry: MetricsRegistry;
  readonly runtime: Runtime;
  readonly follower: StoreFollower;
  /** The store's name. */
  readonly source: string;
  /** Checked before. `false`: requests are not measured. */
  readonly requestMetrics: RequestMetricsOptions | false;
}

/**
 * Registers Halyard's metrics, and feeds them from one runtime. Everything is read when somebody scrapes.
 *
 * @returns the function that ends it: the counters stay at what they counted, the gauges forget this runtime
 * @throws Error if the registry has a metric of one of the names that isn't Halyard's, or a histogram with other buckets
 */
export function startMetrics({ registry, runtime, follower, source, requestMetrics }: MetricsParts): () => void {
  const events = new EventCounts(runtime, source);
  const { clock, evaluator } = runtime;
  const { flags, buckets = metrics.DEFAULT_BUCKETS } = requestMetrics === false ? {} : requestMetrics;
  const durations = requestMetrics === false ? undefined : new RequestDurations(runtime, buckets, flags);
  const sources: (readonly [MetricDescription, Source])[] = [
    [metrics.evaluationsTotal, () => evaluationSamples(runtime)],
    [metrics.blockedTotal, () => events.blocked()],
    [metrics.tripsTotal, () => []],
    [metrics.flagEnabled, () => enabledSamples(evaluator.current.set, clock.now())],
    [metrics.rolloutPercentage, () => rolloutSamples(evaluator.current.set, clock.now())],
    [metrics.expiresTimestamp, () => expirySamples(evaluator.current.set)],
    [metrics.configInfo, () => versionSamples(runtime.version, source)],
    [metrics.lastSuccess, () => secondsSamples(follower.lastSuccess)],
    [metrics.configErrorsTotal, () => events.configErrors()],
    [metrics.contextErrorsTotal, () => events.contextErrors()],
  ];
  if (durations !== undefined) sources.push([metrics.requestDuration(buckets), () => durations.samples()]);
  // All are found or made before the first is fed: a name that is taken leaves no source behind.
  const joined = sources.map(([description, read]) => [registeredMetric(registry, description), read] as const);
  const endings = joined.map(([metric, read]) => metric.join(read, evaluator));
  events.start();
  const stopDurations = durations?.start();
  return () => {
    for (const end of endings) end();
    events.stop();
    stopDurations?.();
  };
}

function* evaluationSamples({ evaluator }: Runtime): Generator<Sample> {
  for (const [key, { variant, reason, errorCode, count }] of talliesOf(evaluator)) {
    if (count > 0) yield { labels: evaluationLabels(flagKeyLabel(key), variant, reason, errorCode), value: count };
  }
}

function versionSamples(version: string | undefined, source: string): readonly Sample[] {
  return version === undefined ? [] : [{ labels: { version, source }, value: 1 }];
}

function secondsSamples(milliseconds: number | undefined): readonly Sample[] {
  return milliseconds === undefined ? [] : [{ labels: {}, value: milliseconds / 1000 }];
}
