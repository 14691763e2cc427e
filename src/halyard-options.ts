import type { EvaluationContext } from './evaluation/evaluation-context.js';
import { checkFleetOptions, type FleetOptions } from './fleet/fleet-options.js';
import { type LifecycleOptions, readLifecycleOptions } from './lifecycle/lifecycle-options.js';
import {
  checkOptions,
  hasMethods,
  isBoolean,
  isDuration,
  isListOfTexts,
  isObject,
  isText,
  type OptionChecks,
} from './options/check-options.js';
import type { Clock } from './runtime/evaluator.js';
import type { Logger } from './runtime/logger.js';
import { type Bootstrap, isBootstrap } from './stores/bootstrap.js';
import type { FlagStore } from './stores/flag-store.js';
import type { DecisionLogOptions } from './telemetry/decision-log-options.js';
import type { MetricsRegistry } from './telemetry/metrics-registry.js';
import { checkRequestMetricsOptions, type RequestMetricsOptions } from './telemetry/request-metrics-options.js';

export interface HalyardOptions {
  /** Where flags come from. It is closed with this Halyard. */
  readonly store: FlagStore;
  /** Static attributes (region, version, deployment) under every evaluation. Default: none. */
  readonly context?: EvaluationContext | undefined;
  /** A prom-client registry. Default: none, and no metrics. */
  readonly registry?: MetricsRegistry | undefined;
  /**
   * How the duration and outcome of requests are measured, for the `registry`. Default: for flags that are rolling out or
   * experiments, from 5 ms to 10 s. `false`: not at all.
   */
  readonly requestMetrics?: RequestMetricsOptions | false | undefined;
  /** What the time is, in milliseconds since the epoch. Default: the system's clock. */
  readonly clock?: Clock | undefined;
  /** Default: the console, for warnings and errors. */
  readonly logger?: Logger | undefined;
  /** Variants that this instance serves to everyone, by flag key. The environment's `HALYARD_FLAGS=key=variant,…` adds to it and wins. */
  readonly overrides?: Readonly<Record<string, string | boolean>> | undefined;
  /** Keys of flags that are off on this instance, also unknown ones. The environment's `HALYARD_KILL=key,…` adds to it. */
  readonly kills?: readonly string[] | undefined;
  /**
   * A file in which the last good flags are kept, and from which a start goes on while the store is away. It is this
   * store's alone; processes with the same store may share it. Default: none.
   */
  readonly cache?: string | undefined;
  /**
   * What a start goes on from when the store is away and there is no cache: a document, or the path or paths of its
   * files, where later wins. It is checked at every start. Default: none.
   */
  readonly bootstrap?: Bootstrap | undefined;
  /** Starts without flags when nothing can be loaded, and recovers later. Default: false, `createHalyard` rejects. */
  readonly startWithout?: boolean | undefined;
  /** How long the first load may take, in milliseconds. Default: 5,000. */
  readonly startTimeoutMs?: number | undefined;
  /** A guard of a key that the document lacks throws at start, instead of warning once with the nearest key. Default: false. */
  readonly strictKeys?: boolean | undefined;
  /** Follows changes by itself. `false` is for hosts that freeze timers: call `refresh`. Default: true. */
  readonly watch?: boolean | undefined;
  /**
   * As whom, and how often, this instance tells the store that it lives: see `halyard.fleet()`. It does so where the store
   * keeps a list of instances. Default: with a random id and the machine's name, every 5 s; not with `watch: false`, unless
   * this is given. `false`: never.
   */
  readonly fleet?: FleetOptions | false | undefined;
  /**
   * When flags end that don't say it, and when they are stale: for `halyard.lifecycle()` and the metrics. Default: releases
   * and experiments end after 40 days, and are stale when they have been settled for 90.
   */
  readonly lifecycle?: LifecycleOptions | undefined;
  /** A sampled log of decisions. Default: none. */
  readonly decisionLog?: DecisionLogOptions | undefined;
}

const checks: OptionChecks<HalyardOptions> = {
  store: {
    allowed: "a store with load() and close(), for example fileStore('flags.yaml')",
    isRight: hasMethods('load', 'close'),
    isRequired: true,
  },
  context: { allowed: 'an object of attributes', isRight: isObject },
  registry: { allowed: 'a prom-client registry', isRight: hasMethods('registerMetric', 'getSingleMetric') },
  requestMetrics: {
    allowed: 'an object of options, or false',
    isRight: (value) => value === false || isObject(value),
  },
  clock: { allowed: 'an object with now()', isRight: hasMethods('now') },
  logger: {
    allowed: 'a logger with debug, info, warn and error',
    isRight: hasMethods('debug', 'info', 'warn', 'error'),
  },
  overrides: { allowed: 'an object of variants by flag key', isRight: isObject },
  kills: { allowed: 'an array of flag keys', isRight: isListOfTexts },
  cache: { allowed: 'the path of a file', isRight: isText },
  bootstrap: { allowed: 'a flag document, or the path or paths of its files', isRight: isBootstrap },
  startWithout: { allowed: 'true or false', isRight: isBoolean },
  startTimeoutMs: { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration },
  strictKeys: { allowed: 'true or false', isRight: isBoolean },
  watch: { allowed: 'true or false', isRight: isBoolean },
  fleet: { allowed: 'an object of options, or false', isRight: (value) => value === false || isObject(value) },
  lifecycle: { allowed: 'an object of options', isRight: isObject },
  decisionLog: { allowed: 'an object of options', isRight: isObject },
};

/** @throws TypeError that names the option, what came and what is allowed */
export function checkHalyardOptions(options: HalyardOptions): void {
  checkOptions('createHalyard', options, checks);
  if (typeof options.requestMetrics === 'object') checkRequestMetricsOptions(options.requestMetrics);
  if (typeof options.fleet === 'object') checkFleetOptions(options.fleet);
  if (options.lifecycle !== undefined) readLifecycleOptions('createHalyard: option `lifecycle`', options.lifecycle);
}
