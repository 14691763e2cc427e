import { isLine } from '../options/check-options.js';
import type { InstanceReport } from './fleet-register.js';

/** How long a text of a report may be, in characters: its id, its host, its version. */
const LONGEST_TEXT = 256;

/** What came is no report. The message says what is wrong, and repeats nothing of it. */
export class BadReportError extends Error {
  override readonly name = 'BadReportError';
}

/**
 * Reads what somebody sent or wrote as an instance's report. What it has beside is left out.
 * @throws BadReportError
 */
export function parseInstanceReport(value: unknown): InstanceReport {
  if (typeof value !== 'object' || value === null) throw new BadReportError('expected an object.');
  const { id, host, pid, startedAt, version } = value as Readonly<Record<string, unknown>>;
  return {
    id: textOf('id', id),
    host: textOf('host', host),
    pid: numberOf('pid', pid, Number.isSafeInteger),
    startedAt: numberOf('startedAt', startedAt, Number.isFinite),
    version: version === undefined ? undefined : textOf('version', version),
  };
}

/** @throws BadReportError */
export function textOf(name: string, value: unknown): string {
  if (isText(value)) return value;
  throw new BadReportError(`\`${name}\`: expected a text of 1 to ${LONGEST_TEXT} characters, on one line.`);
}

/** @throws BadReportError */
export function numberOf(name: string, value: unknown, isRight: (value: number) => boolean): number {
  if (typeof value === 'number' && isRight(value)) return value;
  throw new BadReportError(`\`${name}\`: expected another number.`);
}

const isText = isLine(LONGEST_TEXT);
