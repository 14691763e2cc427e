import { type BreakerHealth, type Breakers, BREAKERS } from './control/breakers.js';
import type { KillOptions, KillSwitch, RestoreOptions } from './control/kill-switch.js';
import { protect, type ProtectOptions, type ProtectParts } from './control/protect.js';
import { HEALTH, type RequestHealth } from './control/rollout/health/request-health.js';
import { RolloutControls } from './control/rollout/rollout-controls.js';
import { ROLLOUTS, type Rollouts, type RolloutStatus } from './control/rollout/rollouts.js';
import type { EvaluationContext } from './evaluation/evaluation-context.js';
import type { Explanation } from './evaluation/explain.js';
import { toVariantName } from './flags/names.js';
import { type Fleet, FLEET, type FleetMember } from './fleet/fleet.js';
import type { FleetWaitOptions } from './fleet/fleet-options.js';
import type { Halyard, HalyardHealth } from './halyard.js';
import type { HalyardParts } from './halyard-parts.js';
import { definitionsOf, type FlagLifecycle, lifecycleOf } from './lifecycle/flag-lifecycle.js';
import { type LifecycleOptions, readLifecycleOptions } from './lifecycle/lifecycle-options.js';
import type { UsageWatch } from './lifecycle/usage-watch.js';
import { isText, show } from './options/check-options.js';
import { HalyardProvider } from './provider/provider.js';
import { checkEventName, type EvaluationDetails, type FlagValue, type HalyardEvents } from './runtime/events.js';
import type { Listener } from './runtime/listeners.js';
import { warnIfWithoutEffect } from './runtime/local-switches.js';
import { type Runtime, RUNTIME } from './runtime/runtime.js';
import type { StoreFollower } from './runtime/store-follower.js';
import type { FlagCache } from './stores/flag-cache.js';

/** A Halyard over a runtime of this process. It makes nothing and starts nothing: its parts are given, and closed with it. */
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
    const name = variant === undefined ? undefined : toVariantName(variant);
    this.#runtime.setLocal((local) => {
      const overrides = new Map(local.overrides);
      if (name === undefined) overrides.delete(flagKey);
      else overrides.set(flagKey, name);
      return { ...local, overrides };
    });
    if (name !== undefined) warnIfWithoutEffect(this.#runtime, flagKey, name);
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

/** How many flags serve, also in their last good form. */
function servingFlags({ evaluator }: Runtime): number {
  let count = 0;
  for (const { definition } of evaluator.current.set.flags.values()) if (definition !== undefined) count += 1;
  return count;
}

/** The class of Halyards, for another to extend. By its type alone: declarations can't infer members with computed names. */
export const HalyardOfParts: new (parts: HalyardParts) => Halyard = LocalHalyard;
