import type { Outcome, Schedule } from '../flags/flag-definition.js';
import type { CompiledFlag } from './compiled-flag.js';

/**
 * The instants at which time alone may change an answer of this flag, in milliseconds since the epoch, leaving prerequisites
 * aside: the ends of its kill, the times of its rules, and of each schedule the one that `ofSchedule` says. Infinite ones
 * stand for none.
 */
export function changeInstants(
  { timedKill, settled, outcome, definition }: CompiledFlag,
  ofSchedule: (schedule: Schedule) => number,
): readonly number[] {
  const instants = timedKill === undefined ? [] : [timedKill.until];
  // What is settled for everyone stays so, whatever the schedule says.
  if (outcome === undefined || settled !== undefined) return instants;
  const outcomes = [outcome];
  for (const { from = -Infinity, until = Infinity, outcome: ofRule } of definition?.rules ?? []) {
    instants.push(from, until);
    outcomes.push(ofRule);
  }
  return [...instants, ...outcomes.flatMap((one) => schedulesOf(one).map(ofSchedule))];
}

function schedulesOf(outcome: Outcome): readonly Schedule[] {
  return outcome.type === 'rollout' || outcome.type === 'experiment' ? [outcome.rollout.schedule] : [];
}
