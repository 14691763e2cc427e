import { changeInstants } from './change-instants.js';
import type { CompiledFlag } from './compiled-flag.js';
import { nextScheduleChange } from './schedule.js';

/**
 * The next instant after `now` at which time alone may change an answer of this flag, leaving prerequisites aside;
 * `Infinity` if there is none. Milliseconds since the epoch. A curve that moves is looked at once a minute.
 */
export function nextChange(flag: CompiledFlag, now: number): number {
  const instants = changeInstants(flag, (schedule) => nextScheduleChange(schedule, now));
  return Math.min(...instants.filter((instant) => instant > now), Infinity);
}
