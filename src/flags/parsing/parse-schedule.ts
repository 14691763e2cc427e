import type { RolloutChecks, Schedule, WatchedStage } from '../flag-definition.js';
import { stageWords } from './foreign-words.js';
import { parseChecks } from './parse-checks.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { type NumberRange, percentageRange, readBoolean, readInstant, readNumber, readWord } from './read-scalars.js';
import { showValue } from '../show-value.js';

/** The keys of a rollout that say how its percentage changes. */
export interface ScheduleFields {
  readonly percentage: unknown;
  readonly curve: unknown;
  readonly from: unknown;
  readonly to: unknown;
  readonly hours: unknown;
  readonly start: unknown;
  readonly stages: unknown;
  readonly checks: unknown;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const curves = ['linear', 's-curve'] as const;
const positiveHours: NumberRange = { what: 'a number of hours above 0', above: 0, maximum: 1_000_000 };

/** Exactly one of `percentage`, `curve` and `stages`, with what belongs to it. `undefined` after a problem. */
export function parseSchedule(fields: ScheduleFields, place: Place, log: ProblemLog): Schedule | undefined {
  const given = (['percentage', 'curve', 'stages'] as const).filter((name) => fields[name] !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of them' : given.join(' and ');
    log.error(
      place,
      `expected exactly one of percentage, curve and stages, found ${found}. ${given.length === 0 ? 'Write `percentage: 10`.' : 'Keep one.'}`,
    );
    return undefined;
  }
  const before = log.errorCount;
  const [kind = 'percentage'] = given;
  refuseForeignFields(fields, kind, place, log);
  const schedule =
    kind === 'percentage'
      ? parseFixed(fields, place, log)
      : kind === 'curve'
        ? parseCurve(fields, place, log)
        : parseStages(fields, place, log);
  return log.errorCount > before ? undefined : schedule;
}

const fieldsOf: { readonly [Kind in 'percentage' | 'curve' | 'stages']: readonly (keyof ScheduleFields)[] } = {
  percentage: ['percentage'],
  curve: ['curve', 'from', 'to', 'hours', 'start'],
  stages: ['stages', 'start', 'checks'],
};

function refuseForeignFields(fields: ScheduleFields, kind: keyof typeof fieldsOf, place: Place, log: ProblemLog): void {
  for (const name of ['from', 'to', 'hours', 'start', 'checks'] as const) {
    if (fields[name] === undefined || fieldsOf[kind].includes(name)) continue;
    const home = (['curve', 'stages'] as const).filter((other) => fieldsOf[other].includes(name));
    log.error(place, `belongs to \`${home.join('` or `')}\`, not to \`${kind}\`.`, name);
  }
}

function parseFixed(fields: ScheduleFields, place: Place, log: ProblemLog): Schedule | undefined {
  const percentage = readNumber(fields.percentage, percentageRange, 'percentage', place, log);
  return percentage === undefined ? undefined : { type: 'fixed', percentage };
}

function parseCurve(fields: ScheduleFields, place: Place, log: ProblemLog): Schedule | undefined {
  const curve = readWord(fields.curve, curves, 'curve', place, log);
  const from = readNumber(fields.from, percentageRange, 'from', place, log) ?? 0;
  const to = readNumber(fields.to, percentageRange, 'to', place, log) ?? 100;
  const hours = readNumber(fields.hours, positiveHours, 'hours', place, log);
  const start = readInstant(fields.start, 'start', place, log);
  if (fields.hours === undefined) log.error(place, 'a curve needs `hours`: how long it takes. Add `hours: 72`.');
  if (fields.start === undefined) log.error(place, missingStart);
  if (curve === undefined || hours === undefined || start === undefined) return undefined;
  return { type: 'curve', curve, from, to, start, durationMs: hours * HOUR_MS };
}

const missingStart = 'a schedule needs `start`. Add `start: 2027-01-10T09:00:00Z`.';

function parseStages(fields: ScheduleFields, place: Place, log: ProblemLog): Schedule | undefined {
  const start = readInstant(fields.start, 'start', place, log);
  if (fields.checks !== undefined) return parseWatched(fields, start ?? -Infinity, place, log);
  if (fields.start === undefined) {
    log.error(
      place,
      `${missingStart} Or \`checks: {}\`, for a controller to move it on while its requests stay healthy.`,
    );
  }
  const stages = readStages(fields.stages, false, place, log).map(({ percentage, durationMs = Infinity }) => ({
    percentage,
    durationMs,
  }));
  return start === undefined ? undefined : { type: 'stages', start, stages };
}

function parseWatched(fields: ScheduleFields, start: number, place: Place, log: ProblemLog): Schedule | undefined {
  const checks = parseChecks(fields.checks, place, log);
  const before = log.errorCount;
  const stages = readStages(fields.stages, true, place, log);
  if (log.errorCount === before) refuseFalling(stages, { around: place, step: 'stages' }, log);
  const inChecks: Place = { around: place, step: 'checks' };
  if (checks === undefined || log.errorCount > before) return undefined;
  if (onlyCompares(checks) && !stages.some(({ percentage }) => percentage > 0 && percentage < 100)) {
    log.warn(
      inChecks,
      'no stage has units both in and out, so there is nothing to compare. Add `maxErrorRate: 0.01`, or a stage.',
    );
  }
  return { type: 'watched', start, stages, checks };
}

function refuseFalling(stages: readonly WatchedStage[], place: Place, log: ProblemLog): void {
  for (const [index, { percentage }] of stages.entries()) {
    const before = stages[index - 1]?.percentage ?? 0;
    if (percentage < before) {
      log.error(
        { around: place, step: index },
        `a watched rollout only grows: expected ${before} or more.`,
        'percentage',
      );
    }
  }
}

function onlyCompares({ maxErrorRate, maxP99Ms, queries }: RolloutChecks): boolean {
  return maxErrorRate === undefined && maxP99Ms === undefined && queries.length === 0;
}

function readStages(value: unknown, watched: boolean, place: Place, log: ProblemLog): readonly WatchedStage[] {
  const list: Place = { around: place, step: 'stages' };
  if (!Array.isArray(value) || value.length === 0) {
    log.error(
      list,
      `expected a list of stages, found ${showValue(value)}. Write \`[{ percentage: 1, hours: 24 }, { percentage: 100 }]\`.`,
    );
    return [];
  }
  const last = value.length - 1;
  return Array.from(value, (stage: unknown, index) =>
    parseStage(stage, { isLast: index === last, watched }, { around: list, step: index }, log),
  ).filter((stage) => stage !== undefined);
}

interface StagePosition {
  readonly isLast: boolean;
  readonly watched: boolean;
}

function parseStage(value: unknown, position: StagePosition, place: Place, log: ProblemLog): WatchedStage | undefined {
  if (!isMapping(value)) {
    log.error(place, `expected a stage, found ${showValue(value)}. Write \`{ percentage: 10, hours: 24 }\`.`);
    return undefined;
  }
  const before = log.errorCount;
  const fields = readFields(
    value,
    { percentage: undefined, minutes: undefined, hours: undefined, approval: undefined },
    stageWords,
    place,
    log,
  );
  const percentage = readNumber(fields.percentage, percentageRange, 'percentage', place, log);
  if (fields.percentage === undefined) log.error(place, 'a stage needs `percentage`. Add `percentage: 10`.');
  const approval = readBoolean(fields.approval, 'approval', place, log) ?? false;
  if (fields.approval !== undefined && !position.watched)
    log.error(place, 'approval needs a rollout with `checks`.', 'approval');
  else if (approval && position.isLast)
    log.error(place, 'after the last stage there is nothing to approve.', 'approval');
  const durationMs = readDuration(fields, position, place, log);
  return percentage === undefined || log.errorCount > before ? undefined : { percentage, durationMs, approval };
}

/** `undefined`: the stage holds, or there was a problem. */
function readDuration(
  { minutes, hours }: { readonly minutes: unknown; readonly hours: unknown },
  { isLast, watched }: StagePosition,
  place: Place,
  log: ProblemLog,
): number | undefined {
  const given = Number(minutes !== undefined) + Number(hours !== undefined);
  if (isLast && given === 0) return undefined;
  if (isLast && !watched) {
    log.error(
      place,
      'the last stage holds, so it has neither `minutes` nor `hours`. Leave it out, or add a stage after it.',
    );
    return undefined;
  }
  if (given !== 1) {
    const which = isLast ? 'the last stage has at most one' : 'every stage but the last needs exactly one';
    log.error(place, `${which} of minutes and hours, found ${given === 0 ? 'none of them' : 'both'}.`);
    return undefined;
  }
  const range: NumberRange = watched
    ? { what: 'a duration of 0 or more', minimum: 0, maximum: 100_000_000 }
    : { what: 'a duration above 0', above: 0, maximum: 100_000_000 };
  const unit = minutes === undefined ? 'hours' : 'minutes';
  const amount = readNumber(minutes === undefined ? hours : minutes, range, unit, place, log);
  return amount === undefined ? undefined : amount * (unit === 'hours' ? HOUR_MS : MINUTE_MS);
}
