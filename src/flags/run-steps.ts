import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long one slice of work may hold up everything else, in milliseconds. */
const SLICE_MS = 8;

/** Runs steps to their end, without a pause. */
export function runAtOnce<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs steps to their end, and lets other work of the process in whenever a slice of time is used up. */
export async function runInSlices<Result>(steps: Generator<void, Result>): Promise<Result> {
  let deadline = performance.now() + SLICE_MS;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() >= deadline) {
      await nextTurn();
      deadline = performance.now() + SLICE_MS;
    }
  }
}
