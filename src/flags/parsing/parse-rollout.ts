import type { Rollout } from '../flag-definition.js';
import type { FlagScope } from './flag-scope.js';
import { rolloutWords } from './foreign-words.js';
import { parseSchedule } from './parse-schedule.js';
import { readVariantName } from './parse-variants.js';
import type { Place } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { isInRange, type NumberRange, numberMessage, percentageRange, readNumber, readText } from './read-scalars.js';
import { showValue } from '../show-value.js';

const offsetRange: NumberRange = { what: 'a place on the ring, a number from 0 to 100', minimum: 0, maximum: 100 };

/** A rollout: a percentage, or a mapping with more. `undefined` after a problem. */
export function parseRollout(value: unknown, scope: FlagScope, owner: Place, hasSplit: boolean): Rollout | undefined {
  const { by, seed, offVariant: otherwise, log } = scope;
  if (typeof value === 'number') {
    if (!isInRange(value, percentageRange)) log.error(owner, numberMessage(value, percentageRange), 'rollout');
    const variant = defaultVariant(value, scope, owner, hasSplit);
    return variant === undefined
      ? undefined
      : { schedule: { type: 'fixed', percentage: value }, variant, otherwise, by, seed, offset: 0 };
  }
  if (isMapping(value)) return parseDetails(value, scope, { around: owner, step: 'rollout' }, hasSplit);
  const message =
    typeof value === 'string'
      ? numberMessage(value, percentageRange)
      : `expected a percentage from 0 to 100 or a mapping, found ${showValue(value)}. Write \`rollout: 10\`.`;
  log.error(owner, message, 'rollout');
  return undefined;
}

function parseDetails(
  value: Readonly<Record<string, unknown>>,
  scope: FlagScope,
  place: Place,
  hasSplit: boolean,
): Rollout | undefined {
  const { log } = scope;
  const before = log.errorCount;
  const fields = readFields(value, blankRollout(), rolloutWords, place, log);
  const schedule = parseSchedule(fields, place, log);
  if (hasSplit && fields.variant !== undefined)
    log.error(place, 'the split says who gets which variant. Leave `variant` out.', 'variant');
  const variant =
    fields.variant === undefined || hasSplit
      ? defaultVariant(fields.percentage, scope, place, hasSplit)
      : readVariantName(fields.variant, scope.variants, 'variant', place, log);
  const otherwise =
    fields.otherwise === undefined
      ? scope.offVariant
      : fields.otherwise === null
        ? undefined
        : readVariantName(fields.otherwise, scope.variants, 'otherwise', place, log);
  const by = readText(fields.by, 'by', place, log) ?? scope.by;
  const seed = readText(fields.seed, 'seed', place, log) ?? scope.seed;
  const offset = readNumber(fields.offset, offsetRange, 'offset', place, log) ?? 0;
  if (log.errorCount > before || schedule === undefined || variant === undefined) return undefined;
  return { schedule, variant, otherwise, by, seed, offset };
}

function blankRollout(): Record<keyof typeof rolloutFields, unknown> {
  return { ...rolloutFields };
}

const rolloutFields = {
  percentage: undefined,
  curve: undefined,
  from: undefined,
  to: undefined,
  hours: undefined,
  start: undefined,
  stages: undefined,
  variant: undefined,
  otherwise: undefined,
  by: undefined,
  seed: undefined,
  offset: undefined,
  checks: undefined,
};

/** `on`; in an experiment the rollout's variant is not served, and the first one stands for it. */
function defaultVariant(
  percentage: unknown,
  { variants, log }: FlagScope,
  place: Place,
  hasSplit: boolean,
): string | undefined {
  if (variants === undefined || variants.values.has('on')) return 'on';
  const [first] = variants.values.keys();
  if (hasSplit) return first;
  const share = typeof percentage === 'number' ? percentage : 10;
  log.error(
    place,
    `a rollout serves \`on\`, but the variants have no \`on\`. Say which: \`rollout: { percentage: ${share}, variant: ${first ?? 'a'} }\`, or add a \`split\`.`,
  );
  return undefined;
}
