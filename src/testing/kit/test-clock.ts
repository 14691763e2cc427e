import { parseInstant } from '../../flags/instant.js';
import { showValue } from '../../flags/show-value.js';
import type { Clock } from '../../runtime/evaluator.js';

/** An instant: a date, an ISO 8601 text with its offset (a date alone is UTC midnight), or milliseconds since the epoch. */
export type Instant = Date | string | number;

/** How much time passes; all parts are added. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

const LENGTHS_MS: Readonly<Record<keyof Duration, number>> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
};

/** A clock that stands still until the test moves it. */
export class TestClock implements Clock {
  readonly #onMove: () => void;
  #now: number;

  /** @param onMove told after each move */
  constructor(start: Instant, onMove: () => void) {
    this.#now = toMs(start);
    this.#onMove = onMove;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#now;
  }

  /** @throws TypeError if it is no instant */
  set(instant: Instant): void {
    this.#now = toMs(instant);
    this.#onMove();
  }

  /** @throws TypeError for a unit that there isn't, or no number */
  advance(duration: Duration): void {
    this.set(this.#now + lengthMs(duration));
  }
}

export const isInstant = (value: unknown): boolean =>
  value instanceof Date || typeof value === 'string' || typeof value === 'number';

/**
 * Milliseconds since the epoch.
 * @throws TypeError if it is no instant
 */
export function toMs(instant: Instant): number {
  const ms = typeof instant === 'string' ? parseInstant(instant) : Number(instant);
  if (ms !== undefined && Number.isFinite(ms)) return ms;
  const allowed = 'a Date, milliseconds since the epoch, or a text such as "2027-01-10T09:00:00Z"';
  throw new TypeError(`The test's clock: expected ${allowed}, found ${showValue(instant)}.`);
}

function lengthMs(duration: Duration): number {
  return Object.entries(duration).reduce((sum, [unit, count]) => {
    const length = Object.hasOwn(LENGTHS_MS, unit) ? LENGTHS_MS[unit as keyof Duration] : NaN;
    const ms = length * (count as number);
    if (Number.isFinite(ms)) return sum + ms;
    const allowed = `{ ${Object.keys(LENGTHS_MS).join(', ')} } as numbers`;
    throw new TypeError(`The test's clock: expected ${allowed}, found ${showValue({ [unit]: count as unknown })}.`);
  }, 0);
}
