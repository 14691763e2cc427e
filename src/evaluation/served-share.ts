import type { FlagDefinition, Outcome, WatchedSchedule } from '../flags/flag-definition.js';
import type { RolloutProgress } from '../flags/rollout-progress.js';
import { watchedRolloutOf } from '../flags/watched-rollout.js';

/**
 * The share that the state says, in percent (0–100); `undefined`: the document alone says it, because the rollout has not
 * begun, or is another one since.
 */
export function progressedPercentage(
  definition: FlagDefinition,
  progress: RolloutProgress | undefined,
): number | undefined {
  if (progress === undefined) return undefined;
  const rollout = watchedRolloutOf(definition);
  if (rollout === undefined || rollout.seed !== progress.seed) return undefined;
  return percentageOf(rollout.schedule, progress);
}

/** The share that a rollout's progress stands for, in percent (0–100). */
export function percentageOf({ stages }: WatchedSchedule, progress: RolloutProgress): number {
  switch (progress.status) {
    case 'rolled-back':
      return 0;
    case 'completed':
      return stages.at(-1)?.percentage ?? 0;
    case 'running':
    case 'paused':
      // Whoever edits the stages under way lets nobody in by that: a person says where it goes on.
      return Math.min((stages[progress.stage] ?? stages[0])?.percentage ?? 0, progress.percentage ?? 100);
  }
}

/** The outcome with the share that the state says. */
export function outcomeAt(outcome: Outcome, percentage: number | undefined): Outcome {
  if (percentage === undefined) return outcome;
  if (outcome.type !== 'rollout' && outcome.type !== 'experiment') return outcome;
  return { ...outcome, rollout: { ...outcome.rollout, schedule: { type: 'fixed', percentage } } };
}
