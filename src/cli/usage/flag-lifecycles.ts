import { definitionsOf, type FlagLifecycle, lifecycleOf } from '../../lifecycle/flag-lifecycle.js';
import { DAY_MS, type LifecycleOptions } from '../../lifecycle/lifecycle-options.js';
import type { FlagStore } from '../../stores/flag-store.js';
import { type FlagTimes, NoFleetListError } from '../../stores/fleet-register.js';
import { errorText } from '../error-text.js';
import { dayOf } from '../output/relative-time.js';
import type { CommandFlags } from '../served-flags.js';
import type { Terminal } from '../terminal.js';
import { askPrometheusUsage } from './prometheus-usage.js';
import type { UsageOptions } from './usage-options.js';

/** The lifecycles of all flags, with what the store's fleet and a Prometheus know of their use. */
export interface FlagLifecycles {
  readonly byKey: ReadonlyMap<string, FlagLifecycle>;
  /** What could not be found out, a line each. */
  readonly notes: readonly string[];
}

/** @throws CommandError for options that are wrong, and where a Prometheus that was named gives no answer */
export async function readLifecycles(
  { served, runtime }: CommandFlags,
  store: FlagStore,
  options: UsageOptions & { readonly lifecycle?: LifecycleOptions },
  terminal: Pick<Terminal, 'now' | 'signal'>,
): Promise<FlagLifecycles> {
  const isAsked = options.prometheus !== undefined || options.selector !== undefined;
  const [fleet, prometheus] = await Promise.all([
    fleetUsage(store),
    isAsked ? askPrometheusUsage(options, terminal) : noTimes,
  ]);
  const usage = new Map(
    Array.from(new Set([...fleet.times.keys(), ...prometheus.keys()]), (key) => {
      const lastEvaluatedAt = Math.max(fleet.times.get(key) ?? 0, prometheus.get(key) ?? 0);
      return [key, { lastEvaluatedAt, evaluations: noTimes }];
    }),
  );
  const flags = definitionsOf(runtime.evaluator.current.set);
  const lifecycles = lifecycleOf(flags, served.state, usage, terminal.now(), options.lifecycle);
  return { byKey: new Map(lifecycles.map((one) => [one.key, one])), notes: fleet.notes };
}

const noTimes: FlagTimes = new Map();

/** A list can be shown without: that the store doesn't tell is a note. */
async function fleetUsage({ fleet, name }: FlagStore): Promise<{ times: FlagTimes; notes: readonly string[] }> {
  try {
    return { times: (await fleet?.usage?.()) ?? noTimes, notes: [] };
  } catch (error) {
    if (error instanceof NoFleetListError) return { times: noTimes, notes: [] };
    return { times: noTimes, notes: [`${name} does not tell when flags were last evaluated: ${errorText(error)}`] };
  }
}

/** A flag's lifecycle as `--json` prints it. What is unknown is left out. */
export function lifecycleData({ created, ageMs, expires, expiresBy, settled, ...rest }: FlagLifecycle): object {
  const { isExpired, lastEvaluatedAt, stage, why } = rest;
  return {
    created: created && dayOf(created),
    ageDays: ageMs === undefined ? undefined : Math.floor(ageMs / DAY_MS),
    expires: expires && dayOf(expires),
    expiresBy,
    isExpired,
    settled: settled && { variant: settled.variant, since: settled.since?.toISOString(), because: settled.because },
    lastEvaluatedAt: lastEvaluatedAt?.toISOString(),
    stage,
    why,
  };
}
