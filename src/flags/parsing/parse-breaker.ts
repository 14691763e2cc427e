import type { BreakerDefinition } from '../flag-definition.js';
import { showValue } from '../show-value.js';
import { breakerWords } from './foreign-words.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { type NumberRange, readNumber, readWord } from './read-scalars.js';

const share: NumberRange = { what: 'a share above 0, up to 1', above: 0, maximum: 1 };
const requests: NumberRange = { what: 'a number of 1 or more', minimum: 1 };
const seconds: NumberRange = { what: 'seconds above 0, up to a day (86400)', above: 0, maximum: 86_400 };
const milliseconds: NumberRange = {
  what: 'milliseconds above 0, up to an hour (3600000)',
  above: 0,
  maximum: 3_600_000,
};

/** A flag's `breaker`, with every default filled in; `undefined` if there is none, or none that can be understood. */
export function parseBreaker(value: unknown, flag: Place, log: ProblemLog): BreakerDefinition | undefined {
  if (value === undefined) return undefined;
  const place: Place = { around: flag, step: 'breaker' };
  if (!isMapping(value)) {
    log.error(place, `expected a mapping, found ${showValue(value)}. Write \`{ errorRate: 0.5 }\`.`);
    return undefined;
  }
  const fields = readFields(value, blankBreaker(), breakerWords, place, log);
  const numberOf = (name: keyof BreakerFields, range: NumberRange): number | undefined =>
    readNumber(fields[name], range, name, place, log);
  const reset = readWord(fields.reset, ['auto', 'manual'], 'reset', place, log) ?? 'auto';
  const slowMs = numberOf('slowMs', milliseconds);
  const slowRate = readShare(fields.slowRate, 'slowRate', place, log);
  if (fields.slowRate !== undefined && fields.slowMs === undefined)
    log.error(place, 'does not say what is slow. Add `slowMs: 1000`.', 'slowRate');
  if (fields.cooldownSeconds !== undefined && reset === 'manual')
    log.warn(
      place,
      'has no effect with `reset: manual`: it stays open until somebody restores the flag.',
      'cooldownSeconds',
    );
  const scope = readWord(fields.scope, ['instance', 'fleet'], 'scope', place, log) ?? 'instance';
  return {
    errorRate: readShare(fields.errorRate, 'errorRate', place, log) ?? 0.5,
    minimumRequests: numberOf('minimumRequests', requests) ?? 20,
    windowMs: (numberOf('windowSeconds', seconds) ?? 10) * 1000,
    cooldownMs: (numberOf('cooldownSeconds', seconds) ?? 30) * 1000,
    slow: slowMs === undefined ? undefined : { aboveMs: slowMs, rate: slowRate ?? 0.8 },
    reset,
    scope,
  };
}

/** What is written as a percentage is most likely meant as one. */
function readShare(value: unknown, name: string, place: Place, log: ProblemLog): number | undefined {
  if (typeof value !== 'number' || !(value > 1 && value <= 100)) return readNumber(value, share, name, place, log);
  log.error(place, `expected ${share.what}, found ${value}. Write ${value / 100} for ${value} %.`, name);
  return undefined;
}

type BreakerFields = ReturnType<typeof blankBreaker>;

function blankBreaker(): { -readonly [Name in keyof typeof breakerFields]: unknown } {
  return { ...breakerFields };
}

const breakerFields = {
  errorRate: undefined,
  minimumRequests: undefined,
  windowSeconds: undefined,
  cooldownSeconds: undefined,
  slowMs: undefined,
  slowRate: undefined,
  reset: undefined,
  scope: undefined,
};
