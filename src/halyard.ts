import { hostname } from 'node:os';
import type { EvaluationContext } from './evaluation/evaluation-context.js';
import type { Explanation } from './evaluation/explain.js';
import { type BreakerHealth, Breakers, BREAKERS } from './control/breakers.js';
import { createElapsedTime } from './control/elapsed-time.js';
import { FleetTrips } from './control/fleet-trips.js';
import { TripNotes } from './control/trip-notes.js';
import { KillSwitch, type KillOptions, type RestoreOptions } from './control/kill-switch.js';
import type { FlagKey, VariantOf } from './flags/known-flags.js';
import { Fleet, FLEET, type FleetMember } from './fleet/fleet.js';
import type { FleetWaitOptions } from './fleet/fleet-options.js';
import { RolloutControls } from './control/rollout/rollout-controls.js';
import { warnOfNeglected } from './control/rollout/neglected-rollouts.js';
import { ROLLOUTS, Rollouts, type RolloutStatus } from './control/rollout/rollouts.js';
import { protect, type Protection, type ProtectOptions, type ProtectParts } from './control/protect.js';
import { definitionsOf, type FlagLifecycle, lifecycleOf } from './lifecycle/flag-lifecycle.js';
import { type LifecycleOptions, readLifecycleOptions } from './lifecycle/lifecycle-options.js';
import { UsageWatch } from './lifecycle/usage-watch.js';
import { HEALTH, RequestHealth } from './control/rollout/health/request-health.js';
import { checkEventName, type EvaluationDetails, type FlagValue, type HalyardEvents } from './runtime/events.js';
import type { FlagReads } from './runtime/flag-reads.js';
import type { Listener } from './runtime/listeners.js';
import { readLocalSwitches, variantName } from './runtime/local-switches.js';
import { consoleLogger } from './runtime/logger.js';
import { Runtime, RUNTIME } from './runtime/runtime.js';
import { startUp } from './runtime/start-up.js';
import { type FollowerStatus, StoreFollower } from './runtime/store-follower.js';
import { findStandIns, openCache, remindStore } from './stand-ins.js';
import type { FlagCache } from './stores/flag-cache.js';
import type { StoredFlags } from './stores/flag-store.js';
import { checkHalyardOptions, type HalyardOptions } from './halyard-options.js';
import { isText, show } from './options/check-options.js';
import { HalyardProvider } from './provider/provider.js';
import { startDecisionLog } from './telemetry/decision-log.js';
import { DEFAULT_BUCKETS } from './telemetry/metric-descriptions.js';
import { startMetrics } from './telemetry/metrics.js';
import type { RequestMetricsOptions } from './telemetry/request-metrics-options.js';

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
  const { context = {}, registry, clock = { now: Date.now }, logger = consoleLogger } = options;
  const { store, startWithout = false, startTimeoutMs = 5_000, strictKeys = false, watch = true } = options;
  const local = readLocalSwitches(options, process.env);
  const runtime = new Runtime({ base: Object.freeze({ ...context }), clock, logger, local, watch, strictKeys });
  const parts = halyardParts(options, runtime);
  const { follower, fleet, usage, cache, breakers, rollouts, requestMetrics, health } = parts;
  if (watch) warnOfNeglected(rollouts, runtime);
  const halyard = new LocalHalyard(parts);
  try {
    if (options.decisionLog !== undefined) runtime.onClose(startDecisionLog(options.decisionLog, runtime, logger));
    if (registry !== undefined) {
      const measured = {
        registry,
        runtime,
        follower,
        cache,
        source: store.name,
        breakers: () => breakers.list(),
        requestMetrics,
        health,
        usage,
        lifecycle: readLifecycleOptions('createHalyard: option `lifecycle`', parts.lifecycle),
      };
      runtime.onClose(startMetrics(measured));
    }
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

/** What a Halyard is made of, around a runtime. Nothing of it has started. */
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

/** An override of what no document has is probably a typing error, and would go unnoticed. */
function warnIfWithoutEffect(runtime: Runtime, key: string, variant: string): void {
  runtime.unknownKeys.warnIfUndefined(key);
  const variants = runtime.evaluator.current.set.flags.get(key)?.definition?.variants;
  if (variants?.has(variant) !== false) return;
  const names = [...variants.keys()].join(', ');
  runtime.logger.warn({ flagKey: key }, `The override ${key}=${variant} has no effect: the variants are ${names}.`);
}

/** How many flags serve, also in their last good form. */
function servingFlags({ evaluator }: Runtime): number {
  let count = 0;
  for (const { definition } of evaluator.current.set.flags.values()) if (definition !== undefined) count += 1;
  return count;
}

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

class LocalHalyard implements Halyard {
  readonly provider: HalyardProvider;
  readonly [RUNTIME]: Runtime;
  readonly [BREAKERS]: Breakers;
  readonly [ROLLOUTS]: Rollouts;
  readonly [HEALTH]: RequestHealth;
  readonly [FLEET]: Fleet;
  readonly #runtime: Runtime;
  readonly #follower: StoreFollower;
  readonly #cache: FlagCache | undefined;
  readonly #killSwitch: KillSwitch;
  readonly #protection: ProtectParts;
  readonly #usage: UsageWatch;
  readonly #lifecycle: LifecycleOptions;
  #closing: Promise<void> | undefined;

  constructor(parts: HalyardParts) {
    const { runtime, follower, fleet, usage, lifecycle, cache, breakers, killSwitch, rollouts, health } = parts;
    this.#runtime = runtime;
    this.#follower = follower;
    this.#cache = cache;
    this.#killSwitch = killSwitch;
    this.#protection = { runtime, breakers, health };
    this.#usage = usage;
    this.#lifecycle = lifecycle;
    this[RUNTIME] = runtime;
    this[BREAKERS] = breakers;
    this[ROLLOUTS] = rollouts;
    this[HEALTH] = health;
    this[FLEET] = fleet;
    this.provider = new HalyardProvider(runtime, follower);
  }

  boolean(flagKey: string, fallback: boolean, context?: EvaluationContext): boolean {
    return this.#runtime.evaluator.read('boolean', flagKey, fallback, context);
  }

  string<Value extends string>(flagKey: string, fallback: Value, context?: EvaluationContext): Value {
    return this.#runtime.evaluator.read('string', flagKey, fallback, context);
  }

  number<Value extends number>(flagKey: string, fallback: Value, context?: EvaluationContext): Value {
    return this.#runtime.evaluator.read('number', flagKey, fallback, context);
  }

  object<Value extends object>(flagKey: string, fallback: Value, context?: EvaluationContext): Value {
    return this.#runtime.evaluator.read('object', flagKey, fallback, context);
  }

  details<Value>(flagKey: string, fallback: Value, context?: EvaluationContext): EvaluationDetails<Value> {
    return this.#runtime.evaluator.details(flagKey, fallback, context);
  }

  all(context?: EvaluationContext): Record<string, FlagValue> {
    return this.#runtime.evaluator.all(context);
  }

  explain(flagKey: string, context?: EvaluationContext): Explanation {
    return this.#runtime.evaluator.explain(flagKey, context);
  }

  on<Name extends keyof HalyardEvents>(name: Name, listener: Listener<HalyardEvents[Name]>): () => void {
    checkEventName(name);
    return this.#runtime.listeners.on(name, listener);
  }

  off<Name extends keyof HalyardEvents>(name: Name, listener: Listener<HalyardEvents[Name]>): void {
    this.#runtime.listeners.off(name, listener);
  }

  override(flagKey: string, variant: string | boolean | undefined): void {
    this.#runtime.setLocal((local) => {
      const overrides = new Map(local.overrides);
      if (variant === undefined) overrides.delete(flagKey);
      else overrides.set(flagKey, variantName(String(variant)));
      return { ...local, overrides };
    });
    if (variant !== undefined) warnIfWithoutEffect(this.#runtime, flagKey, variantName(String(variant)));
  }

  kill(flagKey: string, options: KillOptions): Promise<void> {
    return this.#killSwitch.kill(flagKey, options);
  }

  restore(flagKey: string, options: RestoreOptions): Promise<void> {
    return this.#killSwitch.restore(flagKey, options);
  }

  fleet(): Promise<readonly FleetMember[]> {
    return this[FLEET].members();
  }

  waitForFleet(version: string, options: FleetWaitOptions = {}): Promise<void> {
    return this[FLEET].waitForVersion(version, options);
  }

  protect<Result, Fallback = never>(
    flagKey: string,
    call: () => Result,
    options: ProtectOptions<Fallback> = {},
  ): Result | Fallback {
    return protect(this.#protection, flagKey, call, options);
  }

  breakers(): readonly BreakerHealth[] {
    return this[BREAKERS].list();
  }

  rollouts(): readonly RolloutStatus[] {
    return this[ROLLOUTS].list();
  }

  rollout(flagKey: string): RolloutControls {
    if (!isText(flagKey)) throw new TypeError(`rollout: expected a flag key, found ${show(flagKey)}.`);
    return new RolloutControls(this[ROLLOUTS], flagKey);
  }

  async lifecycle(options: LifecycleOptions = {}): Promise<readonly FlagLifecycle[]> {
    readLifecycleOptions('lifecycle', options);
    const elsewhere = await this[FLEET].usage();
    const { clock, state, evaluator } = this.#runtime;
    const flags = definitionsOf(evaluator.current.set);
    return lifecycleOf(flags, state, this.#usage.usage(elsewhere), clock.now(), { ...this.#lifecycle, ...options });
  }

  health(): HalyardHealth {
    const { status, source, staleSince, lastError, lastSuccess } = this.#follower;
    return {
      status,
      version: this.#runtime.version,
      source,
      flags: servingFlags(this.#runtime),
      ageMs: lastSuccess === undefined ? undefined : Math.max(0, this.#runtime.clock.now() - lastSuccess),
      staleSince: staleSince === undefined ? undefined : new Date(staleSince),
      lastError: lastError && { error: lastError.error, at: new Date(lastError.at) },
    };
  }

  async refresh({ olderThanMs = 0 }: { readonly olderThanMs?: number | undefined } = {}): Promise<void> {
    const { lastAttempt = -Infinity } = this.#follower;
    const age = this.#runtime.clock.now() - lastAttempt;
    // A clock that stepped back says nothing.
    const isFresh = age >= 0 && age < olderThanMs;
    if (!isFresh) await this.#follower.refresh();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#runtime.close();
    const lastUses = Promise.all([this[FLEET].close(), this[ROLLOUTS].close()]);
    await this.#follower.close(lastUses.then(() => undefined));
    await this.#cache?.close();
  }
}

/** The class of Halyards, for another to extend. By its type alone: declarations can't infer members with computed names. */
export const HalyardOfParts: new (parts: HalyardParts) => Halyard = LocalHalyard;
