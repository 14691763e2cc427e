import type { WatchedSchedule, WatchedStage } from '../../../flags/flag-definition.js';
import {
  enterStage,
  ROLLOUT_CONTROLLER,
  type RolloutProgress,
  type RunningRollout,
} from '../../../flags/rollout-progress.js';
import { judgeChecks } from './judge-checks.js';
import { limitQuery } from './limit-query.js';
import {
  type ArmObservations,
  type MeasuredObservations,
  type RolloutObservations,
  requestsOf,
} from './observations.js';
import { isCompared, isWatched, needsRequests, placeAfter } from './stages.js';
import { describeVerdict, type Verdict } from './verdict.js';

/** What is to be done with a watched rollout now, and why. */
export interface Judgement {
  /**
   * `wait`: there is nothing new to judge. `hold`: it was judged, and stays where it is. `promote`: to `progress.stage`.
   * `rollback`: to nobody. `complete`: to the last stage's share, for good.
   */
  readonly action: 'wait' | 'hold' | 'promote' | 'rollback' | 'complete';
  /** One per check that this stage has; none where nothing was judged. */
  readonly verdicts: readonly Verdict[];
  readonly reason: string;
  /** Where the rollout stands afterwards. */
  readonly progress: RolloutProgress;
  /** A person should know this, and it does not pass by itself. */
  readonly alarm?: string;
}

/** Reasons to hold that are no trouble: one passes by itself, one may pass in time, one is a person's to end. */
export const STAGE_TIME = "the stage's time is not over";
export const SMALL_SAMPLE = 'the sample is too small';
export const APPROVAL = 'the next stage waits for approval';

/** So many measurements in a row may fail before a person should know. */
const MEASUREMENT_ALARM_AFTER = 5;

/**
 * Judges a watched rollout by what was measured. A pure function: whoever calls it measures, writes the progress and serves
 * by it.
 *
 * The first that applies decides: nothing new to judge → wait; no data → what `onNoData` says, after its grace; harm → roll
 * back; a limit that failed `failureLimit` looks in a row → roll back; anything that failed, can't be told or could not be
 * measured → hold; the stage's time is not over → hold; an approval is missing → hold; otherwise promote.
 *
 * @param now milliseconds since the epoch
 */
export function judge(
  plan: WatchedSchedule,
  progress: RolloutProgress,
  observations: RolloutObservations,
  now: number,
): Judgement {
  if (progress.status !== 'running') return stay('wait', `it is ${progress.status}`, progress);
  const stage = plan.stages[progress.stage];
  if (stage === undefined) return stay('hold', `the rollout has no stage ${progress.stage + 1} any more`, progress);
  if (now < progress.since) return stay('hold', 'the stage has not begun, by the clock of this process', progress);
  if (stage.percentage > (progress.percentage ?? 100)) {
    const reason = `stage ${progress.stage + 1} has ${stage.percentage} % in the document by now, and ${progress.percentage} % are served`;
    return stay('hold', `${reason}: a person has to say where it goes on`, progress);
  }
  const at: Look = { plan, stage, progress, now };
  if (!isWatched(stage, plan.checks)) return moveOn(at, progress, []);
  if (observations.until <= progress.judgedUntil) return stay('wait', 'no new window is whole', progress);
  if (observations.type === 'failed') return couldNotLook(at, observations.until, observations.error);
  if (observations.from < progress.since) return stay('wait', 'the counts began before the stage', progress);
  if (hasNoData(at, observations)) return withoutData(at, observations.until);
  return judgeData(at, observations.until, judgeChecks(plan, stage, observations));
}

/** One look at a rollout. */
interface Look {
  readonly plan: WatchedSchedule;
  readonly stage: WatchedStage;
  readonly progress: RunningRollout;
  readonly now: number;
}

function stay(
  action: 'wait' | 'hold',
  reason: string,
  progress: RolloutProgress,
  verdicts: readonly Verdict[] = [],
): Judgement {
  return { action, verdicts, reason, progress };
}

/** No requests in an arm that should have some; or, where only own queries are asked, no answer to any. */
function hasNoData({ plan, stage }: Look, { window, queries }: MeasuredObservations): boolean {
  const isEmpty = (arm: ArmObservations): boolean => !(requestsOf(arm) > 0);
  if (needsRequests(plan.checks)) return isEmpty(window.in) || (isCompared(stage) && isEmpty(window.out));
  return plan.checks.queries.every((query) => limitQuery(query, queries.get(query.name)).result === 'inconclusive');
}

function withoutData(at: Look, judgedUntil: number): Judgement {
  const { onNoData, noDataGraceMs } = at.plan.checks;
  const missingMs = judgedUntil - at.progress.dataUntil;
  const looked = { ...at.progress, judgedUntil };
  if (missingMs < noDataGraceMs) return stay('hold', 'there is no data yet', looked);
  if (onNoData === 'hold') return stay('hold', 'there is no data', looked);
  const reason = `there has been no data for ${Math.floor(missingMs / 60_000)} minutes (onNoData: ${onNoData})`;
  return onNoData === 'rollback' ? rollBack(at, [], reason) : moveOn(at, looked, [], reason);
}

function judgeData(at: Look, until: number, verdicts: readonly Verdict[]): Judgement {
  const failures = countFailures(at.progress.failures, verdicts);
  const { failureLimit } = at.plan.checks;
  const failed = verdicts.filter(({ result }) => result === 'fail');
  const decisive = failed.find(({ check }) => isHarm(check) || (failures.get(check) ?? 0) >= failureLimit);
  if (decisive !== undefined) return rollBack(at, verdicts, describeVerdict(decisive));
  const error = verdicts.find(({ result }) => result === 'error');
  if (error !== undefined) {
    const progress = { ...at.progress, dataUntil: until, failures };
    return couldNotMeasure({ ...at, progress }, until, verdicts, describeVerdict(error));
  }
  const looked = lookedAt(at.progress, until, failures);
  const open = verdicts.find(({ result }) => result !== 'pass');
  return open === undefined ? moveOn(at, looked, verdicts) : stay('hold', holdReason(open), looked, verdicts);
}

/** Spelt out, because it is made at every look: a spread takes longer than all the rest of the look. */
function lookedAt(
  { status, seed, by, stage, percentage, since, approvedBy }: RunningRollout,
  until: number,
  failures: ReadonlyMap<string, number>,
): RunningRollout {
  return {
    status,
    seed,
    by,
    stage,
    ...(percentage === undefined ? undefined : { percentage }),
    since,
    judgedUntil: until,
    dataUntil: until,
    failures,
    failedMeasurements: 0,
    approvedBy,
  };
}

/** Harm is tested so that one failure is enough; limits are not. */
function isHarm(check: string): boolean {
  return check === 'maxErrorRateIncrease';
}

function holdReason({ check, result }: Verdict): string {
  if (check === 'minimumRequests') return SMALL_SAMPLE;
  return result === 'fail' ? `${check} failed` : `${check} cannot be told yet`;
}

/** A limit that holds again starts from 0; one that can't be told keeps its count. */
function countFailures(
  failures: ReadonlyMap<string, number>,
  verdicts: readonly Verdict[],
): ReadonlyMap<string, number> {
  if (failures.size === 0 && verdicts.every(({ result }) => result !== 'fail')) return failures;
  const counted = new Map(failures);
  for (const { check, result } of verdicts) {
    if (result === 'fail') counted.set(check, (counted.get(check) ?? 0) + 1);
    else if (result === 'pass') counted.delete(check);
  }
  return counted;
}

/** Windows that nobody could look at are no windows without data. */
function couldNotLook(at: Look, until: number, error: string): Judgement {
  const dataUntil = at.progress.dataUntil + (until - at.progress.judgedUntil);
  return couldNotMeasure({ ...at, progress: { ...at.progress, dataUntil } }, until, [], error);
}

function couldNotMeasure(at: Look, judgedUntil: number, verdicts: readonly Verdict[], reason: string): Judgement {
  const failedMeasurements = at.progress.failedMeasurements + 1;
  const held = stay('hold', reason, { ...at.progress, judgedUntil, failedMeasurements }, verdicts);
  if (failedMeasurements < MEASUREMENT_ALARM_AFTER) return held;
  return { ...held, alarm: `${failedMeasurements} measurements in a row failed, the last with: ${reason}` };
}

function rollBack({ plan, progress, now }: Look, verdicts: readonly Verdict[], reason: string): Judgement {
  const { seed, stage } = progress;
  const restsUntil = now + plan.checks.cooldownMs;
  return {
    action: 'rollback',
    verdicts,
    reason,
    progress: { status: 'rolled-back', seed, by: ROLLOUT_CONTROLLER, stage, reason, at: now, restsUntil },
  };
}

/**
 * Nothing speaks against the next stage; the clock and people may.
 * @param without why it goes on although nothing passed
 */
function moveOn(
  { plan, stage, now }: Look,
  looked: RunningRollout,
  verdicts: readonly Verdict[],
  without?: string,
): Judgement {
  if (now - looked.since < (stage.durationMs ?? 0)) return stay('hold', STAGE_TIME, looked, verdicts);
  if (stage.approval && looked.approvedBy === undefined) {
    return stay('hold', APPROVAL, looked, verdicts);
  }
  const place = placeAfter(plan, looked.stage, looked.since, now);
  const { seed } = looked;
  const by = ROLLOUT_CONTROLLER;
  const approval = stage.approval && looked.approvedBy !== undefined ? `, approved by ${looked.approvedBy}` : '';
  if (place === 'completed') {
    const progress: RolloutProgress = { status: 'completed', seed, by, at: now };
    return { action: 'complete', verdicts, reason: `${without ?? 'every stage passed'}${approval}`, progress };
  }
  const progress = enterStage({ seed, by }, place.stage, place.since, plan.stages[place.stage]?.percentage);
  return {
    action: 'promote',
    verdicts,
    reason: `${without ?? `stage ${looked.stage + 1} passed`}${approval}`,
    progress,
  };
}
