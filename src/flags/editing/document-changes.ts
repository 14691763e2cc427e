import { sameJson } from '../same-json.js';

/** Something that is different between two documents. */
export interface DocumentChange {
  /** `['flags', KEY, NAME]`, `['flags', KEY]` for a flag that came or went, `['segments', NAME]`, or one other name. */
  readonly path: readonly string[];
  /** `undefined`: it was not there. */
  readonly before: unknown;
  /** `undefined`: it is not there any more. */
  readonly after: unknown;
}

/**
 * What is different between two documents. The order of variants and weights counts, because it decides who gets which;
 * the order of flags, and of the keys of one, does not.
 */
export function documentChanges(before: unknown, after: unknown): readonly DocumentChange[] {
  return compare(before, after, []);
}

function compare(before: unknown, after: unknown, path: readonly string[]): readonly DocumentChange[] {
  if (before === after) return [];
  if (isContainer(path) && isRecord(before) && isRecord(after)) {
    return namesOf(before, after).flatMap((name) => compare(own(before, name), own(after, name), [...path, name]));
  }
  return sameJson(before, after) ? [] : [{ path, before, after }];
}

/** The document, its flags, its segments, and a flag are told apart by what they contain. */
function isContainer(path: readonly string[]): boolean {
  const [first] = path;
  if (first === 'flags') return path.length <= 2;
  return path.length === 0 || (path.length === 1 && first === 'segments');
}

function namesOf(...values: readonly unknown[]): readonly string[] {
  return [...new Set(values.flatMap((value) => (isRecord(value) ? Object.keys(value) : [])))];
}

function own(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
