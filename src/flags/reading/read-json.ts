import { isMapping } from '../parsing/read-fields.js';

/**
 * Reads a text as JSON, if it is JSON that says everything about itself: no name twice in one object, and no unit that
 * a number can't hold as it is written. `undefined`: read it as YAML, which finds the places of such problems.
 */
export function readJson(text: string): { readonly value: unknown } | undefined {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (!/^\s*\{/.test(plain)) return undefined;
  try {
    const value: unknown = JSON.parse(plain);
    const isExact =
      countNames(value, { levels: 200 }) === countWrittenNames(plain) &&
      !(mayLoseDigits(plain) && hasNumberUnits(value));
    return isExact ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function countNames(value: unknown, { levels }: { readonly levels: number }): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (levels === 0) return NaN;
  let count = 0;
  for (const name of Object.keys(value)) {
    count += (Array.isArray(value) ? 0 : 1) + countNames(Reflect.get(value, name), { levels: levels - 1 });
  }
  return count;
}

/** How many names a JSON text has: strings before a colon. */
function countWrittenNames(text: string): number {
  const strings = /"(?:[^"\\]|\\.)*"(\s*:)?/g;
  let count = 0;
  for (let match = strings.exec(text); match !== null; match = strings.exec(text)) {
    if (match[1] !== undefined) count++;
  }
  return count;
}

/** Whether a text may hold a number that JavaScript writes differently: `1.0`, `1e3`, `12345678901234567890`, `-0`. */
function mayLoseDigits(text: string): boolean {
  return /\d{16}|\d[.eE][\d+-]|-0/.test(text);
}

function hasNumberUnits(document: unknown): boolean {
  if (!isMapping(document) || !isMapping(document['flags'])) return false;
  return Object.values(document['flags']).some(
    (flag) =>
      isMapping(flag) &&
      isMapping(flag['targets']) &&
      Object.values(flag['targets']).some(
        (units) => Array.isArray(units) && units.some((unit) => typeof unit === 'number'),
      ),
  );
}
