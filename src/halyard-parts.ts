import { hostname } from 'node:os';
import { Breakers } from './control/breakers.js';
import { createElapsedTime } from './control/elapsed-time.js';
import { FleetTrips } from './control/fleet-trips.js';
import { KillSwitch } from './control/kill-switch.js';
import { RequestHealth } from './control/rollout/health/request-health.js';
import { Rollouts } from './control/rollout/rollouts.js';
import { TripNotes } from './control/trip-notes.js';
import { Fleet } from './fleet/fleet.js';
import type { HalyardOptions } from './halyard-options.js';
import type { LifecycleOptions } from './lifecycle/lifecycle-options.js';
import { UsageWatch } from './lifecycle/usage-watch.js';
import type { Runtime } from './runtime/runtime.js';
import { StoreFollower } from './runtime/store-follower.js';
import { openCache } from './stand-ins.js';
import type { FlagCache } from './stores/flag-cache.js';
import type { StoredFlags } from './stores/flag-store.js';
import { DEFAULT_BUCKETS } from './telemetry/metric-descriptions.js';
import type { RequestMetricsOptions } from './telemetry/request-metrics-options.js';

/** What works around a runtime: what feeds it, switches its flags and watches them. */
export interface HalyardParts {
  readonly runtime: Runtime;
  readonly follower: StoreFollower;
  readonly fleet: Fleet;
  readonly usage: UsageWatch;
  /** Checked before. */
  readonly lifecycle: LifecycleOptions;
  readonly cache: FlagCache | undefined;
  readonly breakers: Breakers;
  readonly killSwitch: KillSwitch;
  readonly rollouts: Rollouts;
  readonly health: RequestHealth;
  readonly requestMetrics: RequestMetricsOptions | false;
}

/**
 * Makes the parts of a Halyard. Nothing of them has started.
 * @param options checked before
 */
export function halyardParts(options: HalyardOptions, runtime: Runtime): HalyardParts {
  const { store, watch = true, requestMetrics = {}, fleet: fleetOptions = watch ? {} : false } = options;
  const cache = openCache(options, runtime.logger);
  const onGood = cache && ((stored: StoredFlags, at: number) => cache.save(stored, at));
  const follower = new StoreFollower(store, runtime, { isWatching: watch, onGood });
  const usage = new UsageWatch(runtime.evaluator, runtime.clock);
  const fleet = new Fleet({ store, runtime, usage, options: fleetOptions });
  // Time by a test's clock passes for breakers, too.
  const breakers = new Breakers({
    runtime,
    elapsed: createElapsedTime(options.clock),
    instance: `${hostname()}:${process.pid}`,
    fleetTrips: new FleetTrips(runtime, store),
    tripNotes: new TripNotes(runtime, store),
  });
  const pinned = new Set(runtime.local.kills.keys());
  const killSwitch = new KillSwitch({ runtime, store, follower, fleet, breakers, pinned });
  const rollouts = new Rollouts({ runtime, store, follower });
  const { buckets = DEFAULT_BUCKETS } = requestMetrics === false ? {} : requestMetrics;
  const health = new RequestHealth(runtime, buckets);
  const { lifecycle = {} } = options;
  return { runtime, follower, fleet, usage, lifecycle, cache, breakers, killSwitch, rollouts, health, requestMetrics };
}
