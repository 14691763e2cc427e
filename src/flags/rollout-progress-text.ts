import { readInstant, writeInstant } from './instant-text.js';
import { isMapping } from './parsing/read-fields.js';
import type { PausedRollout, RolloutProgress, RunningRollout } from './rollout-progress.js';
import { showValue } from './show-value.js';

/** What a rollout's progress looks like as JSON; times are ISO 8601. What is usual is left out. */
export interface WrittenProgress {
  readonly status: RolloutProgress['status'];
  readonly seed: string;
  readonly by: string;
  readonly [name: string]: unknown;
}

/** Progress as JSON data. */
export function serializeProgress(progress: RolloutProgress): WrittenProgress {
  const { status, seed, by } = progress;
  switch (status) {
    case 'running':
      return { status, seed, by, ...writeStage(progress) };
    case 'paused':
      return { status, seed, by, ...writeStage(progress), reason: progress.reason, at: writeInstant(progress.at) };
    case 'rolled-back': {
      const { stage, reason, at, restsUntil } = progress;
      return { status, seed, by, stage, reason, at: writeInstant(at), restsUntil: writeInstant(restsUntil) };
    }
    case 'completed':
      return { status, seed, by, at: writeInstant(progress.at) };
  }
}

/** Reads progress from JSON data: the progress, or why it is none. */
export function readProgress(value: unknown): RolloutProgress | string {
  if (!isMapping(value)) return `expected { status, seed, by, … }, found ${showValue(value)}.`;
  const { status, seed, by } = own(value);
  if (typeof seed !== 'string') return `\`seed\` must be a text, found ${showValue(seed)}.`;
  if (typeof by !== 'string') return `\`by\` must be a text, found ${showValue(by)}.`;
  const reader = new FieldReader(value);
  const read = readStatus(status, { seed, by }, reader);
  if (read === undefined) {
    return `\`status\` must be running, paused, rolled-back or completed, found ${showValue(status)}.`;
  }
  return reader.problem ?? read;
}

function readStatus(
  status: unknown,
  base: { readonly seed: string; readonly by: string },
  fields: FieldReader,
): RolloutProgress | undefined {
  switch (status) {
    case 'running':
      return { status, ...base, ...readStage(fields) };
    case 'paused':
      return { status, ...base, ...readStage(fields), reason: fields.text('reason'), at: fields.instant('at') };
    case 'rolled-back': {
      const at = fields.instant('at');
      const restsUntil = fields.instant('restsUntil', at);
      return { status, ...base, stage: fields.count('stage'), reason: fields.text('reason'), at, restsUntil };
    }
    case 'completed':
      return { status, ...base, at: fields.instant('at') };
    default:
      return undefined;
  }
}

type StageFields = Omit<RunningRollout, 'status' | 'seed' | 'by'>;

function writeStage(progress: RunningRollout | PausedRollout): object {
  const { stage, percentage, since, judgedUntil, dataUntil, failures, failedMeasurements, approvedBy } = progress;
  return {
    stage,
    ...(percentage === undefined ? {} : { percentage }),
    since: writeInstant(since),
    ...(judgedUntil === since ? {} : { judgedUntil: writeInstant(judgedUntil) }),
    ...(dataUntil === since ? {} : { dataUntil: writeInstant(dataUntil) }),
    ...(failures.size === 0 ? {} : { failures: Object.fromEntries(failures) }),
    ...(failedMeasurements === 0 ? {} : { failedMeasurements }),
    ...(approvedBy === undefined ? {} : { approvedBy }),
  };
}

function readStage(fields: FieldReader): StageFields {
  const since = fields.instant('since');
  const percentage = fields.percentage('percentage');
  return {
    stage: fields.count('stage'),
    ...(percentage === undefined ? {} : { percentage }),
    since,
    judgedUntil: fields.instant('judgedUntil', since),
    dataUntil: fields.instant('dataUntil', since),
    failures: fields.counts('failures'),
    failedMeasurements: fields.count('failedMeasurements', 0),
    approvedBy: fields.optionalText('approvedBy'),
  };
}

/** Reads one field after the other, and keeps the first that is wrong. */
class FieldReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  #problem: string | undefined;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = own(fields);
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  instant(name: string, missing?: number): number {
    const value = this.#fields[name];
    if (value === undefined && missing !== undefined) return missing;
    return readInstant(value) ?? this.#report(name, 'a time such as 2027-01-10T09:00:00Z', value, 0);
  }

  count(name: string, missing?: number): number {
    const value = this.#fields[name];
    if (value === undefined && missing !== undefined) return missing;
    return isCount(value) ? value : this.#report(name, 'a whole number from 0', value, 0);
  }

  percentage(name: string): number | undefined {
    const value = this.#fields[name];
    if (value === undefined) return undefined;
    const isRight = typeof value === 'number' && value >= 0 && value <= 100;
    return isRight ? value : this.#report(name, 'a number from 0 to 100', value, 0);
  }

  counts(name: string): ReadonlyMap<string, number> {
    const value = this.#fields[name];
    const entries = value === undefined ? [] : isMapping(value) ? Object.entries(value) : undefined;
    const counts = entries?.filter((entry): entry is [string, number] => isCount(entry[1]));
    if (counts !== undefined && counts.length === entries?.length) return new Map(counts);
    return this.#report(name, 'whole numbers by names', value, new Map<string, number>());
  }

  text(name: string): string {
    const value = this.#fields[name] ?? '';
    return typeof value === 'string' ? value : this.#report(name, 'a text', value, '');
  }

  optionalText(name: string): string | undefined {
    return this.#fields[name] === undefined ? undefined : this.text(name);
  }

  #report<Value>(name: string, expected: string, found: unknown, instead: Value): Value {
    this.#problem ??= `\`${name}\` must be ${expected}, found ${showValue(found)}.`;
    return instead;
  }
}

/** Without a prototype, so that a field that isn't there is `undefined`. */
function own(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.assign(Object.create(null) as Record<string, unknown>, fields);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
