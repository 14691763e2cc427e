import { OTHER_FLAG, UNKNOWN_FLAG } from './flag-key-label.js';
import type { Sample, SharedMetric, Source } from './shared-metric.js';

/** What a metric is, as Prometheus is told. */
export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labelNames: readonly string[];
  /** A histogram's upper bounds, rising, without the infinite one. */
  readonly buckets?: readonly number[];
  /** How many flags have series of their own, so that keys made up at run time can't grow a process without end. Default: 10,000. */
  readonly mostFlags?: number;
}

const MOST_FLAGS = 10_000;

interface Series {
  readonly labels: Sample['labels'];
  readonly metricName?: string;
  value: number;
}

type SeriesByLabels = Map<string, Series>;

/**
 * A metric as a registry of prom-client's wants it, which holds no values: these are read from its sources whenever
 * somebody scrapes, and nothing is done in between. Counters and histograms with the same labels are added up; of gauges
 * the largest is taken, here as among the workers of a cluster.
 */
export class ScrapedMetric implements SharedMetric {
  /** prom-client takes `_total` away from it when it writes OpenMetrics, and expects to see that in `get`. */
  name: string;
  readonly help: string;
  readonly type: MetricDescription['type'];
  readonly labelNames: readonly string[];
  readonly aggregator: 'sum' | 'max';
  readonly buckets: readonly number[] | undefined;
  readonly seen: WeakSet<object> = new WeakSet();
  readonly #sources = new Map<Source, object | undefined>();
  /** What ended sources had counted. */
  readonly #ended: SeriesByLabels = new Map();
  /** The flags that have series of their own. What is counted keeps them, whatever else comes and goes. */
  readonly #flags = new Set<string>();
  readonly #mostFlags: number;
  /** What had been counted at the last `reset`, by labels. */
  #resetAt: ReadonlyMap<string, number> = new Map();

  constructor({ name, help, type, labelNames, buckets, mostFlags = MOST_FLAGS }: MetricDescription) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.labelNames = labelNames;
    this.aggregator = type === 'gauge' ? 'max' : 'sum';
    this.buckets = buckets;
    this.#mostFlags = mostFlags;
  }

  join(source: Source, counts?: object): () => void {
    this.#sources.set(source, counts);
    return () => {
      if (this.#sources.delete(source) && this.type !== 'gauge') this.#add(source(), this.#ended, this.#flags);
    };
  }

  isCounting(evaluator: object): boolean {
    for (const counts of this.#sources.values()) if (counts === evaluator) return true;
    return false;
  }

  /** What prom-client reads at a scrape. */
  get(): Promise<MetricDescription & { aggregator: string; values: Series[] }> {
    const { name, help, type, labelNames, aggregator } = this;
    const values = Array.from(this.#collect(), ([key, { value, ...series }]) => ({
      ...series,
      value: value - (this.#resetAt.get(key) ?? 0),
    }));
    return Promise.resolve({ name, help, type, labelNames, aggregator, values });
  }

  /** Counters and histograms begin again at 0: `registry.resetMetrics()` of prom-client, for tests. A gauge has nothing to reset. */
  reset(): void {
    if (this.type === 'gauge') return;
    this.#resetAt = new Map(Array.from(this.#collect(), ([key, { value }]) => [key, value]));
  }

  #collect(): SeriesByLabels {
    const all: SeriesByLabels = new Map();
    const flags = this.type === 'gauge' ? new Set<string>() : this.#flags;
    for (const [key, series] of this.#ended) all.set(key, { ...series });
    for (const source of this.#sources.keys()) this.#add(source(), all, flags);
    return all;
  }

  #add(samples: Iterable<Sample>, all: SeriesByLabels, flags: Set<string>): void {
    for (const sample of samples) {
      const labels = this.#hasPlace(sample.labels, flags) ? sample.labels : this.#otherLabels(sample.labels);
      if (labels === undefined) continue;
      const { value, suffix } = sample;
      const key = [suffix, labels['le'], ...this.labelNames.map((name) => labels[name])].join('\0');
      const series = all.get(key);
      if (series === undefined) {
        all.set(key, { labels, value, ...(suffix !== undefined && { metricName: this.name + suffix }) });
      } else series.value = this.type === 'gauge' ? Math.max(series.value, value) : series.value + value;
    }
  }

  /** What a flag above the limit is counted under; nothing for a gauge, since a sum of states says nothing. */
  #otherLabels(labels: Sample['labels']): Sample['labels'] | undefined {
    if (this.type === 'gauge') return undefined;
    return { ...labels, flag_key: OTHER_FLAG, ...('variant' in labels && { variant: '' }) };
  }

  /** Whether the sample's flag has series of its own, or still gets them. A flag that was once refused always is. */
  #hasPlace({ flag_key: flagKey }: Sample['labels'], flags: Set<string>): boolean {
    if (flagKey === undefined || flagKey === UNKNOWN_FLAG || flagKey === OTHER_FLAG || flags.has(flagKey)) return true;
    if (flags.size >= this.#mostFlags) return false;
    flags.add(flagKey);
    return true;
  }
}
