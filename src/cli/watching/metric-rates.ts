import type { MetricSample } from './prometheus-text.js';

/** What a service answers, per flag and variant, between two scrapes. */
export interface FlagRates {
  readonly flagKey: string;
  /** Evaluations per second, all variants. */
  readonly perSecond: number;
  /** Calls per second that its kill switch kept from being made. */
  readonly blockedPerSecond: number;
  readonly variants: readonly VariantRates[];
}

export interface VariantRates {
  /** `undefined`: the caller's default. */
  readonly variant: string | undefined;
  readonly perSecond: number;
  /** Of the flag's evaluations, 0–1; `undefined` where there were none. */
  readonly share: number | undefined;
  readonly errorsPerSecond: number;
  /** When it was seen to be evaluated last, in milliseconds since the epoch; `undefined`: not since the watch began. */
  readonly lastSeen: number | undefined;
}

/** What the service says of the flags that serve. */
export interface ServedConfig {
  readonly version: string | undefined;
  readonly source: string | undefined;
  readonly isStale: boolean;
  /** When the store was last found good, in milliseconds since the epoch. */
  readonly lastSuccess: number | undefined;
}

const EVALUATIONS = 'feature_flag_evaluations_total';
const BLOCKED = 'feature_flag_kill_switch_blocked_total';

interface Series {
  readonly flagKey: string;
  readonly variant: string;
  readonly isError: boolean;
  readonly isBlocked: boolean;
  readonly value: number;
}

/** Counters over several scrapes, as rates. */
export class MetricRates {
  #last: { readonly at: number; readonly series: ReadonlyMap<string, Series> } | undefined;
  readonly #lastSeen = new Map<string, number>();

  /**
   * The rates since the scrape before; `undefined` for the first one. A counter that fell began again at 0, with the
   * service: rates are never negative.
   */
  add(at: number, samples: readonly MetricSample[]): readonly FlagRates[] | undefined {
    const before = this.#last;
    const series = seriesIn(samples);
    // Two scrapes in one moment, or a clock that was set back: the next scrape tells.
    if (before !== undefined && at === before.at) return undefined;
    this.#last = { at, series };
    const seconds = before === undefined ? 0 : (at - before.at) / 1000;
    if (before === undefined || seconds <= 0) return undefined;
    const flags = new Map<string, { blocked: number; variants: Map<string, { all: number; errors: number }> }>();
    for (const [id, { flagKey, variant, isError, isBlocked, value }] of series) {
      const earlier = before.series.get(id)?.value ?? 0;
      const counted = value >= earlier ? value - earlier : value;
      const flag = flags.get(flagKey) ?? { blocked: 0, variants: new Map<string, { all: number; errors: number }>() };
      flags.set(flagKey, flag);
      if (isBlocked) flag.blocked += counted;
      else {
        const counts = flag.variants.get(variant) ?? { all: 0, errors: 0 };
        flag.variants.set(variant, counts);
        counts.all += counted;
        if (isError) counts.errors += counted;
        if (counted > 0) this.#lastSeen.set(idOf(flagKey, variant), at);
      }
    }
    return [...flags]
      .map(([flagKey, { blocked, variants }]) => {
        const all = [...variants.values()].reduce((sum, counts) => sum + counts.all, 0);
        return {
          flagKey,
          perSecond: all / seconds,
          blockedPerSecond: blocked / seconds,
          variants: [...variants].sort(byKey).map(([variant, counts]) => ({
            variant: variant === '' ? undefined : variant,
            perSecond: counts.all / seconds,
            share: all === 0 ? undefined : counts.all / all,
            errorsPerSecond: counts.errors / seconds,
            lastSeen: this.#lastSeen.get(idOf(flagKey, variant)),
          })),
        };
      })
      .sort((a, b) => byKey([a.flagKey], [b.flagKey]));
  }
}

const idOf = (...parts: readonly string[]): string => JSON.stringify(parts);

const byKey = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number =>
  a < b ? -1 : a > b ? 1 : 0;

function seriesIn(samples: readonly MetricSample[]): ReadonlyMap<string, Series> {
  const counters = samples.filter(
    ({ name, value }) => (name === EVALUATIONS || name === BLOCKED) && Number.isFinite(value),
  );
  return new Map(
    counters.map(({ name, labels, value }) => [
      idOf(name, ...[...labels].sort(byKey).flat()),
      {
        flagKey: labels.get('flag_key') ?? '',
        variant: labels.get('variant') ?? '',
        isError: (labels.get('error_type') ?? '') !== '',
        isBlocked: name === BLOCKED,
        value,
      },
    ]),
  );
}

/** What the gauges say of the flags that serve. Where several instances answer together, the oldest counts. */
export function servedConfig(samples: readonly MetricSample[]): ServedConfig {
  const find = (name: string): readonly MetricSample[] => samples.filter((sample) => sample.name === name);
  const info = find('feature_flag_config_info')[0]?.labels;
  const successes = find('feature_flag_config_last_success_timestamp_seconds').map(({ value }) => value * 1000);
  return {
    version: info?.get('version'),
    source: info?.get('source'),
    isStale: find('feature_flag_config_stale').some(({ value }) => value > 0),
    lastSuccess: successes.length === 0 ? undefined : Math.min(...successes),
  };
}
