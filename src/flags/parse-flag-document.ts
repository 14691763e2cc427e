import { checkPrerequisites, checkSegments, areSegmentsKnown } from './parsing/check-references.js';
import type { Condition, FlagDefinition } from './flag-definition.js';
import { documentWords } from './parsing/foreign-words.js';
import { createConditionScope, parseCondition, type SegmentUse } from './parsing/parse-condition.js';
import { type Earlier, parseEntries, type ParsedEntry, type SortedEntries } from './parsing/parse-entries.js';
import { parseFlag } from './parsing/parse-flag.js';
import type { Problem } from './problem.js';
import { type Place, ProblemLog } from './parsing/problem-log.js';
import { isMapping, readFields } from './parsing/read-fields.js';
import { runAtOnce } from './run-steps.js';
import { showError, showValue } from './show-value.js';

/** What a document says, as far as it can be understood, and everything that is wrong with it. */
export interface ParsedFlagDocument {
  /** In the document's order. */
  readonly flags: ReadonlyMap<string, FlagDefinition>;
  readonly segments: ReadonlyMap<string, Condition>;
  /** The names of segments that had errors; they are not in `segments`. */
  readonly refusedSegments: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  /** The keys of flags that had errors; they are not in `flags`. */
  readonly refused: ReadonlySet<string>;
  /** Those of them whose text can't be read as it was meant: the value that was read may be another than what is written. */
  readonly refusedByText: ReadonlySet<string>;
  /** Where segments are named, for those flags and segments that name any. */
  readonly segmentUses: {
    readonly byFlag: ReadonlyMap<string, readonly SegmentUse[]>;
    readonly bySegment: ReadonlyMap<string, readonly SegmentUse[]>;
  };
}

export interface ParseOptions {
  /**
   * What was parsed before: a flag or segment that is still written the same keeps its very object. The earlier
   * document must not have been edited in place since.
   */
  readonly previous?: { readonly document: unknown; readonly parsed: ParsedFlagDocument } | undefined;
  /** What the text's reader found: part of the result's problems, and an error in a flag refuses the flag. */
  readonly textProblems?: readonly Problem[] | undefined;
}

/** Turns a document of unknown shape into definitions and problems. Never throws. */
export function parseFlagDocument(document: unknown, options?: ParseOptions): ParsedFlagDocument {
  return runAtOnce(parseFlagDocumentInSteps(document, options));
}

/** {@link parseFlagDocument} with pauses, so that a large document can be parsed between other work. */
export function* parseFlagDocumentInSteps(
  document: unknown,
  options: ParseOptions = {},
): Generator<void, ParsedFlagDocument> {
  const log = new ProblemLog();
  // Where no text could be read there is no document to complain about.
  const isUnread =
    document === undefined && options.textProblems?.some(({ severity }) => severity === 'error') === true;
  const fields = isUnread ? { flags: undefined, segments: undefined } : readDocument(document, log);
  const previous = readPrevious(options.previous);
  const segments = yield* parseEntries(
    fields.segments,
    { step: 'segments', previous: previous.segments, parse: parseSegment },
    log,
  );
  checkSegments(segments, segments.uses, log);
  const flags = yield* parseEntries(fields.flags, { step: 'flags', previous: previous.flags, parse: parseFlag }, log);
  const refusedByText = keysWithErrors(options.textProblems);
  for (const key of refusedByText) {
    if (flags.accepted.delete(key)) flags.refused.add(key);
  }
  for (const [key, uses] of flags.uses) {
    if (areSegmentsKnown(uses, segments, log)) continue;
    if (flags.accepted.delete(key)) flags.refused.add(key);
  }
  checkPrerequisites(flags, flags.requires, log);
  warnAboutUnused(segments, flags.uses, log);
  return {
    flags: flags.accepted,
    segments: segments.accepted,
    refusedSegments: segments.refused,
    problems: [...(options.textProblems ?? []), ...log.problems],
    refused: flags.refused,
    refusedByText,
    segmentUses: { byFlag: flags.uses, bySegment: segments.uses },
  };
}

interface DocumentFields {
  readonly flags: unknown;
  readonly segments: unknown;
}

function readDocument(document: unknown, log: ProblemLog): DocumentFields {
  const fields = { $schema: undefined, version: undefined, flags: undefined, segments: undefined };
  try {
    if (!isMapping(document)) {
      log.error(undefined, `expected a document with \`version: 1\` and \`flags\`, found ${showValue(document)}.`);
      return fields;
    }
    return checkDocument(readFields(document, fields, documentWords, undefined, log), log);
  } catch (caught) {
    log.error(undefined, `the document can't be read: ${showError(caught)}.`);
    return { flags: undefined, segments: undefined };
  }
}

function checkDocument(
  fields: DocumentFields & { readonly $schema: unknown; readonly version: unknown },
  log: ProblemLog,
): DocumentFields {
  const { $schema, version } = fields;
  const hasUnknown = log.errorCount > 0;
  if ($schema !== undefined && typeof $schema !== 'string')
    log.error(undefined, `expected a text, found ${showValue($schema)}.`, '$schema');
  if (version === undefined) log.error(undefined, 'the document needs `version`. Add `version: 1`.');
  else if (version !== 1)
    log.error(
      undefined,
      `expected 1, found ${showValue(version)}. This process knows version 1 of the format.`,
      'version',
    );
  if (fields.flags === undefined) {
    if (!hasUnknown) log.error(undefined, 'the document needs `flags`. Add `flags: {}`.');
  } else if (!isMapping(fields.flags))
    log.error(
      undefined,
      `expected flags by their keys, found ${showValue(fields.flags)}. Write \`flags: {}\` for none.`,
      'flags',
    );
  if (fields.segments !== undefined && !isMapping(fields.segments)) {
    log.error(
      undefined,
      `expected conditions by the segments' names, found ${showValue(fields.segments)}.`,
      'segments',
    );
  }
  return fields;
}

interface EarlierDocument {
  readonly flags: Earlier<FlagDefinition> | undefined;
  readonly segments: Earlier<Condition> | undefined;
}

function readPrevious(previous: ParseOptions['previous']): EarlierDocument {
  const nothing: EarlierDocument = { flags: undefined, segments: undefined };
  if (previous === undefined) return nothing;
  const { document, parsed } = previous;
  const troubled = (root: string): ReadonlySet<string | number | undefined> =>
    new Set(parsed.problems.filter(({ path }) => path[0] === root).map(({ path }) => path[1]));
  try {
    if (!isMapping(document)) return nothing;
    const { flags, segments } = { flags: undefined, segments: undefined, ...document };
    return {
      flags: isMapping(flags)
        ? { written: flags, parsed: parsed.flags, uses: parsed.segmentUses.byFlag, troubled: troubled('flags') }
        : undefined,
      segments: isMapping(segments)
        ? {
            written: segments,
            parsed: parsed.segments,
            uses: parsed.segmentUses.bySegment,
            troubled: troubled('segments'),
          }
        : undefined,
    };
  } catch {
    return nothing;
  }
}

function parseSegment(
  _name: string,
  written: unknown,
  place: Place,
  log: ProblemLog,
): ParsedEntry<Condition> | undefined {
  const before = log.errorCount;
  const scope = createConditionScope(log);
  const definition = parseCondition(written, place, scope);
  return { definition: log.errorCount > before ? undefined : definition, uses: scope.uses };
}

function keysWithErrors(problems: readonly Problem[] = []): ReadonlySet<string> {
  const keys = problems.map(({ severity, path: [root, key] }) =>
    severity === 'error' && root === 'flags' && typeof key === 'string' ? key : undefined,
  );
  return new Set(keys.filter((key) => key !== undefined));
}

/** What is said about a segment that nothing names. */
export const UNUSED_SEGMENT = 'no rule uses this segment.';

function warnAboutUnused(
  segments: SortedEntries<Condition>,
  flagUses: ReadonlyMap<string, readonly SegmentUse[]>,
  log: ProblemLog,
): void {
  if (segments.accepted.size === 0) return;
  const used = new Set([...flagUses.values(), ...segments.uses.values()].flat().map(({ segment }) => segment));
  for (const name of segments.accepted.keys()) {
    if (!used.has(name)) log.warn({ around: undefined, step: 'segments' }, UNUSED_SEGMENT, name);
  }
}
