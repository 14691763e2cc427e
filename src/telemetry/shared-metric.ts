/** One series at one moment. */
export interface Sample {
  /** By the metric's label names; every one of them is there. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** What a histogram's series are called beyond the metric's name. Those of buckets have the label `le`, too. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

/**
 * What one Halyard or hook has to say about a metric, read at each scrape. A counter's samples never go down and none
 * of them goes away.
 */
export type Source = () => Iterable<Sample>;

/** The key under which a metric of Halyard's is known as one, also to another copy of this package. */
export const SHARED: unique symbol = Symbol.for('halyard.metric');

/** A metric that several Halyards and hooks feed, though it can be registered only once. */
export interface SharedMetric {
  /**
   * Adds a source.
   * @param counts whose evaluations the source counts, for `isCounting`
   * @returns the function that ends it: a counter keeps what it counted, a gauge forgets what it said
   */
  join(source: Source, counts?: object): () => void;
  /** Whether the evaluations of this evaluator are counted by a source of this metric. */
  isCounting(evaluator: object): boolean;
  /** A histogram's upper bounds. */
  readonly buckets: readonly number[] | undefined;
  /** The evaluations that hooks have counted here, so that none counts one again. */
  readonly seen: WeakSet<object>;
}
