import type { BreakerHealth, Breakers, BREAKERS } from './control/breakers.js';
import type { KillOptions, RestoreOptions } from './control/kill-switch.js';
import type { Protection } from './control/protect.js';
import type { HEALTH, RequestHealth } from './control/rollout/health/request-health.js';
import { warnOfNeglected } from './control/rollout/neglected-rollouts.js';
import type { RolloutControls } from './control/rollout/rollout-controls.js';
import type { ROLLOUTS, Rollouts, RolloutStatus } from './control/rollout/rollouts.js';
import type { EvaluationContext } from './evaluation/evaluation-context.js';
import type { Explanation } from './evaluation/explain.js';
import type { FlagKey, VariantOf } from './flags/known-flags.js';
import type { Fleet, FLEET, FleetMember } from './fleet/fleet.js';
import type { FleetWaitOptions } from './fleet/fleet-options.js';
import { checkHalyardOptions, type HalyardOptions } from './halyard-options.js';
import { type HalyardParts, halyardParts } from './halyard-parts.js';
import type { FlagLifecycle } from './lifecycle/flag-lifecycle.js';
import { type LifecycleOptions, readLifecycleOptions } from './lifecycle/lifecycle-options.js';
import { HalyardOfParts } from './local-halyard.js';
import type { HalyardProvider } from './provider/provider.js';
import type { FlagValue, HalyardEvents } from './runtime/events.js';
import type { FlagReads } from './runtime/flag-reads.js';
import type { Listener } from './runtime/listeners.js';
import { readLocalSwitches, warnIfWithoutEffect } from './runtime/local-switches.js';
import { consoleLogger } from './runtime/logger.js';
import { Runtime, type RUNTIME } from './runtime/runtime.js';
import { startUp } from './runtime/start-up.js';
import { warnOfStrayKills } from './runtime/stray-kills.js';
import type { FollowerStatus } from './runtime/store-follower.js';
import { findStandIns, remindStore } from './stand-ins.js';
import { startDecisionLog } from './telemetry/decision-log.js';
import { startMetrics } from './telemetry/metrics.js';

/** How a Halyard is. */
export interface HalyardHealth {
  readonly status: FollowerStatus;
  /** The version of the flags that serve. */
  readonly version: string | undefined;
  /** Where the flags that serve came from: the store's name or that of one of its sources, `cache:PATH`, or `bootstrap`. */
  readonly source: string;
  /** How many flags serve. */
  readonly flags: number;
  /**
   * How long ago the store was last read and found good, in milliseconds; by an earlier process, where the flags come
   * from its cache. `undefined`: never.
   */
  readonly ageMs: number | undefined;
  /** Since when the flags may not be what the store holds: status `stale`. */
  readonly staleSince: Date | undefined;
  /** The latest failure, also when all is well again. */
  readonly lastError: { readonly error: Error; readonly at: Date } | undefined;
}

/**
 * Feature flags inside this process. Evaluations are synchronous and local, and never throw.
 *
 * Direct calls (`boolean`, `details`, …) see the context that they are given, and the static one, alone: they read no
 * context of OpenFeature's and run none of its hooks. A client of `provider` does both.
 */
export interface Halyard extends FlagReads<[context?: EvaluationContext]>, Protection {
  /** For `OpenFeature.setProviderAndWait`. Its shutdown doesn't close this Halyard. */
  readonly provider: HalyardProvider;

  /** The values of all flags that have one for this context. Not counted as evaluations. */
  all(context?: EvaluationContext): Record<string, FlagValue>;
  /** Every step to the answer, every condition, the bucket. `String(explanation)` is for people. Not counted. */
  explain(flagKey: FlagKey, context?: EvaluationContext): Explanation;

  /** Listens to one kind of event. Returns the function that ends it. */
  on<Name extends keyof HalyardEvents>(name: Name, listener: Listener<HalyardEvents[Name]>): () => void;
  off<Name extends keyof HalyardEvents>(name: Name, listener: Listener<HalyardEvents[Name]>): void;

  /** Serves one variant to everyone on this instance; `undefined` ends that. It doesn't revive a flag that is off. */
  override<Key extends FlagKey>(flagKey: Key, variant: VariantOf<Key> | undefined): void;
  /**
   * Switches a flag off: on this instance at once, then through the store on every other. If the store can't be written
   * it stays off here, and the rejection says so.
   */
  kill(flagKey: FlagKey, options: KillOptions): Promise<void>;
  /**
   * Switches a killed flag on again everywhere, with `rollout` at a percentage of its units, and closes its breaker on this
   * instance.
   */
  restore(flagKey: FlagKey, options: RestoreOptions): Promise<void>;
  /** How the breakers are: those of flags that have guarded something since they were on. */
  breakers(): readonly BreakerHealth[];

  /** How the watched rollouts stand. */
  rollouts(): readonly RolloutStatus[];
  /** What people do with one: `halyard.rollout('new-checkout').pause({ by, reason })`. */
  rollout(flagKey: FlagKey): RolloutControls;

  /** The instances that follow the same store, by host and id. Rejects if the store keeps no list, or can't be asked. */
  fleet(): Promise<readonly FleetMember[]>;
  /**
   * Resolves when every instance that lives serves `version`, which a change of the store returned, or a newer one of its
   * lineage.
   * @throws FleetNotReachedError if that takes longer than `timeoutMs`, or can't be found out
   */
  waitForFleet(version: string, options?: FleetWaitOptions): Promise<void>;

  /**
   * How old each flag is, when it ends, whether it is settled or stale, and when it was last evaluated: here, and as far as
   * the store was told anywhere in its fleet. `options` come before those of `createHalyard`.
   * Rejects if the store keeps such a list and can't be asked.
   * @throws TypeError for an option that is unknown or wrong
   */
  lifecycle(options?: LifecycleOptions): Promise<readonly FlagLifecycle[]>;

  health(): HalyardHealth;
  /** Loads what the store holds now, unless it was asked less than `olderThanMs` ago. Never rejects; see `health`. */
  refresh(options?: { readonly olderThanMs?: number | undefined }): Promise<void>;
  /** Ends every timer, watcher and connection. Evaluation goes on from the last flags. May be called twice. */
  close(): Promise<void>;

  readonly [RUNTIME]: Runtime;
  readonly [BREAKERS]: Breakers;
  readonly [ROLLOUTS]: Rollouts;
  readonly [HEALTH]: RequestHealth;
  readonly [FLEET]: Fleet;
}

/**
 * Loads the flags, then follows their changes. While the store is away at the start, the `cache` serves, else the
 * `bootstrap` document.
 * @throws TypeError for an option that is unknown or wrong; Error for a `bootstrap` document that can't be used;
 * FlagDocumentError or whatever the store says, if nothing can be loaded (unless `startWithout`)
 */
export async function createHalyard(options: HalyardOptions): Promise<Halyard> {
  checkHalyardOptions(options);
  const { context = {}, clock = { now: Date.now }, logger = consoleLogger } = options;
  const { store, startWithout = false, startTimeoutMs = 5_000, strictKeys = false, watch = true } = options;
  const local = readLocalSwitches(options, process.env);
  const runtime = new Runtime({ base: Object.freeze({ ...context }), clock, logger, local, watch, strictKeys });
  const parts = halyardParts(options, runtime);
  const { follower, fleet, cache, rollouts } = parts;
  if (watch) warnOfNeglected(rollouts, runtime);
  warnOfStrayKills(runtime);
  const halyard = new HalyardOfParts(parts);
  try {
    startTelemetry(options, parts);
    // Ahead of the first load: who waits for the fleet then waits for this instance too.
    fleet.start();
    const standIns = await findStandIns(options, cache);
    await remindStore(store, cache);
    const failure = await startUp({ runtime, follower, store: store.name, timeoutMs: startTimeoutMs, standIns });
    if (failure !== undefined && !startWithout) throw failure;
  } catch (error) {
    await halyard.close();
    throw error;
  }
  for (const key of local.kills.keys()) runtime.unknownKeys.warnIfUndefined(key);
  for (const [key, variant] of local.overrides) warnIfWithoutEffect(runtime, key, variant);
  return halyard;
}

/** Starts what counts and logs evaluations, ahead of the first one. It ends with the runtime. */
function startTelemetry(options: HalyardOptions, { runtime, breakers, ...parts }: HalyardParts): void {
  const { store, registry, decisionLog, logger = consoleLogger } = options;
  if (decisionLog !== undefined) runtime.onClose(startDecisionLog(decisionLog, runtime, logger));
  if (registry === undefined) return;
  const lifecycle = readLifecycleOptions('createHalyard: option `lifecycle`', parts.lifecycle);
  const measured = { ...parts, runtime, registry, source: store.name, breakers: () => breakers.list(), lifecycle };
  runtime.onClose(startMetrics(measured));
}
