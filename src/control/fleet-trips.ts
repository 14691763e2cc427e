import type { FlagState } from '../flags/flag-state.js';
import { sameJson } from '../flags/same-json.js';
import { showError } from '../flags/show-value.js';
import type { Trip } from '../flags/trip.js';
import type { Runtime } from '../runtime/runtime.js';
import type { FlagStore } from '../stores/flag-store.js';
import { describeEvidence } from './trip-evidence.js';

/** Who writes what no person did. */
const BY = 'halyard';

/** Trips that every instance follows: they are state, beside the kills. What can't be written holds on this instance. */
export class FleetTrips {
  readonly #runtime: Runtime;
  readonly #store: FlagStore;

  constructor(runtime: Runtime, store: FlagStore) {
    this.#runtime = runtime;
    this.#store = store;
  }

  /** What the state says of a flag. */
  of(flagKey: string): Trip | undefined {
    return this.#runtime.state.trips.get(flagKey);
  }

  /** Tells every instance, unless another has done so first. */
  tell(flagKey: string, trip: Trip): void {
    const now = this.#runtime.clock.now();
    const add = (state: FlagState): FlagState => {
      const held = state.trips.get(flagKey);
      const isFirst = held === undefined || (held.openUntil ?? Infinity) <= now;
      return isFirst ? { ...state, trips: new Map(state.trips).set(flagKey, trip) } : state;
    };
    this.#write(flagKey, add, `The breaker of "${flagKey}" opened: ${describeEvidence(trip.evidence)}.`);
  }

  /** Lets every instance close its breaker, unless another trip is there by now. */
  clear(flagKey: string, why: string): void {
    const seen = this.of(flagKey);
    const remove = (state: FlagState): FlagState => {
      if (!sameJson(state.trips.get(flagKey), seen)) return state;
      const trips = new Map(state.trips);
      trips.delete(flagKey);
      return { ...state, trips };
    };
    if (seen !== undefined) this.#write(flagKey, remove, `The breaker of "${flagKey}" closed: ${why}.`);
  }

  #write(flagKey: string, change: (state: FlagState) => FlagState, reason: string): void {
    const { logger } = this.#runtime;
    const { name } = this.#store;
    const fail = (why: string): void =>
      logger.warn({ flagKey }, `${reason} ${name} could not be told, so this holds on this instance alone: ${why}`);
    if (this.#store.updateState === undefined) fail('it can only be read.');
    else this.#store.updateState(change, { by: BY, reason }).catch((error: unknown) => fail(showError(error)));
  }
}
