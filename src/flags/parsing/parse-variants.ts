import { copyJson } from './copy-json.js';
import type { FlagDefinition, ValueType } from '../flag-definition.js';
import type { VariantValue } from '../flag-document.js';
import { isReordered, isVariantName, toVariantName } from '../names.js';
import { didYouMean } from '../nearest-word.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping } from './read-fields.js';
import { showName, showValue } from '../show-value.js';

export interface Variants {
  readonly values: FlagDefinition['variants'];
  readonly valueType: ValueType;
}

const onAndOff: Variants = {
  values: new Map([
    ['on', true],
    ['off', false],
  ]),
  valueType: 'boolean',
};

/** A flag's variants, by default `on` and `off`; `undefined` if they can't be told. */
export function parseVariants(value: unknown, flag: Place, log: ProblemLog): Variants | undefined {
  if (value === undefined) return onAndOff;
  const place: Place = { around: flag, step: 'variants' };
  if (!isMapping(value)) {
    log.error(
      place,
      `expected a mapping of names to values, found ${showValue(value)}. Write \`{ on: true, off: false }\`.`,
    );
    return undefined;
  }
  const before = log.errorCount;
  const values = new Map<string, VariantValue>();
  for (const written of Object.keys(value)) {
    const name = readVariantKey(written, values, place, log);
    const parsed = parseVariantValue(value[written], written, place, log);
    if (name !== undefined && parsed !== undefined) values.set(name, parsed);
  }
  if (log.errorCount > before) return undefined;
  const valueType = commonType(values, place, log);
  return valueType === undefined ? undefined : { values, valueType };
}

/** The variant that a key of `variants`, `targets` or `split` means; `undefined` after a problem. */
export function readVariantKey(
  written: string,
  already: ReadonlyMap<string, unknown>,
  place: Place,
  log: ProblemLog,
): string | undefined {
  const name = toVariantName(written);
  if (already.has(name)) {
    log.error(place, `\`${name}\` is here twice: true means on and false means off. Keep one of them.`, written);
  } else if (isReordered(name)) {
    log.error(
      place,
      `JavaScript would move the name ${name} before the others. Write a name with a letter, such as \`v${name}\`.`,
      written,
    );
  } else if (!isVariantName(name)) {
    log.error(
      place,
      `${showName(name)} can't name a variant. A name has 1 to 128 characters, and no control characters.`,
      written,
    );
  } else {
    return name;
  }
  return undefined;
}

function parseVariantValue(value: unknown, name: string, place: Place, log: ProblemLog): VariantValue | undefined {
  const result = copyJson(value);
  if ('reason' in result) log.error(place, `expected a JSON value, but ${result.reason}.`, name);
  else if (result.copy === null)
    log.error(place, "null can't be a variant's value. Write a boolean, a number, a text, a list or a mapping.", name);
  else return result.copy;
  return undefined;
}

function commonType(values: ReadonlyMap<string, VariantValue>, place: Place, log: ProblemLog): ValueType | undefined {
  let first: { readonly name: string; readonly type: string } | undefined;
  for (const [name, value] of values) {
    const type = jsonType(value);
    first ??= { name, type };
    if (type !== first.type) {
      log.error(
        place,
        `all variants must be of one type, but \`${first.name}\` is a ${first.type} and \`${name}\` is a ${type}.`,
      );
      return undefined;
    }
  }
  if (first === undefined) {
    log.error(place, 'expected at least one variant, found {}. Leave `variants` out for on and off.');
    return undefined;
  }
  return first.type === 'boolean' || first.type === 'number' || first.type === 'string' ? first.type : 'object';
}

function jsonType(value: VariantValue): string {
  return Array.isArray(value) ? 'list' : typeof value === 'object' ? 'mapping' : typeof value;
}

/** A variant where one is named. Every name is known if `variants` is `undefined`: they have problems of their own. */
export function readVariantName(
  value: unknown,
  variants: Variants | undefined,
  name: string,
  place: Place,
  log: ProblemLog,
): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'boolean') {
    log.error(
      place,
      `expected the name of a variant, found ${showValue(value)}.${variantsHint(variants?.values)}`,
      name,
    );
    return undefined;
  }
  const variant = toVariantName(value);
  if (variants !== undefined && !variants.values.has(variant)) {
    log.error(place, unknownVariant(variant, variants.values), name);
    return undefined;
  }
  return variant;
}

/** `` `onn` is no variant of this flag. Its variants: on, off. Did you mean `on`? `` */
export function unknownVariant(name: string, variants: FlagDefinition['variants'], whose = 'this flag'): string {
  return `${showName(name)} is no variant of ${whose}.${variantsHint(variants)}${didYouMean(name, variants.keys())}`;
}

function variantsHint(variants: FlagDefinition['variants'] | undefined): string {
  if (variants === undefined) return '';
  const names = [...variants.keys()];
  return ` Its variants: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}.`;
}

/** The variant for "disabled" and "not in the rollout"; `undefined`: the caller's default. */
export function parseOffVariant(
  value: unknown,
  variants: Variants | undefined,
  flag: Place,
  log: ProblemLog,
): string | undefined {
  if (value === null) return undefined;
  if (value !== undefined) return readVariantName(value, variants, 'offVariant', flag, log);
  return variants === undefined || variants.values.has('off') ? 'off' : undefined;
}
