import type { Fleet } from '../fleet/fleet.js';
import { checkFleetWaitOptions, type FleetWaitOptions } from '../fleet/fleet-options.js';
import type { FlagDocument } from '../flags/flag-document.js';
import type { FlagState, Kill } from '../flags/flag-state.js';
import { isKey, KEY_RULE } from '../flags/names.js';
import { didYouMean } from '../flags/nearest-word.js';
import { showError, showName } from '../flags/show-value.js';
import { setRollout } from '../flags/set-rollout.js';
import { authorChecks, checkOptions, isBoolean, isObject, type OptionChecks } from '../options/check-options.js';
import type { Runtime } from '../runtime/runtime.js';
import type { StoreFollower } from '../runtime/store-follower.js';
import type { FlagStore, StoredFlags } from '../stores/flag-store.js';
import type { Breakers } from './breakers.js';

export interface KillOptions {
  /** Why; it goes into the state and the audit trail. */
  readonly reason: string;
  /** Who. */
  readonly by: string;
  /** The kill ends by itself after this many seconds. Default: it lasts until somebody restores the flag. */
  readonly forSeconds?: number | undefined;
  /** Kills a key that no document has, too; otherwise that is refused, with the nearest key. Default: false. */
  readonly create?: boolean | undefined;
  /**
   * Resolves only when every instance that lives serves the kill, and rejects with {@link FleetNotReachedError} if that
   * takes longer than `timeoutMs` (default: 10,000). Either way the kill is stored. Default: false.
   */
  readonly waitForFleet?: boolean | FleetWaitOptions | undefined;
}

export interface RestoreOptions {
  /** Why; it goes into the audit trail. */
  readonly reason: string;
  /** Who. */
  readonly by: string;
  /** Sets the flag's rollout to this percentage (0–100) in the same version: "start again at 5 %". */
  readonly rollout?: number | undefined;
  /** As for a kill. Default: false. */
  readonly waitForFleet?: boolean | FleetWaitOptions | undefined;
}

/** A hundred years, so that its end is still a date. */
const LONGEST_KILL_SECONDS = 100 * 366 * 86_400;

const waitForFleet = {
  allowed: 'true, false or { timeoutMs }',
  isRight: (value: unknown) => isBoolean(value) || isObject(value),
};

const killChecks: OptionChecks<KillOptions> = {
  ...authorChecks,
  forSeconds: {
    allowed: 'a number above 0, and of at most a hundred years',
    isRight: (value) => typeof value === 'number' && value > 0 && value <= LONGEST_KILL_SECONDS,
  },
  create: { allowed: 'true or false', isRight: isBoolean },
  waitForFleet,
};

const restoreChecks: OptionChecks<RestoreOptions> = {
  ...authorChecks,
  rollout: {
    allowed: 'a number from 0 to 100',
    isRight: (value) => typeof value === 'number' && value >= 0 && value <= 100,
  },
  waitForFleet,
};

export interface KillSwitchParts {
  readonly runtime: Runtime;
  readonly store: FlagStore;
  readonly follower: StoreFollower;
  readonly fleet: Fleet;
  readonly breakers: Breakers;
  /** Keys that this instance's own settings kill: nothing but a restart without the setting revives them. */
  readonly pinned: ReadonlySet<string>;
}

/** Switches flags off and on: on this instance at once, and through the store on every other. */
export class KillSwitch {
  readonly #runtime: Runtime;
  readonly #store: FlagStore;
  readonly #follower: StoreFollower;
  readonly #fleet: Fleet;
  readonly #breakers: Breakers;
  readonly #pinned: ReadonlySet<string>;

  constructor({ runtime, store, follower, fleet, breakers, pinned }: KillSwitchParts) {
    this.#runtime = runtime;
    this.#store = store;
    this.#follower = follower;
    this.#fleet = fleet;
    this.#breakers = breakers;
    this.#pinned = pinned;
  }

  /**
   * Switches a flag off. It is off on this instance when the call returns its promise, and stays off here even if the
   * store can't be written; the rejection says so. A kill that ends later than this one is not shortened.
   */
  async kill(flagKey: string, options: KillOptions): Promise<void> {
    check('kill', options, killChecks);
    if (!isKey(flagKey)) throw new TypeError(`kill: ${JSON.stringify(flagKey)} can't be a flag's key. ${KEY_RULE}`);
    const { by, reason, forSeconds, create = false } = options;
    if (!create && !this.#isKnown(flagKey)) {
      throw this.#unknown(flagKey, ' To switch it off all the same, pass `create: true`.');
    }
    const at = this.#runtime.clock.now();
    const kill: Kill = { at, by, reason, ...(forSeconds !== undefined && { until: at + forSeconds * 1000 }) };
    this.#killHere(flagKey, kill.until ?? Infinity);
    this.#runtime.listeners.emit('kill', {
      flagKey,
      by,
      reason,
      ...(kill.until !== undefined && { until: kill.until }),
    });
    const version = await this.#writeKill(flagKey, kill);
    await this.#waitForFleet(`The kill of "${flagKey}"`, version, options);
  }

  /**
   * Switches a killed flag on again, everywhere, and closes its breaker on this instance, at once and whether or not the
   * store can be written. Does nothing else to a flag that isn't killed, except for `rollout`.
   */
  async restore(flagKey: string, options: RestoreOptions): Promise<void> {
    check('restore', options, restoreChecks);
    const { by, reason, rollout } = options;
    if (!this.#isKnown(flagKey) && !this.#isKilled(flagKey)) throw this.#unknown(flagKey, '');
    this.#breakers.restore(flagKey);
    const version = await this.#writeRestore(flagKey, options);
    if (this.#pinned.has(flagKey)) {
      this.#runtime.logger.warn(
        { flagKey },
        `"${flagKey}" stays off on this instance: HALYARD_KILL or the option \`kills\` names it.`,
      );
    }
    this.#runtime.listeners.emit('restore', { flagKey, by, reason, ...(rollout !== undefined && { rollout }) });
    if (version !== undefined) await this.#waitForFleet(`The restore of "${flagKey}"`, version, options);
  }

  async #writeKill(flagKey: string, kill: Kill): Promise<string> {
    const { by, reason } = kill;
    try {
      const stored = await this.#write((state) => withKill(state, flagKey, kill), { by, reason });
      await this.#takeOver(flagKey, stored);
      return stored.version;
    } catch (error) {
      throw new Error(
        `"${flagKey}" is off on this instance, but ${this.#store.name} could not be told: ${showError(error)}`,
        { cause: error },
      );
    }
  }

  /** `undefined`: a store that can only be read never heard of the kill. */
  async #writeRestore(flagKey: string, { by, reason, rollout }: RestoreOptions): Promise<string | undefined> {
    const state = (before: FlagState): FlagState => ({
      ...before,
      kills: without(before.kills, flagKey),
      trips: without(before.trips, flagKey),
      // A share that a person sets is nobody's to promote, and what was reached before means nothing to what follows.
      rollouts: rollout === undefined ? before.rollouts : without(before.rollouts, flagKey),
    });
    let stored: StoredFlags;
    if (rollout !== undefined) {
      if (this.#store.update === undefined) throw readOnly(this.#store);
      const change = (document: FlagDocument): FlagDocument => setRollout(document, flagKey, rollout);
      stored = await this.#store.update(change, { by, reason, state });
    } else if (this.#store.updateState !== undefined) {
      stored = await this.#writeOrRevive(flagKey, state, { by, reason });
    } else {
      // A store that can only be read never heard of a kill of this instance; it may tell of one from elsewhere.
      this.#reviveHere(flagKey);
      if (this.#runtime.state.kills.has(flagKey)) throw readOnly(this.#store);
      return undefined;
    }
    await this.#takeOver(flagKey, stored);
    return stored.version;
  }

  /**
   * A kill of which the store never heard ends here all the same: an instance that may not write could not end its own
   * otherwise.
   */
  async #writeOrRevive(
    flagKey: string,
    state: (before: FlagState) => FlagState,
    options: { readonly by: string; readonly reason: string },
  ): Promise<StoredFlags> {
    try {
      return await this.#write(state, options);
    } catch (error) {
      const isOnlyHere = this.#runtime.local.kills.has(flagKey) && !this.#runtime.state.kills.has(flagKey);
      if (!isOnlyHere || this.#pinned.has(flagKey)) throw error;
      this.#reviveHere(flagKey);
      throw new Error(
        `"${flagKey}" is on again on this instance, but ${this.#store.name} could not be told: ${showError(error)}`,
        { cause: error },
      );
    }
  }

  async #waitForFleet(
    change: string,
    version: string,
    { waitForFleet = false }: KillOptions | RestoreOptions,
  ): Promise<void> {
    if (waitForFleet === false) return;
    const stored = `${change} is stored as version ${showName(version)}`;
    await this.#fleet.waitFor(stored, version, waitForFleet === true ? {} : waitForFleet);
  }

  async #write(
    change: (state: FlagState) => FlagState,
    options: { readonly by: string; readonly reason: string },
  ): Promise<StoredFlags> {
    if (this.#store.updateState === undefined) throw readOnly(this.#store);
    return await this.#store.updateState(change, options);
  }

  /** From here on the store's state alone says whether the flag is killed, so that a change elsewhere counts here too. */
  async #takeOver(flagKey: string, stored: StoredFlags): Promise<void> {
    await this.#follower.refresh();
    // Written, but not to be read now: then what was written holds.
    if (this.#follower.status !== 'ready') this.#follower.serveState(stored.state);
    this.#reviveHere(flagKey);
  }

  #killHere(flagKey: string, until: number): void {
    if (this.#pinned.has(flagKey)) return;
    this.#runtime.setLocal((local) => ({ ...local, kills: new Map(local.kills).set(flagKey, until) }));
  }

  #reviveHere(flagKey: string): void {
    if (this.#pinned.has(flagKey)) return;
    this.#runtime.setLocal((local) => ({ ...local, kills: without(local.kills, flagKey) }));
  }

  /** While nothing is loaded, every key may be one. */
  #isKnown(flagKey: string): boolean {
    const { flags, parsed } = this.#runtime.evaluator.current.set;
    return parsed === undefined || flags.get(flagKey)?.definition !== undefined || parsed.refused.has(flagKey);
  }

  #isKilled(flagKey: string): boolean {
    return this.#runtime.state.kills.has(flagKey) || this.#runtime.local.kills.has(flagKey);
  }

  #unknown(flagKey: string, advice: string): Error {
    const known = this.#runtime.evaluator.current.set.parsed?.flags.keys() ?? [];
    return new Error(`No flag has the key "${flagKey}".${didYouMean(flagKey, known)}${advice}`);
  }
}

function check<Options extends KillOptions | RestoreOptions>(
  where: string,
  options: Options,
  checks: OptionChecks<Options>,
): void {
  checkOptions(where, options, checks);
  if (typeof options.waitForFleet === 'object') {
    checkFleetWaitOptions(`${where}: option \`waitForFleet\``, options.waitForFleet);
  }
}

/** Two people may kill a flag: the kill that ends later stays. */
function withKill(state: FlagState, flagKey: string, kill: Kill): FlagState {
  const earlier = state.kills.get(flagKey);
  if (earlier !== undefined && (earlier.until ?? Infinity) > (kill.until ?? Infinity)) return state;
  return { ...state, kills: new Map(state.kills).set(flagKey, kill) };
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

function readOnly(store: FlagStore): Error {
  return new Error(
    `${store.name} can only be read. Do it where the flags are written: in a process whose store is the source of these.`,
  );
}
