import type { FlagDefinition, Rollout, WatchedSchedule } from './flag-definition.js';

/** A rollout that has checks. */
export type WatchedRollout = Rollout & { readonly schedule: WatchedSchedule };

/** The rollout of a flag's own outcome, if it is a watched one. A rule's is nobody's to judge. */
export function watchedRolloutOf(definition: FlagDefinition | undefined): WatchedRollout | undefined {
  const outcome = definition?.outcome;
  if (outcome?.type !== 'rollout' && outcome?.type !== 'experiment') return undefined;
  return isWatched(outcome.rollout) ? outcome.rollout : undefined;
}

function isWatched(rollout: Rollout): rollout is WatchedRollout {
  return rollout.schedule.type === 'watched';
}
