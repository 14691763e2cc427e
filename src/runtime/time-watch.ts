import type { FlagSet } from '../evaluation/flag-set.js';
import { withDependants } from '../evaluation/flag-set-changes.js';
import { nextChange } from '../evaluation/next-change.js';
import type { Clock } from './evaluator.js';

/** How often the clock is looked at while flags depend on it: it may be set. */
const LOOK_MS = 5_000;
/** A clock that goes back by this much was set; by less, it was only corrected. */
const SET_BACK_MS = 1_000;

/**
 * Tells when time alone changes answers: a stage begins, a kill ends, a curve moves (at most once a minute). Where the
 * clock is set, it tells within seconds.
 */
export class TimeWatch {
  readonly #isOn: boolean;
  readonly #clock: Clock;
  readonly #currentSet: () => FlagSet;
  readonly #onChange: (flagKeys: readonly string[]) => void;
  /** The instants at which flags change next, in milliseconds since the epoch. */
  #due: ReadonlyMap<string, number> = new Map();
  /** When the clock was looked at last. */
  #looked = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(isOn: boolean, clock: Clock, currentSet: () => FlagSet, onChange: (flagKeys: readonly string[]) => void) {
    this.#isOn = isOn;
    this.#clock = clock;
    this.#currentSet = currentSet;
    this.#onChange = onChange;
  }

  /** Looks at the current flags anew, and tells what became due meanwhile. */
  restart(): void {
    clearTimeout(this.#timer);
    if (!this.#isOn || this.#isClosed) return;
    const now = this.#clock.now();
    const passed = this.#passed(now);
    this.#looked = now;
    this.#lookAgain(now, this.#schedule(now));
    if (passed.length > 0) this.#onChange(withDependants(passed, this.#currentSet().flags));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Flags whose answers may be others than when the clock was looked at last. */
  #passed(now: number): readonly string[] {
    const { flags } = this.#currentSet();
    const isSetBack = now <= this.#looked - SET_BACK_MS;
    if (!isSetBack) return Array.from(this.#due).flatMap(([key, at]) => (at <= now && flags.has(key) ? [key] : []));
    // What was over may be to come again.
    this.#due = new Map();
    return Array.from(flags.values()).flatMap(({ key, isTimed }) => (isTimed ? [key] : []));
  }

  #lookAgain(now: number, next: number): void {
    // Also where all is over: a clock can be set back.
    if (this.#due.size === 0) return;
    const waitMs = Math.min(Math.max(next - now, 1), LOOK_MS);
    this.#timer = setTimeout(() => this.#look(next), waitMs).unref();
  }

  /** Every flag is looked at only where the time has come, or the clock was set back. */
  #look(next: number): void {
    const now = this.#clock.now();
    if (now >= next || now < this.#looked) this.restart();
    else this.#lookAgain((this.#looked = now), next);
  }

  /** Notes when each flag changes next. What was noted before stays if it is sooner, so that no other change puts it off. */
  #schedule(now: number): number {
    const due = new Map<string, number>();
    let next = Infinity;
    for (const [key, flag] of this.#currentSet().flags) {
      if (!flag.isTimed) continue;
      const noted = this.#due.get(key) ?? Infinity;
      const instant = Math.min(nextChange(flag, now), noted > now ? noted : Infinity);
      due.set(key, instant);
      next = Math.min(next, instant);
    }
    this.#due = due;
    return next;
  }
}
