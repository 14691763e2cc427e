import { didYouMean } from '../flags/nearest-word.js';
import { showName, showValue } from '../flags/show-value.js';

/** What an option may be. */
export interface OptionCheck {
  readonly allowed: string;
  readonly isRight: (value: unknown) => boolean;
  /** What came is never repeated. */
  readonly isSecret?: boolean;
  /** Whether nothing works without it. */
  readonly isRequired?: boolean;
}

/** A check for every option that the type has, so that none is forgotten. */
export type OptionChecks<Options> = { readonly [Name in keyof Required<Options>]: OptionCheck };

/**
 * Checks options once, where something is made of them.
 * @param where the function that was called, for the message
 * @throws TypeError that names the option, what came and what is allowed
 */
export function checkOptions<Options extends object>(
  where: string,
  options: Options,
  checks: OptionChecks<Options>,
): void {
  if (!isObject(options)) throw new TypeError(`${where}: expected an object of options, found ${show(options)}.`);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, name)) {
      const names = Object.keys(checks);
      throw new TypeError(`${where}: unknown option \`${name}\`.${didYouMean(name, names) || thereAre(names)}`);
    }
    const { allowed, isRight, isSecret = false } = checks[name as keyof Options];
    if (value === undefined || isRight(value)) continue;
    const found = isSecret ? showSecret(value) : show(value);
    throw new TypeError(`${where}: option \`${name}\`: expected ${allowed}, found ${found}.`);
  }
  for (const [name, { allowed, isRequired = false }] of Object.entries<OptionCheck>(checks)) {
    // A property that is there but undefined is as good as none.
    if (!isRequired || options[name as keyof Options] !== undefined) continue;
    throw new TypeError(`${where}: option \`${name}\`: expected ${allowed}, found nothing.`);
  }
}

/** An environment variable that is not set is the most frequent cause, and no secret. */
const showSecret = (value: unknown): string => (value === '' ? 'an empty text' : 'something else');

/** Where no name is near, all of them help: a unit that was left out, a word of another library. */
const thereAre = (names: readonly string[]): string => ` There are ${names.map(showName).join(', ')}.`;

export const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isListOfTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';

export const isFunction = (value: unknown): boolean => typeof value === 'function';

/** Texts that aren't empty. */
export const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** Texts of 1 to `longest` characters that stay on one line, wherever they are printed. */
export const isLine =
  (longest: number) =>
  (value: unknown): value is string =>
    typeof value === 'string' && value !== '' && value.length <= longest && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value);

/** The longest that a timer can wait, in milliseconds: about 24 days. Beyond that it would not wait at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds above 0 that a timer can wait. */
export const isDuration = (value: unknown): boolean =>
  typeof value === 'number' && value > 0 && value <= LONGEST_TIMER_MS;

/** Who changes something, and why: both go into the history. */
export const authorChecks: Readonly<Record<'by' | 'reason', OptionCheck>> = {
  by: { allowed: 'a text that says who', isRight: isText, isRequired: true },
  reason: { allowed: 'a text that says why', isRight: isText, isRequired: true },
};

/** Finite numbers above 0. */
export const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < Infinity;

/** Whole numbers from `low` to `high`. */
export const isWholeNumber =
  (low: number, high: number = Number.MAX_SAFE_INTEGER) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= low && (value as number) <= high;

/** Objects, also of a class, that have these methods. */
export const hasMethods =
  (...names: string[]) =>
  (value: unknown): boolean =>
    isObject(value) && names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

/** An address of a database often stands where a client of it should, and has its password in it. */
const addressWithUser = /:\/\/.*@/s;

/** What came, for a message. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string' && addressWithUser.test(value)) return 'an address with user or password';
  // What an object holds may be long, or nobody's business.
  return isObject(value) ? 'an object' : showValue(value);
}
