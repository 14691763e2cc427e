import { readVariantKey, unknownVariant, type Variants } from './parse-variants.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping } from './read-fields.js';
import { showValue } from '../show-value.js';

const noTargets: ReadonlyMap<string, string> = new Map();

/** The variant by the unit that gets it. */
export function parseTargets(
  value: unknown,
  variants: Variants | undefined,
  flag: Place,
  log: ProblemLog,
): ReadonlyMap<string, string> {
  if (value === undefined) return noTargets;
  const place: Place = { around: flag, step: 'targets' };
  if (!isMapping(value)) {
    log.error(
      place,
      `expected units by the variant that they get, found ${showValue(value)}. Write \`targets: { on: ${Array.isArray(value) ? showValue(value) : '[user-1]'} }\`.`,
    );
    return noTargets;
  }
  const targets = new Map<string, string>();
  const seen = new Map<string, true>();
  for (const written of Object.keys(value)) {
    const variant = readVariantKey(written, seen, place, log);
    if (variant === undefined) continue;
    seen.set(variant, true);
    if (variants !== undefined && !variants.values.has(variant))
      log.error(place, unknownVariant(variant, variants.values), written);
    addUnits(value[written], variant, targets, { around: place, step: written }, log);
  }
  return targets;
}

function addUnits(units: unknown, variant: string, targets: Map<string, string>, place: Place, log: ProblemLog): void {
  if (!Array.isArray(units)) {
    const scalar = typeof units === 'string' || typeof units === 'number';
    log.error(place, `expected a list of units, found ${showValue(units)}.${scalar ? ` Write \`[${units}]\`.` : ''}`);
    return;
  }
  for (let index = 0; index < units.length; index++) {
    const unit = readUnit(units[index]);
    if (unit === undefined) {
      log.error(place, `expected a unit, a text or a number, found ${showValue(units[index])}.`, index);
      continue;
    }
    const already = targets.get(unit);
    if (already === undefined) targets.set(unit, variant);
    else if (already === variant) log.warn(place, `${showValue(unit)} is in the list twice.`, index);
    else log.error(place, `${showValue(unit)} is listed for \`${already}\` already. A unit gets one variant.`, index);
  }
}

function readUnit(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}
