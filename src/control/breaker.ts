import type { BreakerDefinition } from '../flags/flag-definition.js';
import { sameJson } from '../flags/same-json.js';
import type { MeasuredCalls, TripEvidence } from '../flags/trip.js';
import type { ElapsedTime } from './elapsed-time.js';
import { SlidingWindow } from './sliding-window.js';
import { evidenceIn } from './trip-evidence.js';

/** `half-open`: it was open, and lets single calls through as probes until one tells how things are. */
export type BreakerStatus = 'closed' | 'open' | 'half-open';

/** How a call ended; `neither`: in a way that says nothing about what is guarded. */
export type CallOutcome = 'success' | 'failure' | 'neither';

/**
 * What is let through: a request to a route, or a call of `protect`. Each kind has a probe of its own, because a route may
 * protect a call inside it with the same flag: its probe must not be refused what it needs.
 */
export type CallKind = 'route' | 'call';

/** A call was let through. */
export interface Passage {
  readonly isAdmitted: true;
  /** Tells how it ended. It counts from that moment, and only the first time. */
  end(outcome: CallOutcome): void;
}

/** A call was not let through, because the breaker is open. */
export interface OpenRefusal {
  readonly isAdmitted: false;
  readonly why: 'breaker-open';
  /** When to try again, in milliseconds above 0; `undefined`: when somebody has restored the flag. */
  readonly retryAfterMs: number | undefined;
}

export interface BreakerParts {
  readonly elapsed: ElapsedTime;
  /** Told each time that it opens, after a failed probe too. */
  readonly onTrip: (evidence: TripEvidence) => void;
  /** Told when a probe closed it. */
  readonly onRecovery: () => void;
}

interface Closed {
  readonly status: 'closed';
  readonly window: SlidingWindow;
}

interface Open {
  readonly status: 'open';
  readonly since: number;
  readonly evidence: TripEvidence;
  readonly probes: Map<CallKind, { readonly passage: Passage; readonly startedAt: number }>;
}

/**
 * Lets calls of what one flag guards through while enough of them go well. It has no timer: it looks at the time when it is
 * asked. A call counts only in the state that let it through: what ends late says nothing about how things are by then.
 */
export class Breaker {
  readonly #parts: BreakerParts;
  #definition: BreakerDefinition;
  #state: Closed | Open;

  constructor(definition: BreakerDefinition, parts: BreakerParts) {
    this.#parts = parts;
    this.#definition = definition;
    this.#state = closed(definition);
  }

  get status(): BreakerStatus {
    if (this.#state.status === 'closed') return 'closed';
    return this.#openForMs(this.#state) === 0 ? 'half-open' : 'open';
  }

  /** What the window holds; nothing, if it isn't closed. */
  get counts(): MeasuredCalls {
    if (this.#state.status === 'open') return { requests: 0, failures: 0, slow: 0 };
    return this.#state.window.counts(this.#parts.elapsed());
  }

  /** Why it is open; `undefined`: it is closed. */
  get evidence(): TripEvidence | undefined {
    return this.#state.status === 'open' ? this.#state.evidence : undefined;
  }

  /** In how many milliseconds it lets its first probe through, 0 or more; `undefined`: when somebody restores the flag. */
  get openForMs(): number | undefined {
    return this.#state.status === 'open' ? this.#openForMs(this.#state) : 0;
  }

  enter(kind: CallKind): Passage | OpenRefusal {
    const state = this.#state;
    if (state.status === 'closed') return this.#admit(state, kind);
    const retryAfterMs = this.#refusedForMs(state, kind);
    if (retryAfterMs !== 0) return { isAdmitted: false, why: 'breaker-open', retryAfterMs };
    const passage = this.#admit(state, kind);
    state.probes.set(kind, { passage, startedAt: this.#parts.elapsed() });
    return passage;
  }

  /** Opens because another instance tripped. A probe may pass here in `openForMs`, at most a cooldown: clocks differ. */
  openWith(evidence: TripEvidence, openForMs: number): void {
    const { cooldownMs } = this.#definition;
    const since = this.#parts.elapsed() + clamp(openForMs, cooldownMs) - cooldownMs;
    if (this.#state.status === 'closed') this.#state = { status: 'open', since, evidence, probes: new Map() };
  }

  /** Closes because another instance found that all is well. */
  closeWith(): void {
    this.#state = closed(this.#definition);
  }

  /** Goes on by another definition: with an empty window if it is closed, otherwise counted from when it opened. */
  configure(definition: BreakerDefinition): void {
    if (sameJson(definition, this.#definition)) return;
    this.#definition = definition;
    if (this.#state.status === 'closed') this.#state = closed(definition);
  }

  #admit(state: Closed | Open, kind: CallKind): Passage {
    const startedAt = this.#parts.elapsed();
    let isOver = false;
    const passage: Passage = {
      isAdmitted: true,
      end: (outcome) => {
        if (isOver) return;
        isOver = true;
        if (state !== this.#state) return;
        if (outcome !== 'neither') this.#judge(state, outcome === 'failure', this.#isSlow(startedAt));
        else if (state.status === 'open' && state.probes.get(kind)?.passage === passage) state.probes.delete(kind);
      },
    };
    return passage;
  }

  #judge(state: Closed | Open, isFailure: boolean, isSlow: boolean): void {
    if (state.status === 'open') {
      this.#judgeProbe(isFailure, isSlow);
      return;
    }
    const now = this.#parts.elapsed();
    state.window.add(now, isFailure, isSlow);
    const evidence = evidenceIn(state.window.counts(now), this.#definition);
    if (evidence !== undefined) this.#open(evidence);
  }

  #judgeProbe(isFailure: boolean, isSlow: boolean): void {
    if (isFailure || isSlow) {
      this.#open({ cause: 'probe', requests: 1, failures: Number(isFailure), slow: Number(isSlow) });
      return;
    }
    this.#state = closed(this.#definition);
    this.#parts.onRecovery();
  }

  #open(evidence: TripEvidence): void {
    this.#state = { status: 'open', since: this.#parts.elapsed(), evidence, probes: new Map() };
    this.#parts.onTrip(evidence);
  }

  #isSlow(startedAt: number): boolean {
    const { slow } = this.#definition;
    return slow !== undefined && this.#parts.elapsed() - startedAt > slow.aboveMs;
  }

  #openForMs({ since }: Open): number | undefined {
    return this.#definition.reset === 'manual' ? undefined : this.#cooldownLeft(since);
  }

  /** A probe that isn't over after a whole cooldown is given up: another one may pass. */
  #refusedForMs(state: Open, kind: CallKind): number | undefined {
    const openForMs = this.#openForMs(state);
    const probe = state.probes.get(kind);
    return openForMs !== 0 || probe === undefined ? openForMs : this.#cooldownLeft(probe.startedAt);
  }

  #cooldownLeft(since: number): number {
    return Math.max(0, since + this.#definition.cooldownMs - this.#parts.elapsed());
  }
}

function clamp(value: number, highest: number): number {
  return Math.min(Math.max(value, 0), highest);
}

function closed({ windowMs }: BreakerDefinition): Closed {
  return { status: 'closed', window: new SlidingWindow(windowMs) };
}
