import type { Split } from '../flag-definition.js';
import type { FlagScope } from './flag-scope.js';
import { splitWords } from './foreign-words.js';
import { readVariantKey, unknownVariant } from './parse-variants.js';
import type { Place } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { type NumberRange, readNumber, readText } from './read-scalars.js';
import { showValue } from '../show-value.js';

const weightRange: NumberRange = { what: 'a weight, a finite number of 0 or more', minimum: 0 };

/** A split: weights by the variants' names, or a mapping with `weights` and more. `undefined` after a problem. */
export function parseSplit(value: unknown, scope: FlagScope, owner: Place): Split | undefined {
  const place: Place = { around: owner, step: 'split' };
  const { log } = scope;
  if (!isMapping(value)) {
    log.error(
      place,
      `expected weights by the variants' names, found ${showValue(value)}. Write \`split: { a: 50, b: 50 }\`.`,
    );
    return undefined;
  }
  const isDetailed = Object.hasOwn(value, 'weights') && typeof value['weights'] !== 'number';
  if (!isDetailed) {
    const weights = parseWeights(value, scope, place);
    return weights === undefined ? undefined : { weights, by: scope.by, seed: scope.seed };
  }
  const before = log.errorCount;
  const fields = readFields(value, { weights: undefined, by: undefined, seed: undefined }, splitWords, place, log);
  const weights = parseWeights(fields.weights, scope, { around: place, step: 'weights' });
  const by = readText(fields.by, 'by', place, log) ?? scope.by;
  const seed = readText(fields.seed, 'seed', place, log) ?? scope.seed;
  return log.errorCount > before || weights === undefined ? undefined : { weights, by, seed };
}

function parseWeights(
  value: unknown,
  { variants, log }: FlagScope,
  place: Place,
): ReadonlyMap<string, number> | undefined {
  if (!isMapping(value)) {
    log.error(place, `expected weights by the variants' names, found ${showValue(value)}. Write \`{ a: 50, b: 50 }\`.`);
    return undefined;
  }
  const before = log.errorCount;
  const weights = new Map<string, number>();
  let total = 0;
  for (const written of Object.keys(value)) {
    const name = readVariantKey(written, weights, place, log);
    if (name !== undefined && variants !== undefined && !variants.values.has(name))
      log.error(place, unknownVariant(name, variants.values), written);
    const weight = readNumber(value[written] ?? null, weightRange, written, place, log);
    if (name === undefined || weight === undefined) continue;
    weights.set(name, weight);
    total += weight;
  }
  if (log.errorCount > before) return undefined;
  if (weights.size === 0)
    log.error(place, "expected weights by the variants' names, found {}. Write `{ a: 50, b: 50 }`.");
  else if (total === 0) log.error(place, `weights must not all be zero, found ${showValue(value)}.`);
  else if (!Number.isFinite(total))
    log.error(place, `the weights add up to more than a number holds, found ${showValue(value)}.`);
  else return weights;
  return undefined;
}
