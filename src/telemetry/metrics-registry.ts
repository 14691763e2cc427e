/**
 * Where metrics are registered: what Halyard asks of a registry, and every `Registry` of prom-client 15 has. Halyard
 * neither loads prom-client nor needs its types.
 */
export interface MetricsRegistry {
  registerMetric(metric: object): void;
  getSingleMetric(name: string): object | undefined;
}
