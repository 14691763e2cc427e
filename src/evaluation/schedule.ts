import type { CurveSchedule, Schedule, StagedSchedule } from '../flags/flag-definition.js';

/** How steep the S-curve is. */
const STEEPNESS = 10;

/** While a curve moves, its answers change all the time; whoever follows them looks once a minute. */
const CURVE_STEP_MS = 60_000;

/** The share of units that are in at `now`, in percent (0–100). `now` is milliseconds since the epoch. */
export function percentageAt(schedule: Schedule, now: number): number {
  switch (schedule.type) {
    case 'fixed':
      return schedule.percentage;
    case 'curve':
      return curvePercentage(schedule, now);
    case 'stages':
      return stagePercentage(schedule, now);
    case 'watched':
      return now < schedule.start ? 0 : (schedule.stages[0]?.percentage ?? 0);
  }
}

/** Whether the share depends on time at all. */
export function isTimed(schedule: Schedule): boolean {
  return (
    schedule.type === 'curve' ||
    schedule.type === 'stages' ||
    (schedule.type === 'watched' && schedule.start > -Infinity)
  );
}

/** The next instant after `now` at which the share may be another; `Infinity` if it stays. Both in milliseconds since the epoch. */
export function nextScheduleChange(schedule: Schedule, now: number): number {
  if (schedule.type === 'fixed') return Infinity;
  if (now < schedule.start) return schedule.start;
  if (schedule.type === 'watched') return Infinity;
  if (schedule.type === 'curve') {
    const end = schedule.start + schedule.durationMs;
    return now < end ? Math.min(now + CURVE_STEP_MS, end) : Infinity;
  }
  let end = schedule.start;
  for (const stage of schedule.stages) {
    end += stage.durationMs;
    if (now < end) return end;
  }
  return Infinity;
}

/**
 * The latest instant up to `now` at which the share became another; `-Infinity` if it never did. A curve counts as moving
 * at each full minute from its start. Both in milliseconds since the epoch.
 */
export function latestScheduleChange(schedule: Schedule, now: number): number {
  if (schedule.type === 'fixed' || now < schedule.start) return -Infinity;
  if (schedule.type === 'watched') return schedule.start;
  if (schedule.type === 'curve') {
    const elapsed = Math.min(now - schedule.start, schedule.durationMs);
    const isOver = elapsed === schedule.durationMs;
    return schedule.start + (isOver ? elapsed : Math.floor(elapsed / CURVE_STEP_MS) * CURVE_STEP_MS);
  }
  let latest = schedule.start;
  for (const stage of schedule.stages) {
    if (now < latest + stage.durationMs) break;
    latest += stage.durationMs;
  }
  return latest;
}

/** The instant from which on the share stays as it is, in milliseconds since the epoch. */
export function scheduleEnd(schedule: CurveSchedule | StagedSchedule): number {
  if (schedule.type === 'curve') return schedule.start + schedule.durationMs;
  return schedule.stages.slice(0, -1).reduce((end, { durationMs }) => end + durationMs, schedule.start);
}

function stagePercentage({ start, stages }: StagedSchedule, now: number): number {
  if (now < start) return 0;
  let end = start;
  for (const stage of stages) {
    end += stage.durationMs;
    if (now < end) return stage.percentage;
  }
  return 0;
}

function curvePercentage({ curve, from, to, start, durationMs }: CurveSchedule, now: number): number {
  if (now < start) return 0;
  const progress = (now - start) / durationMs;
  if (progress >= 1) return to;
  return from + (to - from) * (curve === 'linear' ? progress : normalisedLogistic(progress));
}

/** The logistic with k = 10 around ½, normalised so that it is exactly 0 at 0 and 1 at 1. */
function normalisedLogistic(progress: number): number {
  const first = logistic(-STEEPNESS / 2);
  const last = logistic(STEEPNESS / 2);
  return (logistic(STEEPNESS * (progress - 0.5)) - first) / (last - first);
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
