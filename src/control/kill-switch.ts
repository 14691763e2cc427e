import type { FlagDocument } from '../flags/flag-document.js';
import type { FlagState, Kill } from '../flags/flag-state.js';
import { didYouMean } from '../flags/nearest-word.js';
import { setRollout } from '../flags/set-rollout.js';
import type { Runtime } from '../runtime/runtime.js';
import type { StoreFollower } from '../runtime/store-follower.js';
import type { FlagStore } from '../stores/flag-store.js';

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
   * store can't be written; the rejection says so.
   */
  async kill(flagKey: string, options: KillOptions): Promise<void> {
    const { by, reason } = options;
    requireText({ by, reason });
    const now = this.#runtime.clock.now();
    const until = endOf(now, options.forSeconds);
    if (options.create !== true) this.#requireKnown(flagKey);
    this.#killHere(flagKey, until);
    this.#runtime.listeners.emit('kill', { flagKey, by, reason, ...(until !== undefined && { until }) });

    const kill: Kill = { at: now, by, reason, ...(until !== undefined && { until }) };
    try {
      await this.#write((state) => ({ ...state, kills: new Map(state.kills).set(flagKey, kill) }), { by, reason });
    } catch (error) {
      throw new Error(
        `"${flagKey}" is off on this instance, but ${this.#store.name} could not be told: ${messageOf(error)}`,
        { cause: error },
      );
    }
    await this.#follower.refresh();
    // From here on the state holds it, so that a restore elsewhere ends it here too.
    if (this.#runtime.state.kills.has(flagKey)) this.#reviveHere(flagKey);
  }

  /** Switches a killed flag on again, everywhere. Does nothing to a flag that isn't killed, except for `rollout`. */
  async restore(flagKey: string, options: RestoreOptions): Promise<void> {
    const { by, reason, rollout } = options;
    requireText({ by, reason });
    if (rollout !== undefined) requirePercentage(rollout);
    const revive = (state: FlagState): FlagState => ({ ...state, kills: without(state.kills, flagKey) });
    if (rollout === undefined) {
      await this.#write(revive, { by, reason });
    } else {
      this.#requireKnown(flagKey);
      if (this.#store.update === undefined) throw readOnly(this.#store);
      const change = (document: FlagDocument): FlagDocument => setRollout(document, flagKey, rollout);
      await this.#store.update(change, { by, reason, state: revive });
    }
    this.#reviveHere(flagKey);
    if (this.#pinned.has(flagKey)) {
      this.#runtime.logger.warn(
        { flagKey },
        `"${flagKey}" stays off on this instance: HALYARD_KILL or the option \`kills\` names it.`,
      );
    }
    await this.#follower.refresh();
    this.#runtime.listeners.emit('restore', { flagKey, by, reason, ...(rollout !== undefined && { rollout }) });
  }

  async #write(change: (state: FlagState) => FlagState, options: { by: string; reason: string }): Promise<void> {
    if (this.#store.updateState === undefined) throw readOnly(this.#store);
    await this.#store.updateState(change, options);
  }

  #killHere(flagKey: string, until: number | undefined): void {
    if (this.#pinned.has(flagKey)) return;
    this.#runtime.setLocal((local) => ({ ...local, kills: new Map(local.kills).set(flagKey, until ?? Infinity) }));
  }

  #reviveHere(flagKey: string): void {
    if (this.#pinned.has(flagKey)) return;
    this.#runtime.setLocal((local) => ({ ...local, kills: without(local.kills, flagKey) }));
  }

  #requireKnown(flagKey: string): void {
    const { flags, parsed } = this.#runtime.evaluator.current.set;
    if (parsed === undefined || flags.get(flagKey)?.definition !== undefined || parsed.refused.has(flagKey)) return;
    const keys = parsed.flags.keys();
    throw new Error(
      `No flag has the key "${flagKey}".${didYouMean(flagKey, keys)} To switch it off all the same, pass \`create: true\`.`,
    );
  }
}

function endOf(now: number, forSeconds: number | undefined): number | undefined {
  if (forSeconds === undefined) return undefined;
  if (Number.isFinite(forSeconds) && forSeconds > 0) return now + forSeconds * 1000;
  throw new RangeError(`forSeconds: expected a number above 0, found ${String(forSeconds)}.`);
}

function requirePercentage(rollout: number): void {
  if (!(rollout >= 0 && rollout <= 100))
    throw new RangeError(`rollout: expected a number from 0 to 100, found ${String(rollout)}.`);
}

function requireText(options: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'string' || value.trim() === '') {
      throw new TypeError(
        `${name}: expected a text that says ${name === 'by' ? 'who' : 'why'}, found ${JSON.stringify(value)}.`,
      );
    }
  }
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
