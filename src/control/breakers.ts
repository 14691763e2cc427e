import { isKilled } from '../evaluation/flag-situation.js';
import type { BreakerDefinition } from '../flags/flag-definition.js';
import type { MeasuredCalls, Trip, TripEvidence } from '../flags/trip.js';
import { sameJson } from '../flags/same-json.js';
import type { HalyardEvents } from '../runtime/events.js';
import type { Runtime } from '../runtime/runtime.js';
import { Breaker, type BreakerStatus } from './breaker.js';
import type { ElapsedTime } from './elapsed-time.js';
import type { FleetTrips } from './fleet-trips.js';
import { describeEvidence } from './trip-evidence.js';
import type { TripNotes } from './trip-notes.js';

/** The key under which a Halyard carries its breakers, also for adapters of another copy of this package. Not for applications. */
export const BREAKERS: unique symbol = Symbol.for('halyard.breakers');

/** How the breaker of one flag is. */
export interface BreakerHealth extends MeasuredCalls {
  readonly flagKey: string;
  /** `half-open`: it lets single requests through as probes until one tells how things are. */
  readonly status: BreakerStatus;
  /** Why it isn't closed. */
  readonly trip?: Trip;
}

interface BreakersParts {
  readonly runtime: Runtime;
  readonly elapsed: ElapsedTime;
  /** What a trip calls this process. */
  readonly instance: string;
  readonly fleetTrips: FleetTrips;
  readonly tripNotes: TripNotes;
}

/**
 * The breakers of all flags that guard something. One is made when its flag first guards a request or call, follows the
 * document, and is forgotten while the flag has none or is switched off anyway: it begins anew afterwards.
 */
export class Breakers {
  readonly #runtime: Runtime;
  readonly #elapsed: ElapsedTime;
  readonly #instance: string;
  readonly #fleetTrips: FleetTrips;
  readonly #tripNotes: TripNotes;
  /** What the state said of each flag's breaker when it was last looked at. */
  readonly #followed = new Map<string, Trip | undefined>();
  readonly #byKey = new Map<string, Breaker>();

  constructor({ runtime, elapsed, instance, fleetTrips, tripNotes }: BreakersParts) {
    this.#runtime = runtime;
    this.#elapsed = elapsed;
    this.#instance = instance;
    this.#fleetTrips = fleetTrips;
    this.#tripNotes = tripNotes;
    runtime.onClose(runtime.listeners.on('change', ({ flagKeys }) => this.#follow(flagKeys)));
    runtime.onClose(runtime.onServed(() => this.#followFleet()));
  }

  /** The breaker of a flag; `undefined` if its document gives it none. */
  of(flagKey: string): Breaker | undefined {
    const definition = this.#definitionOf(flagKey);
    return definition && (this.#byKey.get(flagKey) ?? this.#create(flagKey, definition));
  }

  /** Closes a flag's breaker, because somebody says so; it begins to measure anew. */
  restore(flagKey: string): void {
    this.#forget(flagKey, 'restore');
    // Until it is out of the state, too.
    this.#followed.set(flagKey, this.#fleetTrips.of(flagKey));
  }

  list(): readonly BreakerHealth[] {
    return Array.from(this.#byKey, ([flagKey, breaker]) => {
      const { status, counts, evidence } = breaker;
      return {
        flagKey,
        status,
        ...counts,
        ...(evidence && { trip: this.#tripOf(breaker, evidence, this.#followed.get(flagKey)) }),
      };
    });
  }

  #definitionOf(flagKey: string): BreakerDefinition | undefined {
    const flag = this.#runtime.evaluator.current.set.flags.get(flagKey);
    if (flag?.definition?.breaker === undefined) return undefined;
    const isOff = !flag.definition.enabled || isKilled(flag.situation, this.#runtime.clock.now());
    return isOff ? undefined : flag.definition.breaker;
  }

  #create(flagKey: string, definition: BreakerDefinition): Breaker {
    const breaker = new Breaker(definition, {
      elapsed: this.#elapsed,
      onTrip: (evidence) => this.#tellTrip(flagKey, breaker, evidence),
      onRecovery: () => {
        this.#tellReset(flagKey, 'probe');
        if (this.#isOfFleet(flagKey)) this.#fleetTrips.clear(flagKey, 'its probe went well');
      },
    });
    this.#byKey.set(flagKey, breaker);
    this.#followTrip(flagKey, breaker);
    return breaker;
  }

  #follow(flagKeys: readonly string[]): void {
    for (const flagKey of flagKeys) {
      const breaker = this.#byKey.get(flagKey);
      if (breaker === undefined) continue;
      const definition = this.#definitionOf(flagKey);
      if (definition === undefined) {
        this.#fleetTrips.clear(flagKey, 'the flag has no breaker any more, or is switched off');
        this.#forget(flagKey, 'change');
      } else breaker.configure(definition);
    }
  }

  #isOfFleet(flagKey: string): boolean {
    return this.#definitionOf(flagKey)?.scope === 'fleet';
  }

  #followFleet(): void {
    for (const [flagKey, breaker] of this.#byKey) this.#followTrip(flagKey, breaker);
  }

  /** Opens a breaker that another instance's trip is about, and closes it once that trip is over. */
  #followTrip(flagKey: string, breaker: Breaker): void {
    if (!this.#isOfFleet(flagKey)) return;
    const trip = this.#fleetTrips.of(flagKey);
    const followed = this.#followed.get(flagKey);
    this.#followed.set(flagKey, trip);
    // One that was followed already, and overcome here, is only waiting to be taken out of the state.
    if (trip !== undefined && !sameJson(trip, followed)) {
      if (breaker.status !== 'closed') return;
      const { logger, clock } = this.#runtime;
      breaker.openWith(trip.evidence, (trip.openUntil ?? Infinity) - clock.now());
      const why = `${trip.trippedBy} found: ${describeEvidence(trip.evidence)}.`;
      logger.info({ flagKey, ...trip }, `The breaker of "${flagKey}" opened because ${why}`);
    } else if (trip === undefined && followed !== undefined && breaker.status !== 'closed') {
      breaker.closeWith();
      this.#tellReset(flagKey, 'fleet');
    }
  }

  #forget(flagKey: string, cause: HalyardEvents['reset']['cause']): void {
    const breaker = this.#byKey.get(flagKey);
    this.#followed.delete(flagKey);
    this.#byKey.delete(flagKey);
    if (breaker !== undefined && breaker.status !== 'closed') this.#tellReset(flagKey, cause);
  }

  /** @param followed what the state says, which another instance may have measured */
  #tripOf({ openForMs }: Breaker, evidence: TripEvidence, followed?: Trip): Trip {
    const isFollowed = followed !== undefined && sameJson(followed.evidence, evidence);
    const trip = { trippedBy: isFollowed ? followed.trippedBy : this.#instance, evidence };
    return openForMs === undefined ? trip : { openUntil: Math.round(this.#runtime.clock.now() + openForMs), ...trip };
  }

  #tellTrip(flagKey: string, breaker: Breaker, evidence: TripEvidence): void {
    const { logger, listeners } = this.#runtime;
    const trip = this.#tripOf(breaker, evidence);
    const { openForMs } = breaker;
    const opened = evidence.cause === 'probe' ? 'stays open' : 'opened';
    const next =
      openForMs === undefined
        ? 'until somebody restores the flag'
        : `for ${Number((openForMs / 1000).toFixed(1))} s, then it lets a probe through`;
    // That it goes on failing is told, but is no news.
    const level = evidence.cause === 'probe' ? 'info' : 'warn';
    logger[level](
      { flagKey, ...trip },
      `The breaker of "${flagKey}" ${opened}: ${describeEvidence(evidence)}. It is open ${next}.`,
    );
    listeners.emit('trip', { flagKey, ...trip });
    if (evidence.cause === 'probe') return;
    if (this.#isOfFleet(flagKey)) this.#fleetTrips.tell(flagKey, trip);
    else this.#tripNotes.note(flagKey, trip);
  }

  #tellReset(flagKey: string, cause: HalyardEvents['reset']['cause']): void {
    this.#runtime.logger.info({ flagKey, cause }, `The breaker of "${flagKey}" closed: ${whyClosed[cause]}.`);
    this.#runtime.listeners.emit('reset', { flagKey, cause });
  }
}

const whyClosed: Readonly<Record<HalyardEvents['reset']['cause'], string>> = {
  probe: 'its probe went well',
  fleet: 'another instance found that all is well, or somebody restored the flag',
  restore: 'somebody restored the flag',
  change: 'the flag has no breaker any more, or is switched off',
};
