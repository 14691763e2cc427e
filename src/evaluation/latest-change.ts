import { changeInstants } from './change-instants.js';
import type { CompiledFlag } from './compiled-flag.js';
import { latestScheduleChange } from './schedule.js';

/**
 * The latest instant up to `now` at which time alone may have changed an answer of this flag, leaving prerequisites aside;
 * `-Infinity` if there is none. Milliseconds since the epoch. A curve that moves counts as changing once a minute.
 *
 * Between this instant and `now` the flag's answers are the same, except along a curve.
 */
export function latestChange(flag: CompiledFlag, now: number): number {
  const instants = changeInstants(flag, (schedule) => latestScheduleChange(schedule, now));
  return Math.max(...instants.filter((instant) => instant <= now), -Infinity);
}
