import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { show } from '../../options/check-options.js';
import { showError } from '../../flags/show-value.js';
import { LeaseLostError } from '../../stores/lease-register.js';
import { checkControllerOptions, type RolloutControllerOptions } from './controller-options.js';
import { Leadership } from './leadership.js';
import { isOvertaken, RolloutDecider } from './rollout-decider.js';
import type { RolloutDecision } from './rollout-decision.js';
import { ROLLOUTS, type Rollouts, type ServedRollout } from './rollouts.js';
import { RolloutTeller } from './telling/rollout-teller.js';

/** What of a Halyard a controller needs. */
export interface ControlledHalyard {
  readonly [ROLLOUTS]: Rollouts;
}

/** How many rollouts are measured at the same time. */
const WORKERS = 4;

/** Without leases, how long a process leads that nobody else could replace: for the rhythm alone. */
const USUAL_LEASE_SECONDS = 30;

/**
 * Moves watched rollouts on, holds them and rolls them back. Every instance may have one: the store elects which of them
 * acts, and refuses what another writes. It ends with its Halyard.
 * @throws TypeError for a wrong option; Error if the store can't be written, or keeps no leases
 */
export function createRolloutController(
  halyard: ControlledHalyard,
  options: RolloutControllerOptions,
): RolloutController {
  checkControllerOptions(options);
  const rollouts = rolloutsOf(halyard);
  const { store } = rollouts;
  const { dryRun = false, leaseSeconds = USUAL_LEASE_SECONDS } = options;
  if (store.updateState === undefined && !dryRun) {
    throw new Error(
      `createRolloutController: ${store.name} can only be read. Control rollouts where the flags are written, or with \`dryRun: true\`.`,
    );
  }
  if (store.leases === undefined && leaseSeconds !== false && !dryRun) {
    throw new Error(
      `createRolloutController: ${store.name} keeps no leases, by which one of several controllers is elected. ` +
        'Pass `leaseSeconds: false` if no other process has one.',
    );
  }
  return new RolloutController(rollouts, options);
}

function rolloutsOf(halyard: ControlledHalyard): Rollouts {
  const rollouts = (halyard as Partial<ControlledHalyard> | null | undefined)?.[ROLLOUTS];
  if (rollouts !== undefined) return rollouts;
  const found = (halyard as unknown) instanceof Promise ? 'a promise. Await it first' : show(halyard);
  throw new TypeError(
    `createRolloutController: expected the Halyard that createHalyard() resolves with, found ${found}.`,
  );
}

/** The one that `createRolloutController` makes. */
export class RolloutController {
  readonly #rollouts: Rollouts;
  readonly #windowMs: number;
  readonly #leadership: Leadership;
  readonly #teller: RolloutTeller;
  readonly #decider: RolloutDecider;
  readonly #closing = new AbortController();
  readonly #forgetEnding: () => void;
  #running: Promise<readonly RolloutDecision[]> = Promise.resolve([]);
  #lookedAt = -Infinity;
  #next: NodeJS.Timeout | undefined;
  #leads = false;
  #closed: Promise<void> | undefined;
  /** Since when the store could not be asked who leads, on the clock of `performance`; and whether this process led then. */
  #failing: { readonly since: number; readonly led: boolean } | undefined;

  constructor(rollouts: Rollouts, options: RolloutControllerOptions) {
    const { health, intervalSeconds = 60, leaseSeconds = USUAL_LEASE_SECONDS, dryRun = false } = options;
    const { instance = `${hostname()}:${process.pid}` } = options;
    this.#rollouts = rollouts;
    this.#windowMs = intervalSeconds * 1000;
    this.#leadership = new Leadership({
      leases: leaseSeconds === false ? undefined : rollouts.store.leases,
      // Dry runs take nobody's place.
      name: dryRun ? 'rollouts:dry-run' : 'rollouts',
      // What people call it may be the same for several.
      holder: `${instance}:${randomUUID().slice(0, 8)}`,
      leaseMs: (leaseSeconds || USUAL_LEASE_SECONDS) * 1000,
      elapsed: () => performance.now(),
    });
    this.#teller = new RolloutTeller(rollouts.runtime, { ...options, instance }, () => this.isLeading);
    const { windowMs, signal } = { windowMs: this.#windowMs, signal: this.#closing.signal };
    this.#decider = new RolloutDecider({ rollouts, teller: this.#teller, health, windowMs, isDryRun: dryRun, signal });
    this.#forgetEnding = rollouts.onClose(() => this.close());
  }

  /** Whether this process is the one that acts. */
  get isLeading(): boolean {
    return this.#leads && !this.#closing.signal.aborted;
  }

  /** Begins to look at every interval, for as long as it leads. Its timer keeps no process alive. */
  start(): this {
    if (this.#next === undefined) this.#beatLater(0);
    return this;
  }

  /**
   * Looks at every rollout once, if no other process leads: for hosts that freeze timers, and for tests. Never rejects.
   * @returns what was decided; empty if another process leads
   */
  look(): Promise<readonly RolloutDecision[]> {
    const look = this.#running.then(() => this.#lookIfLeading());
    this.#running = look;
    return look;
  }

  /** Ends it, and lets another process lead. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#next);
    this.#teller.close();
    await this.#running;
    await this.#leadership.release().catch(() => undefined);
    // Until then, a Halyard that is closed waits for it.
    this.#forgetEnding();
  }

  #beatLater(delayMs: number): void {
    if (this.#closing.signal.aborted) return;
    this.#next = setTimeout(() => void this.#beat(), delayMs).unref();
  }

  /** Often enough to keep the lease; a look is due once an interval. */
  async #beat(): Promise<void> {
    // A timer may be early by a millisecond.
    if (!this.#leads || this.#dueInMs() <= 5) await this.look();
    else await this.#take();
    const { renewMs } = this.#leadership;
    this.#beatLater(this.#leads ? Math.min(renewMs, Math.max(this.#dueInMs(), 0)) : Math.min(renewMs, this.#windowMs));
  }

  #dueInMs(): number {
    return this.#lookedAt + this.#windowMs - performance.now();
  }

  async #lookIfLeading(): Promise<readonly RolloutDecision[]> {
    if (!(await this.#take())) return [];
    this.#lookedAt = performance.now();
    const endRenewing = this.#leadership.keepRenewing();
    try {
      return await this.#lookAtAll();
    } finally {
      endRenewing();
    }
  }

  async #lookAtAll(): Promise<readonly RolloutDecision[]> {
    // Whatever comes meanwhile: this look writes under the lease that it began with, or not at all.
    const { lease } = this.#leadership;
    const decisions: RolloutDecision[] = [];
    this.#decider.forgetGone();
    const waiting = this.#rollouts.served();
    const work = async (): Promise<void> => {
      for (const served of waiting) {
        if (!this.isLeading) return;
        const decision = await this.#decider.decide(served, lease).catch((error: unknown) => this.#fail(served, error));
        if (decision !== undefined) decisions.push(decision);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    return decisions;
  }

  async #take(): Promise<boolean> {
    let isLeading = false;
    try {
      isLeading = !this.#closing.signal.aborted && (await this.#leadership.take());
      this.#failing = undefined;
    } catch (error) {
      this.#leadership.lose();
      this.#noteFailing(error);
    }
    if (isLeading !== this.#leads) {
      this.#decider.forgetAll();
      const { logger } = this.#rollouts.runtime;
      logger.info({}, isLeading ? 'This process controls the rollouts now.' : 'Another process controls the rollouts.');
    }
    this.#leads = isLeading;
    return isLeading;
  }

  /** Nobody can lead while the store is away. Who led last tells people if that lasts. */
  #noteFailing(error: unknown): void {
    const { store, runtime } = this.#rollouts;
    const why = `${store.name} can't be asked who controls the rollouts: ${showError(error)}`;
    if (this.#failing === undefined) runtime.logger.warn({ err: error }, why);
    this.#failing ??= { since: performance.now(), led: this.#leads };
    if (!this.#failing.led) return;
    for (const { flag, progress, isOff } of this.#rollouts.served()) {
      if (progress?.status !== 'running' || isOff) continue;
      this.#teller.noteUnwatched(flag.key, performance.now() - this.#failing.since, why);
    }
  }

  /** Nothing was done; the next look tries again. */
  #fail({ flag }: ServedRollout, error: unknown): undefined {
    const { logger } = this.#rollouts.runtime;
    const fields = { err: error, flagKey: flag.key };
    this.#decider.forget(flag.key);
    if (error instanceof LeaseLostError) {
      this.#leadership.lose();
      this.#leads = false;
      this.#decider.forgetAll();
    }
    if (isOvertaken(error)) logger.info(fields, `Nothing was done about the rollout of ${flag.key}: ${error.message}`);
    else logger.error(fields, `Nothing could be done about the rollout of ${flag.key}: ${showError(error)}`);
  }
}
