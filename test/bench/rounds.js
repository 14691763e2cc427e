/** Timing that survives a busy machine: contestants take turns, and what counts is the median of many short rounds. */

/** @param {readonly number[]} values */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  return low + (high - low) * (place - Math.floor(place));
}

/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/**
 * Runs each task once per round, in an order that turns from round to round, and tells the durations in milliseconds.
 *
 * @param {Readonly<Record<string, () => unknown>>} tasks
 * @param {{ rounds: number, warmUp?: number }} options
 * @returns {Promise<Record<string, number[]>>}
 */
export async function takeTurns(tasks, { rounds, warmUp = 2 }) {
  const names = Object.keys(tasks);
  const durations = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + Math.abs(round)) % names.length];
      const duration = await timed(tasks[name]);
      if (round >= 0) durations[name].push(duration);
    }
  }
  return durations;
}

/** How long a task takes, in milliseconds. A task that isn't asynchronous isn't awaited. */
export async function timed(task) {
  const start = performance.now();
  const result = task();
  if (typeof result?.then === 'function') await result;
  return performance.now() - start;
}

/** How often a task fits in `targetMs`, at least once. */
export async function repetitionsFor(task, targetMs) {
  const warmUpEnd = performance.now() + 10 * targetMs;
  const durations = [];
  while (performance.now() < warmUpEnd || durations.length < 3) durations.push(await timed(task));
  return Math.max(1, Math.round(targetMs / median(durations.slice(-20))));
}
