import type { Outcome } from '../flags/flag-definition.js';
import type { CompiledFlag } from './compiled-flag.js';
import { nextScheduleChange } from './schedule.js';

/**
 * The next instant after `now` at which time alone may change an answer of this flag, leaving prerequisites aside;
 * `Infinity` if there is none. Milliseconds since the epoch. A curve that moves is looked at once a minute.
 */
export function nextChange({ timedKill, settled, outcome, definition }: CompiledFlag, now: number): number {
  const instants = [timedKill?.until ?? Infinity];
  // What is settled for everyone stays so, whatever the schedule says.
  if (outcome !== undefined && settled === undefined) {
    instants.push(nextOutcomeChange(outcome, now));
    for (const rule of definition?.rules ?? []) {
      instants.push(rule.from ?? Infinity, rule.until ?? Infinity, nextOutcomeChange(rule.outcome, now));
    }
  }
  return Math.min(...instants.filter((instant) => instant > now), Infinity);
}

function nextOutcomeChange(outcome: Outcome, now: number): number {
  return outcome.type === 'rollout' || outcome.type === 'experiment'
    ? nextScheduleChange(outcome.rollout.schedule, now)
    : Infinity;
}
