import { isDeepStrictEqual } from 'node:util';
import { isMapping } from '../../flags/parsing/read-fields.js';
import { sameJson } from '../../flags/same-json.js';
import { inlineValue } from '../output/inline-value.js';
import { listed } from './plain-words.js';

/** The innermost part that is different, as `path: before → after`. */
export interface LeafDifference {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  /** The same in words. */
  readonly words: string;
}

/**
 * The innermost parts in which two values differ; lists of scalars are one part. Names in another order are a part of
 * their own, because in variants and weights the order decides who gets which.
 */
export function leafDifferences(
  before: unknown,
  after: unknown,
  path: readonly string[] = [],
): readonly LeafDifference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isMapping(before) && isMapping(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const inside = names.flatMap((name) => leafDifferences(own(before, name), own(after, name), [...path, name]));
    return [...inside, ...orderDifference(before, after, path)];
  }
  if (isListOfRecords(before) && isListOfRecords(after) && before.length === after.length) {
    return before.flatMap((item, index) => leafDifferences(item, after[index], [...path, String(index + 1)]));
  }
  return [{ path, before, after, words: wordsOf(path, before, after) }];
}

function orderDifference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  path: readonly string[],
): readonly LeafDifference[] {
  const old = Object.keys(before).filter((name) => Object.hasOwn(after, name));
  const next = Object.keys(after).filter((name) => Object.hasOwn(before, name));
  if (isDeepStrictEqual(old, next)) return [];
  const words = `${path.length === 0 ? '' : `${path.join('.')} `}in another order: ${old.join(', ')} → ${next.join(', ')}`;
  return [{ path, before: Object.keys(before), after: Object.keys(after), words }];
}

function wordsOf(path: readonly string[], before: unknown, after: unknown): string {
  const name = path.length === 0 ? '' : `${path.join('.')}: `;
  if (isListOfScalars(before) && isListOfScalars(after)) return `${name}${listChanges(before, after)}`;
  if (before === undefined) return `${name}${inlineValue(after)} (added)`;
  if (after === undefined) return `${name}removed (was ${inlineValue(before)})`;
  return `${name}${inlineValue(before)} → ${inlineValue(after)}`;
}

/** `added a and b; removed c`; all of both lists where that is not all, such as another order. */
export function listChanges(before: readonly unknown[], after: readonly unknown[]): string {
  const [old, next] = [new Set(before), new Set(after)];
  const added = after.filter((item) => !old.has(item)).map(inlineValue);
  const removed = before.filter((item) => !next.has(item)).map(inlineValue);
  const parts = [
    ...(added.length > 0 ? [`added ${listed(added)}`] : []),
    ...(removed.length > 0 ? [`removed ${listed(removed)}`] : []),
  ];
  const isOrderKept = sameJson(
    before.filter((item) => next.has(item)),
    after.filter((item) => old.has(item)),
  );
  const isAll = parts.length > 0 && isOrderKept;
  return isAll ? parts.join('; ') : `${inlineValue(before)} → ${inlineValue(after)}`;
}

/** What an object itself has under a name: flags may be called `constructor`. */
export function own(value: unknown, name: string): unknown {
  return isMapping(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

const isListOfRecords = (value: unknown): value is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) && value.length > 0 && value.every(isMapping);

const isListOfScalars = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
