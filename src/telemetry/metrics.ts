import type { LifecycleSettings } from '../lifecycle/lifecycle-options.js';
import type { UsageWatch } from '../lifecycle/usage-watch.js';
import type { Runtime } from '../runtime/runtime.js';
import type { StoreFollower } from '../runtime/store-follower.js';
import { talliesOf } from '../runtime/evaluator.js';
import { type CheckCounts, checkSamples } from './check-counts.js';
import { evaluationLabels } from './evaluation-labels.js';
import { type BreakerState, EventCounts } from './event-counts.js';
import { flagKeyLabel } from './flag-key-label.js';
import { enabledSamples, expirySamples, rolloutSamples } from './flag-gauges.js';
import { expiredSamples, staleFlagSamples } from './lifecycle-gauges.js';
import * as metrics from './metric-descriptions.js';
import type { MetricsRegistry } from './metrics-registry.js';
import { registeredMetric } from './registered-metric.js';
import { RequestDurations } from './request-durations.js';
import type { RequestMetricsOptions } from './request-metrics-options.js';
import type { MetricDescription } from './scraped-metric.js';
import type { Sample, Source } from './shared-metric.js';

/** What metrics are made of. */
export interface MetricsParts {
  readonly registry: MetricsRegistry;
  readonly runtime: Runtime;
  readonly follower: StoreFollower;
  /** What keeps the flags for a start without the store. */
  readonly cache: { readonly failures: number } | undefined;
  /** The store's name. */
  readonly source: string;
  /** The flags that have a breaker by now, and whether it is open, or lets only probes through. */
  readonly breakers: () => Iterable<BreakerState>;
  /** Checked before. `false`: requests are not measured. */
  readonly requestMetrics: RequestMetricsOptions | false;
  /** What this process evaluates. */
  readonly usage: UsageWatch;
  /** When flags have had their day. */
  readonly lifecycle: LifecycleSettings;
  /** Requests for the checks of watched rollouts. */
  readonly health: CheckCounts;
}

/**
 * Registers Halyard's metrics, and feeds them from one runtime. Everything is read when somebody scrapes.
 *
 * @returns the function that ends it: the counters stay at what they counted, the gauges forget this runtime
 * @throws Error if the registry has a metric of one of the names that isn't Halyard's, or a histogram with other buckets
 */
export function startMetrics(parts: MetricsParts): () => void {
  const { registry, runtime, follower, cache, source, breakers, requestMetrics, health, usage, lifecycle } = parts;
  const events = new EventCounts(runtime, source, breakers);
  const { clock, evaluator } = runtime;
  const { flags, buckets = metrics.DEFAULT_BUCKETS } = requestMetrics === false ? {} : requestMetrics;
  const durations = requestMetrics === false ? undefined : new RequestDurations(runtime, buckets, flags);
  const sources: (readonly [MetricDescription, Source])[] = [
    [metrics.evaluationsTotal, () => evaluationSamples(runtime, usage)],
    [metrics.blockedTotal, () => events.blocked()],
    [metrics.tripsTotal, () => events.trips()],
    [metrics.breakerOpen, () => breakerSamples(breakers())],
    [metrics.flagEnabled, () => enabledSamples(evaluator.current.set, clock.now())],
    [metrics.rolloutPercentage, () => rolloutSamples(evaluator.current.set, clock.now())],
    [metrics.expiresTimestamp, () => expirySamples(evaluator.current.set)],
    [metrics.flagExpired, () => expiredSamples(evaluator.current.set, lifecycle, clock.now())],
    [metrics.flagStale, () => staleFlagSamples(evaluator.current.set, runtime.state, lifecycle, clock.now())],
    [metrics.configInfo, () => versionSamples(runtime.version, follower.source)],
    [metrics.configStale, () => staleSamples(follower)],
    [metrics.lastSuccess, () => secondsSamples(follower.lastSuccess)],
    [metrics.configErrorsTotal, () => events.configErrors()],
    [metrics.cacheErrorsTotal, () => (cache === undefined ? [] : [{ labels: {}, value: cache.failures }])],
    [metrics.contextErrorsTotal, () => events.contextErrors()],
  ];
  if (durations !== undefined) {
    sources.push([metrics.requestDuration(buckets), () => durations.samples()]);
    sources.push([metrics.checkRequestsTotal, () => checkSamples(health)]);
  }
  // All are found or made before the first is fed: a name that is taken leaves no source behind.
  const joined = sources.map(([description, read]) => [registeredMetric(registry, description), read] as const);
  const endings = joined.map(([metric, read]) => metric.join(read, evaluator));
  events.start();
  const stopDurations = durations?.start();
  if (durations !== undefined) health.start();
  return () => {
    for (const end of endings) end();
    events.stop();
    stopDurations?.();
  };
}

function* evaluationSamples({ evaluator }: Runtime, usage: UsageWatch): Generator<Sample> {
  // Whoever scrapes looks at the counters anyway: the more often that happens, the better is known when they moved.
  usage.look();
  for (const [key, { variant, reason, errorCode, count }] of talliesOf(evaluator)) {
    if (count > 0) yield { labels: evaluationLabels(flagKeyLabel(key), variant, reason, errorCode), value: count };
  }
}

function* breakerSamples(breakers: Iterable<BreakerState>): Generator<Sample> {
  for (const { flagKey, status } of breakers) {
    yield { labels: { flag_key: flagKey }, value: status === 'closed' ? 0 : 1 };
  }
}

function versionSamples(version: string | undefined, source: string): readonly Sample[] {
  return version === undefined ? [] : [{ labels: { version, source }, value: 1 }];
}

function staleSamples({ status }: StoreFollower): readonly Sample[] {
  return status === 'ready' || status === 'stale' ? [{ labels: {}, value: status === 'stale' ? 1 : 0 }] : [];
}

function secondsSamples(milliseconds: number | undefined): readonly Sample[] {
  return milliseconds === undefined ? [] : [{ labels: {}, value: milliseconds / 1000 }];
}
