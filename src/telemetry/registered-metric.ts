import type { MetricsRegistry } from './metrics-registry.js';
import { type MetricDescription, ScrapedMetric } from './scraped-metric.js';
import { SHARED, type SharedMetric } from './shared-metric.js';

/**
 * The metric of this name in the registry; it is made and registered if there is none.
 * @throws Error if the registry has a metric of this name that isn't Halyard's
 */
export function registeredMetric(registry: MetricsRegistry, description: MetricDescription): SharedMetric {
  const found = registry.getSingleMetric(description.name);
  if (found === undefined) {
    const metric = new ScrapedMetric(description);
    Object.defineProperty(metric, SHARED, { value: metric });
    registry.registerMetric(metric);
    return metric;
  }
  if (isShared(found)) return found[SHARED];
  throw new Error(
    `The registry already has a metric "${description.name}" that isn't Halyard's. ` +
      'Rename that one, or give Halyard a registry of its own and join the two with `Registry.merge`.',
  );
}

function isShared(metric: object): metric is { readonly [SHARED]: SharedMetric } {
  return SHARED in metric;
}
