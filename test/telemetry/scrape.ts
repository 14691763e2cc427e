import type { Registry } from 'prom-client';

/** What a scrape says about one metric: values by their labels, written `key=value,key=value`, empty labels left out. */
export async function scrape(registry: Registry, name: string): Promise<Record<string, number>> {
  const metrics = await registry.getMetricsAsJSON();
  const metric = metrics.find((one) => one.name === name);
  if (metric === undefined) throw new Error(`No metric is called ${name}.`);
  return Object.fromEntries(
    metric.values.map(({ labels, value }) => [
      Object.entries(labels)
        .filter(([, label]) => label !== '')
        .map(([label, text]) => `${label}=${String(text)}`)
        .join(','),
      value,
    ]),
  );
}

export const EVALUATIONS = 'feature_flag_evaluations_total';
