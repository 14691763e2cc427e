import type { MetricsRegistry } from './metrics-registry.js';
import { type MetricDescription, ScrapedMetric } from './scraped-metric.js';
import { SHARED, type SharedMetric } from './shared-metric.js';

/**
 * The metric of this name in the registry; it is made and registered if there is none.
 * @throws Error if the registry has a metric of this name that isn't Halyard's, or a histogram with other buckets
 */
export function registeredMetric(registry: MetricsRegistry, description: MetricDescription): SharedMetric {
  const found = registry.getSingleMetric(description.name);
  if (found === undefined) {
    const metric = new ScrapedMetric(description);
    Object.defineProperty(metric, SHARED, { value: metric });
    registry.registerMetric(metric);
    return metric;
  }
  if (isShared(found)) return withBuckets(found[SHARED], description);
  throw new Error(
    `The registry already has a metric "${description.name}" that isn't Halyard's. ` +
      'Rename that one, or give Halyard a registry of its own and join the two with `Registry.merge`.',
  );
}

/** Counts in different buckets can't be added up. */
function withBuckets(metric: SharedMetric, { name, buckets }: MetricDescription): SharedMetric {
  if (String(metric.buckets) === String(buckets)) return metric;
  throw new Error(
    `The registry's "${name}" has the buckets ${String(metric.buckets)} of another Halyard, this one wants ` +
      `${String(buckets)}. Give both the same \`requestMetrics.buckets\`, or each a registry of its own.`,
  );
}

function isShared(metric: object): metric is { readonly [SHARED]: SharedMetric } {
  return SHARED in metric;
}
