import type { Scalar } from '../flag-document.js';
import { nearestWord } from '../nearest-word.js';
import { correctInstant, parseInstant } from '../instant.js';
import type { Place, ProblemLog } from './problem-log.js';
import { showValue } from '../show-value.js';

/** Whether a value is a text, a boolean or a finite number. */
export function isScalar(value: unknown): value is Scalar {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}

/** An optional text that says something. */
export function readText(value: unknown, name: string, place: Place, log: ProblemLog): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  const quoted = typeof value === 'number' || typeof value === 'boolean' ? ` Write "${value}" in quotes.` : '';
  log.error(place, `expected a text, found ${value === '' ? 'an empty one' : showValue(value)}.${quoted}`, name);
  return undefined;
}

/** An optional text that may be empty. */
export function readAnyText(value: unknown, name: string, place: Place, log: ProblemLog): string | undefined {
  return value === '' ? value : readText(value, name, place, log);
}

/** An optional `true` or `false`. */
export function readBoolean(value: unknown, name: string, place: Place, log: ProblemLog): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  const meant =
    value === 'true' || value === 'on' || value === 'yes'
      ? true
      : value === 'false' || value === 'off' || value === 'no'
        ? false
        : undefined;
  log.error(
    place,
    `expected true or false, found ${showValue(value)}.${meant === undefined ? '' : ` Write ${meant}.`}`,
    name,
  );
  return undefined;
}

/** An optional word out of a few. */
export function readWord<Word extends string>(
  value: unknown,
  words: readonly Word[],
  name: string,
  place: Place,
  log: ProblemLog,
): Word | undefined {
  if (value === undefined) return undefined;
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  const near = typeof value === 'string' ? nearestWord(value, words) : undefined;
  const hint = near === undefined ? '' : ` Did you mean \`${near}\`?`;
  log.error(
    place,
    `expected ${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}, found ${showValue(value)}.${hint}`,
    name,
  );
  return undefined;
}

/** An optional date or time, in milliseconds since the epoch. */
export function readInstant(value: unknown, name: string, place: Place, log: ProblemLog): number | undefined {
  if (value === undefined) return undefined;
  const instant = typeof value === 'string' ? parseInstant(value) : undefined;
  if (instant === undefined) log.error(place, instantMessage(value), name);
  return instant;
}

/** Why a value is no date or time, and what would be one. */
export function instantMessage(value: unknown): string {
  const corrected =
    typeof value === 'string'
      ? correctInstant(value)
      : value instanceof Date && !Number.isNaN(value.getTime())
        ? value.toISOString()
        : undefined;
  const hint = corrected === undefined ? 'Write 2027-01-31 or 2027-01-31T09:00:00Z.' : `Write ${corrected}.`;
  return `expected a date, or a time with its offset from UTC, found ${showValue(value)}. ${hint}`;
}

/** What a number may be, as a message says it: `a percentage from 0 to 100`. */
export interface NumberRange {
  readonly what: string;
  readonly minimum?: number;
  readonly above?: number;
  readonly maximum?: number;
  readonly below?: number;
}

export const percentageRange: NumberRange = { what: 'a percentage from 0 to 100', minimum: 0, maximum: 100 };

/** An optional finite number in a range. */
export function readNumber(
  value: unknown,
  range: NumberRange,
  name: string,
  place: Place,
  log: ProblemLog,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && isInRange(value, range)) return value;
  log.error(place, numberMessage(value, range), name);
  return undefined;
}

/** Why a value is not in the range, and what to write if that can be told. */
export function numberMessage(value: unknown, range: NumberRange): string {
  const text = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%?\s*$/.exec(value)?.[1] : undefined;
  const hint = text !== undefined && isInRange(Number(text), range) ? ` Write ${Number(text)}.` : '';
  return `expected ${range.what}, found ${showValue(value)}.${hint}`;
}

/** Whether a number is finite and in the range. */
export function isInRange(value: number, range: NumberRange): boolean {
  return (
    Number.isFinite(value) &&
    (range.minimum === undefined || value >= range.minimum) &&
    (range.maximum === undefined || value <= range.maximum) &&
    (range.above === undefined || value > range.above) &&
    (range.below === undefined || value < range.below)
  );
}
