import { noForeignWords } from './foreign-words.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { type NumberRange, readNumber, readWord } from './read-scalars.js';
import { showValue } from '../show-value.js';

const share: NumberRange = { what: 'a share from 0 to 1', minimum: 0, maximum: 1 };
const positive: NumberRange = { what: 'a number above 0', above: 0 };
const notNegative: NumberRange = { what: 'a number of 0 or more', minimum: 0 };
const atLeastOne: NumberRange = { what: 'a number of 1 or more', minimum: 1 };
const betweenZeroAndOne: NumberRange = { what: 'a number above 0 and below 1', above: 0, below: 1 };

type Limit = NumberRange | readonly string[];

const breakerLimits: Readonly<Record<string, Limit>> = {
  errorRate: share,
  minimumRequests: atLeastOne,
  windowSeconds: positive,
  cooldownSeconds: positive,
  slowMs: positive,
  slowRate: share,
  reset: ['auto', 'manual'],
  scope: ['instance', 'fleet'],
};

const checkLimits: Readonly<Record<string, Limit>> = {
  maxErrorRate: share,
  maxErrorRateIncrease: share,
  maxP99Ms: positive,
  maxP99Increase: notNegative,
  minimumRequests: notNegative,
  onNoData: ['hold', 'rollback', 'promote'],
  noDataGraceMinutes: notNegative,
  failureLimit: notNegative,
  cooldownMinutes: notNegative,
  confidence: betweenZeroAndOne,
};

/** Checks a flag's `breaker`. This version does not act on it. */
export function parseBreaker(value: unknown, flag: Place, log: ProblemLog): void {
  if (value === undefined) return;
  const place: Place = { around: flag, step: 'breaker' };
  checkLimitsOf(value, breakerLimits, 'errorRate: 0.5', place, log);
  log.warn(place, 'this version checks the breaker but does not act on it yet: the kill switch trips only by hand.');
}

/** Checks the `checks` of a rollout. This version does not act on them. */
export function parseChecks(value: unknown, rollout: Place, log: ProblemLog): void {
  const place: Place = { around: rollout, step: 'checks' };
  checkLimitsOf(value, checkLimits, 'maxErrorRateIncrease: 0.01', place, log);
  log.warn(
    place,
    "this version serves the rollout's first stage but does not act on its checks yet: nothing moves it on.",
  );
}

function checkLimitsOf(
  value: unknown,
  limits: Readonly<Record<string, Limit>>,
  example: string,
  place: Place,
  log: ProblemLog,
): void {
  if (!isMapping(value)) {
    log.error(place, `expected a mapping, found ${showValue(value)}. Write \`{ ${example} }\`.`);
    return;
  }
  const blank: Record<string, unknown> = Object.fromEntries(Object.keys(limits).map((name) => [name, undefined]));
  const fields = readFields(value, blank, noForeignWords, place, log);
  for (const [name, limit] of Object.entries(limits)) {
    if (isWordList(limit)) readWord(fields[name], limit, name, place, log);
    else readNumber(fields[name], limit, name, place, log);
  }
}

function isWordList(limit: Limit): limit is readonly string[] {
  return Array.isArray(limit);
}
