import { MAX_NESTING } from './copy-json.js';
import { type Cycles, findCycles } from './find-cycles.js';
import type { FlagDefinition, Prerequisite } from '../flag-definition.js';
import { didYouMean } from '../nearest-word.js';
import type { SegmentUse } from './parse-condition.js';
import { unknownVariant } from './parse-variants.js';
import type { ProblemLog } from './problem-log.js';
import { showName } from '../show-value.js';

/** How many flags or segments one evaluation may ask for in the worst case. */
const MAX_ASKED = 1_000;

/** Segments, flags or both by name, while those with errors are being sorted out. */
export interface Sorted<Value> {
  readonly accepted: Map<string, Value>;
  readonly refused: Set<string>;
}

function refuse<Value>(sorted: Sorted<Value>, name: string): void {
  sorted.accepted.delete(name);
  sorted.refused.add(name);
}

/** Refuses segments that name unknown ones, themselves, or ones that are refused. */
export function checkSegments<Value>(
  segments: Sorted<Value>,
  uses: ReadonlyMap<string, readonly SegmentUse[]>,
  log: ProblemLog,
): void {
  if (uses.size === 0) return;
  const next = (name: string): readonly string[] => uses.get(name)?.map((use) => use.segment) ?? [];
  const cycles = findCycles(uses.keys(), next);
  reportCycles(cycles, ['segments'], 'segments', log);
  for (const member of cycles.members) refuse(segments, member);
  const excess = excessOf(cycles, next);
  reportExcess(excess, ['segments'], 'segments', log);
  for (const name of [...excess.tooDeep, ...excess.tooMany]) refuse(segments, name);
  for (const name of cycles.order) {
    if (!segments.accepted.has(name)) continue;
    if (!areSegmentsKnown(uses.get(name) ?? [], segments, log)) refuse(segments, name);
  }
}

/** Whether all segments that are named are there and without errors; reports those that aren't. */
export function areSegmentsKnown<Value>(
  uses: readonly SegmentUse[],
  segments: Sorted<Value>,
  log: ProblemLog,
): boolean {
  let known = true;
  for (const { segment, path } of uses) {
    if (segments.accepted.has(segment)) continue;
    known = false;
    const message = segments.refused.has(segment)
      ? `the segment ${showName(segment)} has errors.`
      : `unknown segment ${showName(segment)}.${didYouMean(segment, segments.accepted.keys()) || namesOf(segments.accepted.keys())}`;
    log.error(undefined, message, ...path);
  }
  return known;
}

function namesOf(names: Iterable<string>): string {
  const known = [...names];
  if (known.length === 0) return ' The document has no segments.';
  return ` The document has ${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}.`;
}

/**
 * Refuses flags that require unknown flags, variants that a flag lacks, or themselves. `ofRefused` is what flags
 * require that are refused already.
 */
export function checkPrerequisites(
  flags: Sorted<FlagDefinition>,
  ofRefused: ReadonlyMap<string, readonly Prerequisite[]>,
  log: ProblemLog,
): void {
  for (const [key, requires] of ofRefused) arePrerequisitesKnown({ key, requires }, flags, log);
  const requiring = [...flags.accepted.values()].filter((flag) => flag.requires.length > 0);
  if (requiring.length === 0) return;
  const next = (key: string): readonly string[] => flags.accepted.get(key)?.requires.map(({ flag }) => flag) ?? [];
  const cycles = findCycles(
    requiring.map(({ key }) => key),
    next,
  );
  reportCycles(cycles, ['flags'], 'prerequisites', log);
  const bad = requiring.filter((flag) => !arePrerequisitesKnown(flag, flags, log)).map(({ key }) => key);
  const excess = excessOf(cycles, next);
  reportExcess(excess, ['flags'], 'prerequisites', log);
  for (const key of [...cycles.members, ...bad, ...excess.tooDeep, ...excess.tooMany]) refuse(flags, key);
}

function arePrerequisitesKnown(
  { key, requires }: Pick<FlagDefinition, 'key' | 'requires'>,
  flags: Sorted<FlagDefinition>,
  log: ProblemLog,
): boolean {
  let known = true;
  requires.forEach(({ flag, variant }, index) => {
    const required = flags.accepted.get(flag);
    // What a refused flag serves is up to its reader: the last good form, or an error.
    if (flags.refused.has(flag) || required?.variants.has(variant) === true) return;
    known = false;
    const place = ['flags', key, 'requires', index];
    if (required === undefined) {
      log.error(
        undefined,
        `unknown flag ${showName(flag)}.${didYouMean(flag, flags.accepted.keys())}`,
        ...place,
        'flag',
      );
      return;
    }
    log.error(undefined, unknownVariant(variant, required.variants, showName(flag)), ...place, 'variant');
  });
  return known;
}

function reportCycles({ paths, members }: Cycles, root: readonly string[], what: string, log: ProblemLog): void {
  const named = new Set(paths.flat());
  for (const path of paths) {
    const [first = ''] = path;
    const shown = path.length > 20 ? [...path.slice(0, 18), '…', first] : path;
    log.error(
      undefined,
      `${what} go round in a circle: ${shown.join(' → ')}.`,
      ...root,
      first,
      ...(root[0] === 'flags' ? ['requires'] : []),
    );
  }
  for (const member of members) {
    if (!named.has(member)) log.error(undefined, `is part of a circle of ${what}.`, ...root, member);
  }
}

/** Names whose evaluation goes too deep, or asks too many: what meets again is asked again, so costs double by the level. */
function excessOf(cycles: Cycles, next: (name: string) => readonly string[]): Excess {
  const depths = measure(cycles, next, (below) => 1 + Math.max(0, ...below));
  const costs = measure(cycles, next, (below) => below.reduce((sum, cost) => sum + cost, 1));
  const above = (measures: ReadonlyMap<string, number>, limit: number): readonly string[] =>
    [...measures].filter(([, value]) => value > limit).map(([name]) => name);
  const tooDeep = above(depths, MAX_NESTING + 1);
  return { tooDeep, tooMany: above(costs, MAX_ASKED).filter((name) => !tooDeep.includes(name)) };
}

/** A number for each name, made of the numbers of those that it leads to. */
function measure(
  { order, members }: Cycles,
  next: (name: string) => readonly string[],
  combine: (below: readonly number[]) => number,
): ReadonlyMap<string, number> {
  const measures = new Map<string, number>();
  for (const name of order) {
    if (members.has(name)) continue;
    measures.set(name, combine(next(name).map((lower) => measures.get(lower) ?? 0)));
  }
  return measures;
}

interface Excess {
  readonly tooDeep: readonly string[];
  readonly tooMany: readonly string[];
}

function reportExcess(
  { tooDeep, tooMany }: Excess,
  root: readonly ['flags' | 'segments'],
  what: string,
  log: ProblemLog,
): void {
  const [step] = root;
  const rest = step === 'flags' ? ['requires'] : [];
  const report = (name: string, message: string): void =>
    log.error({ around: undefined, step }, message, name, ...rest);
  for (const name of tooDeep) report(name, `${what} are nested more than ${MAX_NESTING} levels deep.`);
  for (const name of tooMany) {
    report(name, `one evaluation would ask for more than ${MAX_ASKED} ${what}: those that meet again are asked again.`);
  }
}
