import type { JsonValue } from '../flag-document.js';
import { isMapping } from './read-fields.js';
import { showValue } from '../show-value.js';

/** How deeply conditions and values may be nested. */
export const MAX_NESTING = 64;

/** How many parts a variant's value may have, and conditions a flag: more means an object that contains itself again and again. */
export const MAX_PARTS = 100_000;

/** A deeply frozen copy of a value, or why it is no JSON. The original stays as it is. */
export function copyJson(value: unknown): { readonly copy: JsonValue } | { readonly reason: string } {
  const remaining = { parts: MAX_PARTS };
  try {
    return { copy: copyPart(value, MAX_NESTING, remaining) };
  } catch (caught) {
    if (caught instanceof NoJson) return { reason: caught.message };
    throw caught;
  }
}

class NoJson extends Error {}

function copyPart(value: unknown, levels: number, remaining: { parts: number }): JsonValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw new NoJson(`${value} is no JSON number`);
  }
  if (levels === 0) throw new NoJson(`it is nested more than ${MAX_NESTING} levels deep`);
  if (--remaining.parts < 0) throw new NoJson(`it has more than ${MAX_PARTS} parts`);
  if (Array.isArray(value)) return Object.freeze(Array.from(value, (item) => copyPart(item, levels - 1, remaining)));
  if (!isMapping(value)) throw new NoJson(`${showValue(value)} is no JSON value`);
  const copy: Record<string, JsonValue> = {};
  for (const name of Object.keys(value)) {
    if (name === '__proto__') throw new NoJson('`__proto__` is no name for a property');
    copy[name] = copyPart(value[name], levels - 1, remaining);
  }
  return Object.freeze(copy);
}
