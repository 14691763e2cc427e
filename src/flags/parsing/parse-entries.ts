import type { Prerequisite } from '../flag-definition.js';
import { inSteps } from '../in-steps.js';
import { correctKey, isKey, KEY_RULE } from '../names.js';
import { showError, showName } from '../show-value.js';
import type { Sorted } from './check-references.js';
import type { SegmentUse } from './parse-condition.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping } from './read-fields.js';
import { isUnchanged } from './unchanged.js';

/** What was parsed before of the flags, or of the segments. */
export interface Earlier<Value> {
  readonly written: Readonly<Record<string, unknown>>;
  readonly parsed: ReadonlyMap<string, Value>;
  readonly uses: ReadonlyMap<string, readonly SegmentUse[]>;
  /** Those that had problems: they are parsed again, so that these are reported again. */
  readonly troubled: ReadonlySet<string | number | undefined>;
}

/** The flags of a document, or its segments, and how one is parsed. */
interface Entries<Value> {
  readonly step: 'flags' | 'segments';
  readonly previous: Earlier<Value> | undefined;
  readonly parse: (name: string, written: unknown, place: Place, log: ProblemLog) => ParsedEntry<Value> | undefined;
}

export interface ParsedEntry<Value> {
  /** `undefined`: it has an error. */
  readonly definition: Value | undefined;
  readonly uses: readonly SegmentUse[];
  readonly requires?: readonly Prerequisite[];
}

export interface SortedEntries<Value> extends Sorted<Value> {
  readonly uses: Map<string, readonly SegmentUse[]>;
  /** Of those that are refused: what they require is checked too, so that everything is reported at once. */
  readonly requires: Map<string, readonly Prerequisite[]>;
}

/**
 * Parses flags or segments one by one, with pauses. What has not changed, and had no problem, is taken over
 * as it is.
 */
export function* parseEntries<Value>(
  written: unknown,
  entries: Entries<Value>,
  log: ProblemLog,
): Generator<void, SortedEntries<Value>> {
  const sorted: SortedEntries<Value> = {
    accepted: new Map(),
    refused: new Set(),
    uses: new Map(),
    requires: new Map(),
  };
  const around: Place = { around: undefined, step: entries.step };
  yield* inSteps(namesIn(written, around, log), (name) => {
    parseEntry(name, written, around, entries, sorted, log);
  });
  return sorted;
}

function namesIn(written: unknown, place: Place, log: ProblemLog): readonly string[] {
  try {
    return isMapping(written) ? Object.keys(written) : [];
  } catch (caught) {
    log.error(place, `can't be read: ${showError(caught)}.`);
    return [];
  }
}

function parseEntry<Value>(
  name: string,
  container: unknown,
  around: Place,
  { step, previous, parse }: Entries<Value>,
  sorted: SortedEntries<Value>,
  log: ProblemLog,
): void {
  try {
    const written: unknown = (container as Readonly<Record<string, unknown>>)[name];
    const kept = previous === undefined ? undefined : unchangedSince(previous, name, written);
    if (kept !== undefined && previous?.troubled.has(name) === false) {
      sorted.accepted.set(name, kept);
      if (previous.uses.size > 0) keepUses(name, previous.uses.get(name), sorted);
      return;
    }
    const place: Place = { around, step: name };
    if (!isKey(name)) reportKey(name, step, place, log);
    else keepParsed(name, parse(name, written, place, log), kept, sorted);
  } catch (caught) {
    log.error(around, `can't be read: ${showError(caught)}.`, name);
  }
  if (!sorted.accepted.has(name)) sorted.refused.add(name);
}

function unchangedSince<Value>(previous: Earlier<Value>, name: string, written: unknown): Value | undefined {
  const earlier = previous.parsed.get(name);
  return earlier !== undefined && isUnchanged(previous.written[name], written) ? earlier : undefined;
}

function keepParsed<Value>(
  name: string,
  parsed: ParsedEntry<Value> | undefined,
  kept: Value | undefined,
  sorted: SortedEntries<Value>,
): void {
  if (parsed === undefined) return;
  const { definition, uses, requires } = parsed;
  if (definition !== undefined) sorted.accepted.set(name, kept ?? definition);
  else if (requires !== undefined && requires.length > 0) sorted.requires.set(name, requires);
  keepUses(name, uses, sorted);
}

function keepUses<Value>(name: string, uses: readonly SegmentUse[] | undefined, sorted: SortedEntries<Value>): void {
  if (uses !== undefined && uses.length > 0) sorted.uses.set(name, uses);
}

function reportKey(name: string, step: 'flags' | 'segments', place: Place, log: ProblemLog): void {
  const corrected = correctKey(name);
  const hint = corrected === undefined ? '' : ` Write \`${corrected}\`.`;
  log.error(
    place,
    `${showName(name)} can't be ${step === 'flags' ? "a flag's key" : "a segment's name"}. ${KEY_RULE}${hint}`,
  );
}
