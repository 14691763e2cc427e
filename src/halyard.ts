import type { EvaluationContext } from './evaluation/evaluation-context.js';
import type { Explanation } from './evaluation/explain.js';
import { KillSwitch, type KillOptions, type RestoreOptions } from './control/kill-switch.js';
import { checkEventName, type EvaluationDetails, type FlagValue, type HalyardEvents } from './runtime/events.js';
import type { Listener } from './runtime/listeners.js';
import { readLocalSwitches, variantName } from './runtime/local-switches.js';
import { consoleLogger } from './runtime/logger.js';
import { Runtime, RUNTIME } from './runtime/runtime.js';
import { type FollowerStatus, StoreFollower } from './runtime/store-follower.js';
import type { FlagStore } from './stores/flag-store.js';
import { checkHalyardOptions, type HalyardOptions } from './halyard-options.js';
import { HalyardProvider } from './provider/provider.js';
import { startDecisionLog } from './telemetry/decision-log.js';
import { startMetrics } from './telemetry/metrics.js';

/** How a Halyard is. */
export interface HalyardHealth {
  readonly status: FollowerStatus;
  /** The version of the flags that serve. */
  readonly version: string | undefined;
  /** The store's name. */
  readonly source: string;
  /** How many flags serve. */
  readonly flags: number;
  /** How long ago the store was last read and found good, in milliseconds. */
  readonly ageMs: number | undefined;
  /** The latest failure, also when all is well again. */
  readonly lastError: { readonly error: Error; readonly at: Date } | undefined;
}

/**
 * Feature flags inside this process. Evaluations are synchronous and local, and never throw.
 *
 * Direct calls (`boolean`, `details`, …) see the context that they are given, and the static one, alone: they read no
 * context of OpenFeature's and run none of its hooks. A client of `provider` does both.
 */
export interface Halyard {
  /** For `OpenFeature.setProviderAndWait`. Its shutdown doesn't close this Halyard. */
  readonly provider: HalyardProvider;

  /** The flag's value; `fallback` if there is no such flag, it isn't boolean, or an error came between. */
  boolean(flagKey: string, fallback: boolean, context?: EvaluationContext): boolean;
  /** The flag's value; `fallback` if there is no such flag, it isn't a string, or an error came between. */
  string(flagKey: string, fallback: string, context?: EvaluationContext): string;
  string<Value extends string>(flagKey: string, fallback: Value, context?: EvaluationContext): Value;
  /** The flag's value; `fallback` if there is no such flag, it isn't a number, or an error came between. */
  number(flagKey: string, fallback: number, context?: EvaluationContext): number;
  number<Value extends number>(flagKey: string, fallback: Value, context?: EvaluationContext): Value;
  /** The flag's value, deeply frozen; `fallback` if there is no such flag, it isn't an object or array, or an error came between. */
  object<Value extends object>(flagKey: string, fallback: Value, context?: EvaluationContext): Value;
  /** The value with variant, reason, error, rule, owner and version. */
  details(flagKey: string, fallback: boolean, context?: EvaluationContext): EvaluationDetails<boolean>;
  details(flagKey: string, fallback: string, context?: EvaluationContext): EvaluationDetails<string>;
  details(flagKey: string, fallback: number, context?: EvaluationContext): EvaluationDetails<number>;
  details<Value extends FlagValue | object>(
    flagKey: string,
    fallback: Value,
    context?: EvaluationContext,
  ): EvaluationDetails<Value>;
  /** The values of all flags that have one for this context. Not counted as evaluations. */
  all(context?: EvaluationContext): Record<string, FlagValue>;
  /** Every step to the answer, every condition, the bucket. `String(explanation)` is for people. Not counted. */
  explain(flagKey: string, context?: EvaluationContext): Explanation;

  /** Listens to one kind of event. Returns the function that ends it. */
  on<Name extends keyof HalyardEvents>(name: Name, listener: Listener<HalyardEvents[Name]>): () => void;
  off<Name extends keyof HalyardEvents>(name: Name, listener: Listener<HalyardEvents[Name]>): void;

  /** Serves one variant to everyone on this instance; `undefined` ends that. It doesn't revive a flag that is off. */
  override(flagKey: string, variant: string | boolean | undefined): void;
  /**
   * Switches a flag off: on this instance at once, then through the store on every other. If the store can't be written
   * it stays off here, and the rejection says so.
   */
  kill(flagKey: string, options: KillOptions): Promise<void>;
  /** Switches a killed flag on again everywhere, with `rollout` at a percentage of its units. */
  restore(flagKey: string, options: RestoreOptions): Promise<void>;

  health(): HalyardHealth;
  /** Loads what the store holds now, unless it was asked less than `olderThanMs` ago. Never rejects; see `health`. */
  refresh(options?: { readonly olderThanMs?: number | undefined }): Promise<void>;
  /** Ends every timer, watcher and connection. Evaluation goes on from the last flags. May be called twice. */
  close(): Promise<void>;

  readonly [RUNTIME]: Runtime;
}

/**
 * Loads the flags, then follows their changes.
 * @throws TypeError for an option that is unknown or wrong; FlagDocumentError or whatever the store says, if nothing can
 * be loaded (unless `startWithout`)
 */
export async function createHalyard(options: HalyardOptions): Promise<Halyard> {
  checkHalyardOptions(options);
  const { store, context = {}, registry, clock = { now: Date.now }, logger = consoleLogger } = options;
  const { startWithout = false, startTimeoutMs = 5_000, strictKeys = false, watch = true } = options;
  const { requestMetrics = {} } = options;
  const local = readLocalSwitches(options, process.env);
  const runtime = new Runtime({ base: Object.freeze({ ...context }), clock, logger, local, watch, strictKeys });
  const follower = new StoreFollower(store, runtime, watch);
  const halyard = new LocalHalyard(store, runtime, follower, new Set(local.kills.keys()));
  try {
    if (options.decisionLog !== undefined) runtime.onClose(startDecisionLog(options.decisionLog, runtime, logger));
    if (registry !== undefined) {
      runtime.onClose(startMetrics({ registry, runtime, follower, source: store.name, requestMetrics }));
    }
    await startWithin(startTimeoutMs, follower);
    if (follower.status !== 'ready' && !startWithout) throw startError(follower, store, startTimeoutMs);
  } catch (error) {
    await halyard.close();
    throw error;
  }
  for (const key of local.kills.keys()) runtime.unknownKeys.warnIfUndefined(key);
  for (const [key, variant] of local.overrides) warnIfWithoutEffect(runtime, key, variant);
  return halyard;
}

async function startWithin(timeoutMs: number, follower: StoreFollower): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([follower.start(), timeout]);
  clearTimeout(timer);
}

function startError({ lastError }: StoreFollower, { name }: FlagStore, startTimeoutMs: number): Error {
  return lastError?.error ?? new Error(`${name} did not answer within ${startTimeoutMs} ms (startTimeoutMs).`);
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

class LocalHalyard implements Halyard {
  readonly provider: HalyardProvider;
  readonly [RUNTIME]: Runtime;
  readonly #runtime: Runtime;
  readonly #store: FlagStore;
  readonly #follower: StoreFollower;
  readonly #killSwitch: KillSwitch;
  #closing: Promise<void> | undefined;

  constructor(store: FlagStore, runtime: Runtime, follower: StoreFollower, pinnedKills: ReadonlySet<string>) {
    this.#store = store;
    this.#runtime = runtime;
    this.#follower = follower;
    this.#killSwitch = new KillSwitch(runtime, store, follower, pinnedKills);
    this[RUNTIME] = runtime;
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

  health(): HalyardHealth {
    const { status, lastError, lastSuccess } = this.#follower;
    return {
      status,
      version: this.#runtime.version,
      source: this.#store.name,
      flags: servingFlags(this.#runtime),
      ageMs: lastSuccess === undefined ? undefined : Math.max(0, this.#runtime.clock.now() - lastSuccess),
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
    await this.#follower.close();
  }
}
