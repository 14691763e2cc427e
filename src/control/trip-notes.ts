import { showError } from '../flags/show-value.js';
import type { Trip } from '../flags/trip.js';
import { serializeTrip } from '../flags/trip-text.js';
import type { Runtime } from '../runtime/runtime.js';
import type { FlagStore } from '../stores/flag-store.js';
import { describeEvidence } from './trip-evidence.js';

/** Who writes what no person did. */
const BY = 'halyard';

/** What breaks for one instance mostly breaks for all: each waits up to this long, and sees whether another was faster. */
const LONGEST_WAIT_MS = 5_000;

/** How long an entry stands for all trips of its flag's breaker, on every instance, in milliseconds. */
const QUIET_MS = 10 * 60_000;

/** How far back another instance's entry is looked for. */
const LOOKED_AT = 50;

/**
 * Tells the store's history of breakers that opened on one instance, with the numbers that opened them. Of a fleet whose
 * breakers open all at once, one or two write: an outage must not become a storm of writes. What can't be written is logged.
 */
export class TripNotes {
  readonly #runtime: Runtime;
  readonly #store: FlagStore;
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  constructor(runtime: Runtime, store: FlagStore) {
    this.#runtime = runtime;
    this.#store = store;
    runtime.onClose(() => {
      for (const timer of this.#waiting.values()) clearTimeout(timer);
    });
  }

  /** Tells of a trip soon, unless somebody has lately. Never throws. */
  note(flagKey: string, trip: Trip): void {
    // A store that can only be read has no history of its own; the event, the log and the metric tell of it.
    if (this.#store.updateState === undefined || this.#waiting.has(flagKey)) return;
    const timer = setTimeout(() => {
      void this.#write(flagKey, trip).finally(() => this.#waiting.delete(flagKey));
    }, Math.random() * LONGEST_WAIT_MS);
    this.#waiting.set(flagKey, timer.unref());
  }

  async #write(flagKey: string, trip: Trip): Promise<void> {
    const { logger } = this.#runtime;
    const path = `breakers.${flagKey}`;
    try {
      if (await this.#isTold(path)) return;
      const reason = `The breaker of "${flagKey}" opened on ${trip.trippedBy}: ${describeEvidence(trip.evidence)}.`;
      await this.#store.updateState?.((state) => state, {
        by: BY,
        reason,
        evidence: [{ path, after: serializeTrip(trip) }],
      });
    } catch (error) {
      logger.warn({ flagKey }, `${this.#store.name} could not be told that a breaker opened: ${showError(error)}`);
    }
  }

  async #isTold(path: string): Promise<boolean> {
    const changes = await this.#store.history?.({ limit: LOOKED_AT });
    // By the system's clock, as the history's times are.
    const since = Date.now() - QUIET_MS;
    return changes?.some(({ at, difference }) => at > since && difference.some((one) => one.path === path)) ?? false;
  }
}
