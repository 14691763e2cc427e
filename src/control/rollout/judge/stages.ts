import type { RolloutChecks, WatchedSchedule, WatchedStage } from '../../../flags/flag-definition.js';

/** Whether a stage has units in both arms. */
export function isCompared({ percentage }: WatchedStage): boolean {
  return percentage > 0 && percentage < 100;
}

/** Whether anything can be measured in a stage. Where nothing can, time alone moves the rollout on. */
export function isWatched(stage: WatchedStage, checks: RolloutChecks): boolean {
  if (stage.percentage === 0) return false;
  return isCompared(stage) || hasAbsoluteLimit(checks);
}

function hasAbsoluteLimit({ maxErrorRate, maxP99Ms, queries }: RolloutChecks): boolean {
  return maxErrorRate !== undefined || maxP99Ms !== undefined || queries.length > 0;
}

/** Whether requests must be counted to judge a stage: not if a user's own queries say everything. */
export function needsRequests(checks: RolloutChecks): boolean {
  return (
    checks.minimumRequests > 0 ||
    checks.maxErrorRate !== undefined ||
    checks.maxErrorRateIncrease !== undefined ||
    checks.maxP99Ms !== undefined ||
    checks.maxP99Increase !== undefined
  );
}

/**
 * The chance of a false alarm that one stage may use up: all that are compared share it, so that the rollout as a whole
 * keeps to what `confidence` says.
 */
export function alphaOf({ stages, checks }: WatchedSchedule): number {
  return (1 - checks.confidence) / Math.max(stages.filter(isCompared).length, 1);
}

/** Where a rollout stands: at a stage since a time, or at its end. */
export type StagePlace = { readonly stage: number; readonly since: number } | 'completed';

/**
 * Where a rollout goes that leaves a stage now. Stages that time alone moves on begin where the one before should have
 * ended, and those whose time is over already are passed in one step: as if the controller had not been away. A stage that
 * is watched, or needs approval, begins now, and is never passed.
 */
export function placeAfter(
  { stages, checks }: WatchedSchedule,
  leaving: number,
  since: number,
  now: number,
): StagePlace {
  let ended = now;
  const left = stages[leaving];
  if (left?.durationMs !== undefined && movesByTime(left, checks)) ended = since + left.durationMs;
  for (let index = leaving + 1; index < stages.length; index += 1) {
    const stage = stages[index];
    // The last stage has no time: it is complete as soon as it is entered.
    if (stage?.durationMs === undefined) break;
    if (!movesByTime(stage, checks)) return { stage: index, since: now };
    if (ended + stage.durationMs > now) return { stage: index, since: ended };
    ended += stage.durationMs;
  }
  return 'completed';
}

function movesByTime(stage: WatchedStage, checks: RolloutChecks): boolean {
  return !stage.approval && !isWatched(stage, checks);
}
