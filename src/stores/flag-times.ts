import { isKey } from '../flags/names.js';
import { type FlagTimes, MOST_NOTED } from './fleet-register.js';
import { BadReportError } from './instance-report.js';

/** Flags' times as JSON has them: an object of milliseconds by flag key. */
export function serializeFlagTimes(times: FlagTimes): Readonly<Record<string, number>> {
  return Object.fromEntries(times);
}

/**
 * Reads what somebody sent as flags' times.
 *
 * @param most how many there may be
 * @throws BadReportError
 */
export function parseFlagTimes(value: unknown, most: number = MOST_NOTED): FlagTimes {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadReportError('`usage`: expected an object of times by flag key.');
  }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  if (entries.length > most) throw new BadReportError(`\`usage\`: expected at most ${most} flags.`);
  const times = new Map<string, number>();
  for (const [key, at] of entries) {
    if (!isKey(key)) throw new BadReportError('`usage`: expected flag keys.');
    if (typeof at !== 'number' || !Number.isFinite(at) || at < 0) {
      throw new BadReportError('`usage`: expected milliseconds since the epoch.');
    }
    times.set(key, at);
  }
  return times;
}
