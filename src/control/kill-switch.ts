import type { FlagDocument } from '../flags/flag-document.js';
import type { FlagState, Kill } from '../flags/flag-state.js';
import { isKey, KEY_RULE } from '../flags/names.js';
import { didYouMean } from '../flags/nearest-word.js';
import { setRollout } from '../flags/set-rollout.js';
import { checkOptions, isBoolean, isText, type OptionChecks } from '../options/check-options.js';
import type { Runtime } from '../runtime/runtime.js';
import type { StoreFollower } from '../runtime/store-follower.js';
import type { FlagStore, StoredFlags } from '../stores/flag-store.js';

export interface KillOptions {
  /** Why; it goes into the state and the audit trail. */
  readonly reason: string;
  /** Who. */
  readonly by: string;
  /** The kill ends by itself after this many seconds. Default: it lasts until somebody restores the flag. */
  readonly forSeconds?: number | undefined;
  /** Kills a key that no document has, too; otherwise that is refused, with the nearest key. Default: false. */
  readonly create?: boolean | undefined;
}

export interface RestoreOptions {
  /** Why; it goes into the audit trail. */
  readonly reason: string;
  /** Who. */
  readonly by: string;
  /** Sets the flag's rollout to this percentage (0–100) in the same version: "start again at 5 %". */
  readonly rollout?: number | undefined;
}

/** A hundred years, so that its end is still a date. */
const LONGEST_KILL_SECONDS = 100 * 366 * 86_400;

const said = (what: string): OptionChecks<KillOptions>['by'] => ({
  allowed: `a text that says ${what}`,
  isRight: isText,
});

const killChecks: OptionChecks<KillOptions> = {
  by: said('who'),
  reason: said('why'),
  forSeconds: {
    allowed: 'a number above 0, and of at most a hundred years',
    isRight: (value) => typeof value === 'number' && value > 0 && value <= LONGEST_KILL_SECONDS,
  },
  create: { allowed: 'true or false', isRight: isBoolean },
};

const restoreChecks: OptionChecks<RestoreOptions> = {
  by: said('who'),
  reason: said('why'),
  rollout: {
    allowed: 'a number from 0 to 100',
    isRight: (value) => typeof value === 'number' && value >= 0 && value <= 100,
  },
};

/** Switches flags off and on: on this instance at once, and through the store on every other. */
export class KillSwitch {
  readonly #runtime: Runtime;
  readonly #store: FlagStore;
  readonly #follower: StoreFollower;
  readonly #pinned: ReadonlySet<string>;

  /** @param pinned keys that this instance's own settings kill: nothing but a restart without the setting revives them */
  constructor(runtime: Runtime, store: FlagStore, follower: StoreFollower, pinned: ReadonlySet<string>) {
    this.#runtime = runtime;
    this.#store = store;
    this.#follower = follower;
    this.#pinned = pinned;
  }

  /**
   * Switches a flag off. It is off on this instance when the call returns its promise, and stays off here even if the
   * store can't be written; the rejection says so. A kill that ends later than this one is not shortened.
   */
  async kill(flagKey: string, options: KillOptions): Promise<void> {
    checkRequired('kill', options, killChecks);
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
    try {
      const stored = await this.#write((state) => withKill(state, flagKey, kill), { by, reason });
      await this.#takeOver(flagKey, stored);
    } catch (error) {
      throw new Error(
        `"${flagKey}" is off on this instance, but ${this.#store.name} could not be told: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  /** Switches a killed flag on again, everywhere. Does nothing to a flag that isn't killed, except for `rollout`. */
  async restore(flagKey: string, options: RestoreOptions): Promise<void> {
    checkRequired('restore', options, restoreChecks);
    const { by, reason, rollout } = options;
    if (!this.#isKnown(flagKey) && !this.#isKilled(flagKey)) throw this.#unknown(flagKey, '');
    const revive = (state: FlagState): FlagState => ({ ...state, kills: without(state.kills, flagKey) });
    if (rollout !== undefined) {
      if (this.#store.update === undefined) throw readOnly(this.#store);
      const change = (document: FlagDocument): FlagDocument => setRollout(document, flagKey, rollout);
      await this.#takeOver(flagKey, await this.#store.update(change, { by, reason, state: revive }));
    } else if (this.#store.updateState !== undefined) {
      await this.#takeOver(flagKey, await this.#write(revive, { by, reason }));
    } else {
      // A store that can only be read never heard of the kill.
      this.#reviveHere(flagKey);
    }
    if (this.#pinned.has(flagKey)) {
      this.#runtime.logger.warn(
        { flagKey },
        `"${flagKey}" stays off on this instance: HALYARD_KILL or the option \`kills\` names it.`,
      );
    }
    this.#runtime.listeners.emit('restore', { flagKey, by, reason, ...(rollout !== undefined && { rollout }) });
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
    if (this.#follower.status !== 'ready') this.#runtime.serveState(stored.state);
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

function checkRequired<Options extends { readonly by: string; readonly reason: string }>(
  where: string,
  options: Options,
  checks: OptionChecks<Options>,
): void {
  checkOptions(where, options, checks);
  for (const name of ['by', 'reason'] as const) {
    if ((options[name] as string | undefined) !== undefined) continue;
    throw new TypeError(`${where}: option \`${name}\`: expected ${checks[name].allowed}, found nothing.`);
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
  return new Error(`${store.name} can only be read.`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
