import type { FlagDefinition, Outcome } from '../flags/flag-definition.js';
import { watchedRolloutOf } from '../flags/watched-rollout.js';
import type { RequestEvent, ServedAnswer } from '../runtime/events.js';
import type { Runtime } from '../runtime/runtime.js';
import { bucketOf, DurationHistogram } from './duration-histogram.js';
import { flagKeyLabel } from './flag-key-label.js';
import type { RequestMetricsOptions } from './request-metrics-options.js';
import type { Sample } from './shared-metric.js';

/** What is known of one flag: whether it is measured, which holds as long as its definition, and its histograms. */
interface MeasuredFlag {
  definition: FlagDefinition;
  isMeasured: boolean;
  readonly series: Series[];
}

interface Series {
  readonly variant: string | undefined;
  readonly assignment: ServedAnswer['assignment'];
  readonly outcome: RequestEvent['outcome'];
  readonly histogram: DurationHistogram;
}

/** Measures requests: how long they took and how they ended, for each flag that was evaluated in them. */
export class RequestDurations {
  readonly #runtime: Runtime;
  readonly #buckets: readonly number[];
  readonly #measures: (definition: FlagDefinition) => boolean;
  readonly #flags = new Map<string, MeasuredFlag>();

  constructor(runtime: Runtime, buckets: readonly number[], flags: RequestMetricsOptions['flags']) {
    this.#runtime = runtime;
    this.#buckets = buckets;
    const isChosen = chooser(flags);
    // The checks of a watched rollout need them.
    this.#measures = (definition) => watchedRolloutOf(definition) !== undefined || isChosen(definition);
  }

  /** @returns the function that ends it; what was measured stays */
  start(): () => void {
    return this.#runtime.listeners.on('request', (event) => this.#observe(event));
  }

  *samples(): Generator<Sample> {
    this.#prepareWatched();
    for (const [key, { series }] of this.#flags) {
      for (const { variant, assignment, outcome, histogram } of series) {
        const labels = { flag_key: flagKeyLabel(key), variant: variant ?? '', assignment: assignment ?? '', outcome };
        yield* histogram.samples(labels);
      }
    }
  }

  /** A series that begins above 0 hides its first rise, and of failures there may be few. */
  #prepareWatched(): void {
    for (const { key, definition } of this.#runtime.evaluator.current.set.flags.values()) {
      if (definition === undefined) continue;
      for (const { variant, assignment } of watchedSides(definition)) {
        const flag = this.#flag(key);
        if (flag === undefined) continue;
        for (const outcome of countedOutcomes) this.#histogram(flag.series, variant, assignment, outcome);
      }
    }
  }

  #observe({ flags, outcome, durationMs }: RequestEvent): void {
    const seconds = durationMs / 1000;
    const bucket = bucketOf(seconds, this.#buckets);
    for (const [key, { variant, assignment }] of flags) {
      const flag = this.#flag(key);
      if (flag?.isMeasured !== true) continue;
      this.#histogram(flag.series, variant, assignment, outcome).observe(seconds, bucket);
    }
  }

  #histogram(
    series: Series[],
    variant: Series['variant'],
    assignment: Series['assignment'],
    outcome: Series['outcome'],
  ): DurationHistogram {
    for (const one of series) {
      if (one.variant === variant && one.assignment === assignment && one.outcome === outcome) return one.histogram;
    }
    const histogram = new DurationHistogram(this.#buckets);
    series.push({ variant, assignment, outcome, histogram });
    return histogram;
  }

  /** `undefined` for a key that the document lacks: whoever can choose a key must not be able to make a series of it. */
  #flag(key: string): MeasuredFlag | undefined {
    const definition = this.#runtime.evaluator.current.set.flags.get(key)?.definition;
    if (definition === undefined) return undefined;
    const known = this.#flags.get(key);
    if (known?.definition === definition) return known;
    const isMeasured = this.#measures(definition);
    if (known !== undefined) return Object.assign(known, { definition, isMeasured });
    const flag: MeasuredFlag = { definition, isMeasured, series: [] };
    this.#flags.set(key, flag);
    return flag;
  }
}

const countedOutcomes = ['ok', 'client_error', 'server_error'] as const;

/** What a watched rollout serves to those in and out. */
function watchedSides(definition: FlagDefinition): readonly Pick<Series, 'variant' | 'assignment'>[] {
  const rollout = watchedRolloutOf(definition);
  if (rollout === undefined) return [];
  const { outcome } = definition;
  const variants = outcome.type === 'experiment' ? [...outcome.split.weights.keys()] : [rollout.variant];
  return [
    ...variants.map((variant) => ({ variant, assignment: 'in' as const })),
    { variant: rollout.otherwise, assignment: 'out' },
  ];
}

function chooser(flags: RequestMetricsOptions['flags'] = 'rolling-out'): (definition: FlagDefinition) => boolean {
  if (flags === 'rolling-out') return isRollingOut;
  if (flags === 'all') return () => true;
  const keys = new Set(flags);
  return ({ key }) => keys.has(key);
}

function isRollingOut({ kind, outcome, rules }: FlagDefinition): boolean {
  return kind === 'experiment' || divides(outcome) || rules.some((rule) => divides(rule.outcome));
}

function divides({ type }: Outcome): boolean {
  return type !== 'serve';
}
