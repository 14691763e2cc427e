import { nearestWord } from '../nearest-word.js';
import type { Place, ProblemLog } from './problem-log.js';
import { showValue } from '../show-value.js';

/** What other systems call things, by the word without case, `_` and `-`: what to write instead, in a sentence. */
export type ForeignWords = ReadonlyMap<string, string | ((value: unknown) => string)>;

/** Whether a value is a mapping. A Map, a Date or another object with an inside of its own is none. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype || prototype === null || Object.prototype.toString.call(value) === '[object Object]'
  );
}

/**
 * Fills `fields` with the mapping's own values by the same names, and reports every other name that isn't free (`x-…`).
 * Only own enumerable properties are read, so that nothing comes from a prototype.
 */
export function readFields<Name extends string>(
  mapping: Readonly<Record<string, unknown>>,
  fields: Record<Name, unknown>,
  foreignWords: ForeignWords,
  place: Place | undefined,
  log: ProblemLog,
): Record<Name, unknown> {
  const target: Record<string, unknown> = fields;
  for (const name of Object.keys(mapping)) {
    if (Object.hasOwn(target, name)) target[name] = mapping[name];
    else if (!name.startsWith('x-')) {
      log.error(place, `unknown key. ${adviceFor(name, mapping[name], Object.keys(target), foreignWords)}`, name);
    }
  }
  return fields;
}

/** What to write instead of a word that isn't known here. */
export function adviceFor(
  word: string,
  value: unknown,
  allowed: readonly string[],
  foreignWords: ForeignWords,
): string {
  const plain = plainWord(word);
  const same = allowed.find((name) => plainWord(name) === plain);
  const foreign = foreignWords.get(plain);
  if (same === undefined && foreign !== undefined) return sentence(foreign, value);
  const near = same ?? nearestWord(word, allowed);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  const nearForeign = foreignWords.get(nearestWord(plain, longWords(foreignWords)) ?? '');
  return nearForeign === undefined ? `Allowed: ${allowed.join(', ')}.` : sentence(nearForeign, value);
}

/** Only words that are long enough to be recognised when they are misspelt. */
function longWords(foreignWords: ForeignWords): readonly string[] {
  return [...foreignWords.keys()].filter((word) => word.length >= 6);
}

function sentence(advice: string | ((value: unknown) => string), value: unknown): string {
  return typeof advice === 'string' ? advice.replace('{value}', () => showValue(value)) : advice(value);
}

function plainWord(word: string): string {
  return word.length > 128 ? word : word.toLowerCase().replace(/[_\-\s]/g, '');
}
