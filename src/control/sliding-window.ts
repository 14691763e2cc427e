import type { MeasuredCalls } from '../flags/trip.js';

/** A window moves on in steps of this part of it, so that it is as cheap for a thousand requests as for one. */
const STEPS = 10;

interface Step extends Record<keyof MeasuredCalls, number> {
  /** Which step of all time it is. */
  readonly number: number;
}

/** Counts the calls that ended within a window: between nine and ten tenths of it, up to now. */
export class SlidingWindow {
  readonly #stepMs: number;
  /** The oldest first. */
  #steps: Step[] = [];

  constructor(windowMs: number) {
    this.#stepMs = windowMs / STEPS;
  }

  /** @param now milliseconds that only ever grow, here and in `counts` */
  add(now: number, isFailure: boolean, isSlow: boolean): void {
    const step = this.#stepAt(now);
    step.requests += 1;
    if (isFailure) step.failures += 1;
    if (isSlow) step.slow += 1;
  }

  counts(now: number): MeasuredCalls {
    this.#forget(now);
    const sum = { requests: 0, failures: 0, slow: 0 };
    for (const { requests, failures, slow } of this.#steps) {
      sum.requests += requests;
      sum.failures += failures;
      sum.slow += slow;
    }
    return sum;
  }

  #stepAt(now: number): Step {
    const latest = this.#steps.at(-1);
    const number = this.#numberOf(now);
    if (latest?.number === number) return latest;
    this.#forget(now);
    const step = { number, requests: 0, failures: 0, slow: 0 };
    this.#steps.push(step);
    return step;
  }

  #forget(now: number): void {
    const oldest = this.#numberOf(now) - STEPS;
    if ((this.#steps[0]?.number ?? Infinity) <= oldest)
      this.#steps = this.#steps.filter(({ number }) => number > oldest);
  }

  #numberOf(now: number): number {
    return Math.floor(now / this.#stepMs);
  }
}
