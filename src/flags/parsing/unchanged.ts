import { MAX_NESTING, MAX_PARTS } from './copy-json.js';
import { isMapping } from './read-fields.js';

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Whether two JSON-like values are the same, the order of keys included. Identity is tried first, so a value that was
 * edited in place counts as unchanged. `false` for what is nested too deeply or too large to be told.
 */
export function isUnchanged(before: unknown, now: unknown): boolean {
  return before === now || (typeof before === 'object' && isSame(before, now, MAX_NESTING + 8, { parts: MAX_PARTS }));
}

function isSame(a: unknown, b: unknown, levels: number, remaining: { parts: number }): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (levels === 0 || --remaining.parts < 0) return false;
  if (Array.isArray(a)) return Array.isArray(b) && isSameList(a, b, levels, remaining);
  return !Array.isArray(b) && isSameMapping(a as Mapping, b as Mapping, levels, remaining);
}

function isSameMapping(a: Mapping, b: Mapping, levels: number, remaining: { parts: number }): boolean {
  const names = Object.keys(a);
  if (names.length === 0) return isMapping(a) && isMapping(b) && Object.keys(b).length === 0;
  let index = 0;
  // Unlike Object.keys, for-in makes no list. A property from a prototype would make the two differ, which is safe.
  for (const name in b) {
    if (name !== names[index++]) return false;
    const left = a[name];
    const right = b[name];
    if (left !== right && !isSame(left, right, levels - 1, remaining)) return false;
  }
  return index === names.length;
}

function isSameList(
  a: readonly unknown[],
  b: readonly unknown[],
  levels: number,
  remaining: { parts: number },
): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    const left = a[index];
    const right = b[index];
    if (left !== right && !isSame(left, right, levels - 1, remaining)) return false;
  }
  return true;
}
