import { showError } from '../flags/show-value.js';
import type { UsageWatch } from '../lifecycle/usage-watch.js';
import type { Runtime } from '../runtime/runtime.js';
import { within } from '../runtime/within.js';
import { type FleetRegister, MOST_NOTED, NoFleetListError, USAGE_STEP_MS } from '../stores/fleet-register.js';

/** What takes longer has failed. */
const LONGEST_NOTE_MS = 10_000;

/** When the first evaluations are told, in milliseconds after the start, give or take a half: a fleet starts at once. */
const FIRST_MS = 30_000;

export interface UsageReporterParts {
  readonly register: FleetRegister;
  /** The store's name, for the log. */
  readonly source: string;
  readonly runtime: Runtime;
  readonly watch: UsageWatch;
}

/**
 * Tells a register when flags were last evaluated here: soon after the start, every ten minutes, and at the end; only those
 * that were evaluated since the last time. A register that fails does no harm: it is logged once and tried again.
 */
export class UsageReporter {
  readonly #parts: UsageReporterParts;
  /** What the register knows from here. */
  readonly #told = new Map<string, number>();
  #running: Promise<void> = Promise.resolve();
  #next: NodeJS.Timeout | undefined;
  #isFailing = false;
  #isClosed = false;

  constructor(parts: UsageReporterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#tellAfter(FIRST_MS * (0.5 + Math.random()));
  }

  /** Tells what was evaluated since the last time, once what is under way is done. Never rejects. */
  tell(): Promise<void> {
    this.#running = this.#running.then(() => this.#tellNew());
    return this.#running;
  }

  /** Tells what is left. Never rejects; whoever closes decides how long to wait. */
  close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#next);
    return this.tell();
  }

  #tellAfter(ms: number): void {
    if (this.#isClosed) return;
    this.#next = setTimeout(() => {
      void this.tell().then(() => this.#tellAfter(USAGE_STEP_MS * (0.9 + Math.random() / 5)));
    }, ms).unref();
  }

  async #tellNew(): Promise<void> {
    const { register, watch } = this.#parts;
    const news = Array.from(watch.look()).filter(([key, at]) => at !== this.#told.get(key));
    try {
      for (let from = 0; from < news.length; from += MOST_NOTED) {
        const some = new Map(news.slice(from, from + MOST_NOTED));
        await within(LONGEST_NOTE_MS, register.noteUsage?.(some) ?? Promise.resolve());
        for (const [key, at] of some) this.#told.set(key, at);
      }
      this.#isFailing = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { runtime, source } = this.#parts;
    // That nobody keeps it is no failure, and nothing that this process could mend.
    if (!this.#isFailing && !this.#isClosed && !(error instanceof NoFleetListError)) {
      runtime.logger.warn(
        { err: error, source },
        `${source} was not told which flags are evaluated here, and they may pass for unused elsewhere. Flags are not affected, and it is tried again: ${showError(error)}`,
      );
    }
    this.#isFailing = true;
  }
}
