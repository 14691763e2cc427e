import { showName } from '../flags/show-value.js';
import { isText, show } from '../options/check-options.js';
import type { UsageWatch } from '../lifecycle/usage-watch.js';
import type { Runtime } from '../runtime/runtime.js';
import { within } from '../runtime/within.js';
import { type FleetInstance, type FleetRegister, type FlagTimes, NoFleetListError } from '../stores/fleet-register.js';
import { compareVersions, type FlagStore } from '../stores/flag-store.js';
import { MemoryFleet } from '../stores/memory-fleet.js';
import { awaitVersion, type FleetSighting } from './await-version.js';
import { FleetNotReachedError } from './fleet-not-reached-error.js';
import { checkFleetWaitOptions, type FleetOptions, type FleetWaitOptions } from './fleet-options.js';
import { FleetReporter } from './fleet-reporter.js';
import { stayAwake } from './stay-awake.js';
import { UsageReporter } from './usage-reporter.js';

/** The key under which a Halyard carries its fleet, also for a `syncHandler` of another copy of this package. Not for applications. */
export const FLEET: unique symbol = Symbol.for('halyard.fleet');

/** An instance that lives, as `halyard.fleet()` tells of it. */
export interface FleetMember extends FleetInstance {
  /**
   * How the version that it serves stands to the store's. `nothing`: it has loaded none yet; `unknown`: the store has none
   * to give, and this instance serves none to compare with.
   */
  readonly standing: 'same' | 'newer' | 'older' | 'other-lineage' | 'nothing' | 'unknown';
  /** It serves what the store held when it was asked, or something newer. */
  readonly isCurrent: boolean;
  /** It is this Halyard. */
  readonly isSelf: boolean;
}

/** How long `waitForFleet` waits unless it is told, in milliseconds. */
const USUAL_WAIT_MS = 10_000;

/** An answer that takes longer can't be had. */
const LONGEST_ANSWER_MS = 10_000;

/** Closing waits no longer for the register. */
const LONGEST_FAREWELL_MS = 1_000;

export interface FleetParts {
  readonly store: FlagStore;
  readonly runtime: Runtime;
  /** What this process evaluates. */
  readonly usage: UsageWatch;
  /** As whom this instance reports; `false`: it doesn't. */
  readonly options: FleetOptions | false;
}

/** The instances that follow one store, and this one among them. */
export class Fleet {
  readonly #store: FlagStore;
  readonly #runtime: Runtime;
  readonly #usage: UsageWatch;
  readonly #options: FleetOptions | false;
  #register: FleetRegister | undefined;
  #reporter: FleetReporter | undefined;
  #usageReporter: UsageReporter | undefined;
  #isClosed = false;

  constructor({ store, runtime, usage, options }: FleetParts) {
    this.#store = store;
    this.#runtime = runtime;
    this.#usage = usage;
    this.#options = options;
    this.#register = store.fleet;
  }

  /** Starts to report, and waits for nothing. */
  start(): void {
    if (this.#options === false || this.#register === undefined) return;
    if (this.#reporter !== undefined || this.#isClosed) return;
    const [register, source, runtime] = [this.#register, this.#store.name, this.#runtime];
    this.#reporter = new FleetReporter(register, source, runtime, this.#options);
    this.#reporter.start();
    if (register.noteUsage === undefined) return;
    this.#usageReporter = new UsageReporter({ register, source, runtime, watch: this.#usage });
    this.#usageReporter.start();
  }

  /**
   * Where instances report that have their flags from this one: the store's list. Where the store keeps none, this process
   * does from now on, and is on it.
   */
  serveOthers(): FleetRegister {
    this.#register ??= new MemoryFleet();
    this.start();
    return this.#register;
  }

  /** Takes this instance off the list, within a second. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const lastUsage = this.#usageReporter?.close() ?? Promise.resolve();
    await Promise.all([
      this.#reporter?.close(),
      stayAwake(within(LONGEST_FAREWELL_MS, lastUsage)).catch(() => undefined),
    ]);
  }

  /** All that live, by host and id. Rejects if the store keeps no list of them, or can't be asked. */
  async members(): Promise<readonly FleetMember[]> {
    const register = this.#register;
    if (register === undefined) throw new NoFleetListError(this.#store.name);
    return await stayAwake(this.#membersOf(register));
  }

  /**
   * When flags were last evaluated anywhere in the fleet, as far as the store was told; nothing where it keeps no such list.
   * Rejects if it can't be asked.
   */
  async usage(): Promise<FlagTimes> {
    const register = this.#register;
    if (register?.usage === undefined) return new Map();
    try {
      return await stayAwake(within(LONGEST_ANSWER_MS, register.usage()));
    } catch (error) {
      if (error instanceof NoFleetListError) return new Map();
      throw error;
    }
  }

  /** As {@link waitFor}, for whoever calls from outside. */
  async waitForVersion(version: string, options: FleetWaitOptions): Promise<void> {
    if (!isText(version)) throw new TypeError(`waitForFleet: expected a version, found ${show(version)}.`);
    checkFleetWaitOptions('waitForFleet', options);
    await this.waitFor(`Version ${showName(version)} is waited for`, version, options);
  }

  /**
   * Resolves when every instance that lives serves `version` or a newer one of its lineage, with how many they are.
   * Instances that come meanwhile count, those that end or are forgotten don't.
   *
   * @param change what has that version, as the error's message begins
   * @throws FleetNotReachedError if that takes longer, or can't be found out
   */
  async waitFor(change: string, version: string, options: FleetWaitOptions): Promise<number> {
    const { timeoutMs = USUAL_WAIT_MS } = options;
    const register = this.#register;
    const sighting: FleetSighting =
      register === undefined
        ? { failure: new NoFleetListError(this.#store.name) }
        : await awaitVersion(register, version, timeoutMs);
    if ('missing' in sighting && sighting.missing.length === 0) return sighting.live;
    throw new FleetNotReachedError(change, version, timeoutMs, sighting);
  }

  async #membersOf(register: FleetRegister): Promise<readonly FleetMember[]> {
    // So that it sees itself as it is now.
    await this.#reporter?.report();
    const stored = await this.#storedVersion();
    const instances = await within(LONGEST_ANSWER_MS, register.list());
    return instances.map((instance) => {
      const standing = standingOf(instance.version, stored);
      const isCurrent = standing === 'same' || standing === 'newer';
      return { ...instance, standing, isCurrent, isSelf: instance.id === this.#reporter?.id };
    });
  }

  /** This instance's where the store has none to give: the list can be seen while the document is missing. */
  async #storedVersion(): Promise<string | undefined> {
    try {
      return (await within(LONGEST_ANSWER_MS, this.#store.load())).version;
    } catch {
      return this.#runtime.version;
    }
  }
}

function standingOf(version: string | undefined, stored: string | undefined): FleetMember['standing'] {
  if (version === undefined) return 'nothing';
  return stored === undefined ? 'unknown' : compareVersions(version, stored);
}
