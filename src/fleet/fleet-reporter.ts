import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { showError } from '../flags/show-value.js';
import type { Runtime } from '../runtime/runtime.js';
import { within } from '../runtime/within.js';
import { type FleetRegister, type InstanceReport, NoFleetListError } from '../stores/fleet-register.js';
import type { FleetOptions } from './fleet-options.js';
import { stayAwake } from './stay-awake.js';

/** A report that takes longer has failed. */
const LONGEST_REPORT_MS = 10_000;

/** What is cut is no version that anybody waits for; no store of this package has one as long, in characters. */
const LONGEST_VERSION = 256;

/** Closing waits no longer for the register. */
const LONGEST_REMOVAL_MS = 1_000;

/**
 * Tells a register that this instance lives, and which version it serves: at the start, whenever the version is another,
 * and every now and then. A register that fails does no harm: it is logged once and tried again.
 */
export class FleetReporter {
  readonly #register: FleetRegister;
  readonly #source: string;
  readonly #runtime: Runtime;
  readonly #self: Omit<InstanceReport, 'version'>;
  readonly #reportMs: number;
  #running: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #next: NodeJS.Timeout | undefined;
  #endListening: (() => void) | undefined;
  #isFailing = false;
  #isClosed = false;

  /** @param source the store's name, for the log */
  constructor(register: FleetRegister, source: string, runtime: Runtime, options: FleetOptions) {
    const { id = randomUUID(), host = hostname() || 'unknown', reportMs = 5_000 } = options;
    this.#register = register;
    this.#source = source;
    this.#runtime = runtime;
    this.#self = { id, host, pid: process.pid, startedAt: runtime.clock.now() };
    this.#reportMs = reportMs;
  }

  /** This instance's in the register. */
  get id(): string {
    return this.#self.id;
  }

  start(): void {
    this.#endListening = this.#runtime.onServed(() => void this.report());
    void this.report();
  }

  /** Reports what serves at this moment or later. Never rejects. */
  report(): Promise<void> {
    // Reports never overtake each other, and of those that wait one is enough.
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      this.#running = this.#send();
      return this.#running;
    });
    return this.#waiting;
  }

  /** Takes the instance off the register, if that can be done soon; otherwise it is forgotten by itself. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#next);
    if (this.#endListening === undefined) return;
    this.#endListening();
    // A report that is still under way would bring it back.
    const removal = this.#running.then(() => this.#register.remove(this.#self.id));
    await stayAwake(within(LONGEST_REMOVAL_MS, removal)).catch(() => undefined);
  }

  async #send(): Promise<void> {
    if (this.#isClosed) return;
    clearTimeout(this.#next);
    try {
      const report = { ...this.#self, version: this.#runtime.version?.slice(0, LONGEST_VERSION) };
      await within(LONGEST_REPORT_MS, this.#register.report(report, lifetimeMs(this.#reportMs)));
      this.#succeed();
    } catch (error) {
      this.#fail(error);
    }
    this.#reportLater();
  }

  #reportLater(): void {
    if (this.#isClosed) return;
    this.#next = setTimeout(() => void this.report(), this.#reportMs * (0.9 + Math.random() / 5)).unref();
  }

  #succeed(): void {
    const source = this.#source;
    if (this.#isFailing) this.#runtime.logger.info({ source }, `${source} lists this instance in its fleet again.`);
    this.#isFailing = false;
  }

  #fail(error: unknown): void {
    if (!this.#isFailing && !this.#isClosed) {
      // That nobody keeps a list is no failure, and nothing that this process could mend.
      this.#runtime.logger[error instanceof NoFleetListError ? 'info' : 'warn'](
        { err: error, source: this.#source },
        `This instance is not in the fleet's list, and \`waitForFleet\` does not wait for it. Flags are not affected, and it is tried again: ${showError(error)}`,
      );
    }
    this.#isFailing = true;
  }
}

/** Three reports may be lost, each as late as it can be. */
function lifetimeMs(reportMs: number): number {
  return Math.round(3.5 * reportMs) + 500;
}
