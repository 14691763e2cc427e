import type { FlagSet } from '../evaluation/flag-set.js';
import { withDependants } from '../evaluation/flag-set-changes.js';
import { nextChange } from '../evaluation/next-change.js';
import type { Clock } from './evaluator.js';

/** The longest that a timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Tells when time alone changes answers: a stage begins, a kill ends, a curve moves (at most once a minute). */
export class TimeWatch {
  readonly #isOn: boolean;
  readonly #clock: Clock;
  readonly #currentSet: () => FlagSet;
  readonly #onChange: (flagKeys: readonly string[]) => void;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(isOn: boolean, clock: Clock, currentSet: () => FlagSet, onChange: (flagKeys: readonly string[]) => void) {
    this.#isOn = isOn;
    this.#clock = clock;
    this.#currentSet = currentSet;
    this.#onChange = onChange;
  }

  /** Looks at the current flags anew. */
  restart(): void {
    clearTimeout(this.#timer);
    if (!this.#isOn || this.#isClosed) return;
    const now = this.#clock.now();
    const due = new Map<string, number>();
    let next = Infinity;
    for (const [key, flag] of this.#currentSet().flags) {
      if (!flag.isTimed) continue;
      const instant = nextChange(flag, now);
      due.set(key, instant);
      next = Math.min(next, instant);
    }
    if (next === Infinity) return;
    this.#timer = setTimeout(() => this.#tell(due), Math.min(Math.max(next - now, 1), LONGEST_TIMER_MS)).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #tell(due: ReadonlyMap<string, number>): void {
    const now = this.#clock.now();
    const keys = Array.from(due).flatMap(([key, instant]) => (instant <= now ? [key] : []));
    this.restart();
    if (keys.length > 0) this.#onChange(withDependants(keys, this.#currentSet().flags));
  }
}
