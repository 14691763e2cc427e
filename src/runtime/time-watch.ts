import type { FlagSet } from '../evaluation/flag-set.js';
import { withDependants } from '../evaluation/flag-set-changes.js';
import { nextChange } from '../evaluation/next-change.js';
import type { Clock } from './evaluator.js';

/** The longest that is waited before the clock is looked at again: it may jump. */
const LONGEST_WAIT_MS = 60_000;

/** Tells when time alone changes answers: a stage begins, a kill ends, a curve moves (at most once a minute). */
export class TimeWatch {
  readonly #isOn: boolean;
  readonly #clock: Clock;
  readonly #currentSet: () => FlagSet;
  readonly #onChange: (flagKeys: readonly string[]) => void;
  /** The instants at which flags change next, in milliseconds since the epoch. */
  #due: ReadonlyMap<string, number> = new Map();
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
    const { flags } = this.#currentSet();
    const passed = Array.from(this.#due).flatMap(([key, instant]) => (instant <= now && flags.has(key) ? [key] : []));
    const next = this.#schedule(now);
    if (next < Infinity) {
      const waitMs = Math.min(Math.max(next - now, 1), LONGEST_WAIT_MS);
      this.#timer = setTimeout(() => this.restart(), waitMs).unref();
    }
    if (passed.length > 0) this.#onChange(withDependants(passed, flags));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
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
