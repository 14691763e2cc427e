import type { Outcome } from '../flags/flag-definition.js';
import type { CompiledFlag } from './compiled-flag.js';
import { latestScheduleChange } from './schedule.js';

/**
 * The latest instant up to `now` at which time alone may have changed an answer of this flag, leaving prerequisites aside;
 * `-Infinity` if there is none. Milliseconds since the epoch. A curve that moves counts as changing once a minute.
 *
 * Between this instant and `now` the flag's answers are the same, except along a curve.
 */
export function latestChange({ timedKill, settled, outcome, definition }: CompiledFlag, now: number): number {
  const instants = [timedKill?.until ?? Infinity];
  // What is settled for everyone stays so, whatever the schedule says.
  if (outcome !== undefined && settled === undefined) {
    instants.push(latestOutcomeChange(outcome, now));
    for (const rule of definition?.rules ?? []) {
      instants.push(rule.from ?? Infinity, rule.until ?? Infinity, latestOutcomeChange(rule.outcome, now));
    }
  }
  return Math.max(...instants.filter((instant) => instant <= now), -Infinity);
}

function latestOutcomeChange(outcome: Outcome, now: number): number {
  return outcome.type === 'rollout' || outcome.type === 'experiment'
    ? latestScheduleChange(outcome.rollout.schedule, now)
    : -Infinity;
}
