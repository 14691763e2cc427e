import { exactly } from './exactly.js';
import { MAX_NESTING, MAX_PARTS } from './copy-json.js';
import { warnIfNeverAll } from './contradictions.js';
import type { Condition } from '../flag-definition.js';
import { isComparison, parseComparison, parseEntry } from './parse-comparison.js';
import { type Place, pathOf, type ProblemLog } from './problem-log.js';
import { isMapping } from './read-fields.js';
import { showValue } from '../show-value.js';

/** Where a condition names a segment. */
export interface SegmentUse {
  readonly segment: string;
  readonly path: readonly (string | number)[];
}

/** What reading the conditions of one flag or segment collects. */
export interface ConditionScope {
  readonly log: ProblemLog;
  readonly uses: SegmentUse[];
  /** How many more conditions there may be. */
  remaining: number;
}

export function createConditionScope(log: ProblemLog): ConditionScope {
  return { log, uses: [], remaining: MAX_PARTS };
}

/** Holds for everyone. */
export const always: Condition = Object.freeze({ type: 'all', conditions: Object.freeze([]) });

/** A condition in any of its written forms. `undefined` after a problem. */
export function parseCondition(
  value: unknown,
  place: Place,
  scope: ConditionScope,
  levels: number = MAX_NESTING,
): Condition | undefined {
  if (levels === 0) scope.log.error(place, `conditions are nested more than ${MAX_NESTING} levels deep.`);
  else if (--scope.remaining < 0) {
    if (scope.remaining === -1) scope.log.error(place, `there are more than ${MAX_PARTS} conditions.`);
  } else if (Array.isArray(value)) return parseList(value, 'all', place, scope, levels);
  else if (!isMapping(value)) {
    const hint =
      value === null || value === undefined ? 'Leave it out if it holds for everyone.' : 'Write `{ plan: pro }`.';
    scope.log.error(place, `expected conditions, found ${showValue(value)}. ${hint}`);
  } else {
    const names = Object.keys(value);
    return isComparison(names)
      ? parseComparison(value, place, scope.log)
      : parseMapping(value, names, place, scope, levels);
  }
  return undefined;
}

function parseList(
  items: readonly unknown[],
  type: 'all' | 'any',
  place: Place,
  scope: ConditionScope,
  levels: number,
): Condition | undefined {
  if (items.length === 0) {
    scope.log.warn(
      place,
      type === 'all' ? 'an empty list of conditions holds for everyone.' : 'none of nothing: this can never match.',
    );
  }
  const conditions: Condition[] = [];
  for (let index = 0; index < items.length && scope.remaining >= 0; index++) {
    const condition = parseCondition(items[index], { around: place, step: index }, scope, levels - 1);
    if (condition !== undefined) conditions.push(condition);
  }
  if (conditions.length < items.length) return undefined;
  if (type === 'all' && conditions.length > 1) warnIfNeverAll(conditions, place, scope.log);
  return conditions.length === 1 ? conditions[0] : { type, conditions: exactly(conditions) };
}

function parseMapping(
  mapping: Readonly<Record<string, unknown>>,
  names: readonly string[],
  place: Place,
  scope: ConditionScope,
  levels: number,
): Condition | undefined {
  if (names.length === 0) scope.log.warn(place, 'an empty mapping of conditions holds for everyone.');
  scope.remaining -= names.length;
  const conditions: Condition[] = [];
  for (const name of names) {
    const condition = parseMappingEntry(name, mapping[name], place, scope, levels);
    if (condition !== undefined) conditions.push(condition);
  }
  if (conditions.length < names.length) return undefined;
  return conditions.length === 1 ? conditions[0] : { type: 'all', conditions: exactly(conditions) };
}

function parseMappingEntry(
  name: string,
  value: unknown,
  place: Place,
  scope: ConditionScope,
  levels: number,
): Condition | undefined {
  switch (name) {
    case 'any':
    case 'all': {
      const list: Place = { around: place, step: name };
      if (Array.isArray(value))
        return levels > 1 ? parseList(value, name, list, scope, levels - 1) : parseCondition(value, list, scope, 0);
      scope.log.error(
        list,
        `expected a list of conditions, found ${showValue(value)}. Write \`${name}: [{ plan: pro }, { beta: true }]\`.`,
      );
      return undefined;
    }
    case 'not': {
      const condition = parseCondition(value, { around: place, step: name }, scope, levels - 1);
      return condition === undefined ? undefined : { type: 'not', condition };
    }
    case 'segment':
      return parseSegment(value, { around: place, step: name }, scope);
    default:
      return parseEntry(name, value, place, scope.log);
  }
}

function parseSegment(value: unknown, place: Place, scope: ConditionScope): Condition | undefined {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (names.length === 0) scope.log.warn(place, 'in none of no segments: this can never match.');
  const conditions: Condition[] = [];
  for (const [index, segment] of names.entries()) {
    if (typeof segment !== 'string' || segment === '') {
      scope.log.error(
        place,
        `expected the name of a segment, found ${showValue(segment)}.`,
        ...(Array.isArray(value) ? [index] : []),
      );
      continue;
    }
    const path = pathOf(place);
    if (Array.isArray(value)) path.push(index);
    scope.uses.push({ segment, path });
    conditions.push({ type: 'segment', segment });
  }
  if (conditions.length < names.length) return undefined;
  return conditions.length === 1 ? conditions[0] : { type: 'any', conditions };
}
