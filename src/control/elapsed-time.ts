import type { Clock } from '../runtime/evaluator.js';

/** Milliseconds since some moment, for durations: they only ever grow. */
export type ElapsedTime = () => number;

/**
 * Time for durations. The system's clock is set now and then, by hand or from the network; its monotonic one never is.
 * @param clock a clock of the application's own (a test's, most likely), which is followed, except for steps back
 */
export function createElapsedTime(clock: Clock | undefined): ElapsedTime {
  if (clock === undefined) return () => performance.now();
  let latest = Infinity;
  let elapsed = 0;
  return () => {
    const now = clock.now();
    // What is no time doesn't count.
    if (!Number.isFinite(now)) return elapsed;
    elapsed += Math.max(0, now - latest);
    latest = now;
    return elapsed;
  };
}
