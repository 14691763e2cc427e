import { warnOfNeglected } from './control/rollout/neglected-rollouts.js';
import type { Halyard } from './halyard.js';
import { checkHalyardOptions, type HalyardOptions } from './halyard-options.js';
import { type HalyardParts, halyardParts } from './halyard-parts.js';
import { readLifecycleOptions } from './lifecycle/lifecycle-options.js';
import { HalyardOfParts } from './local-halyard.js';
import { readLocalSwitches, warnIfWithoutEffect } from './runtime/local-switches.js';
import { consoleLogger } from './runtime/logger.js';
import { Runtime } from './runtime/runtime.js';
import { startUp } from './runtime/start-up.js';
import { warnOfStrayKills } from './runtime/stray-kills.js';
import { findStandIns, remindStore } from './stand-ins.js';
import { startDecisionLog } from './telemetry/decision-log.js';
import { startMetrics } from './telemetry/metrics.js';

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
