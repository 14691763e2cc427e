import { type FlagDocumentText, locateProblems, readFlagDocumentText } from '../../flags/flag-document-text.js';
import { type ParsedFlagDocument, parseFlagDocument, UNUSED_SEGMENT } from '../../flags/parse-flag-document.js';
import { formatPath, type Problem } from '../../flags/problem.js';
import type { StoredFlags } from '../../stores/flag-store.js';
import { isTexts } from '../../stores/stored-document.js';
import type { Finding } from '../findings/finding.js';
import { type DocumentSettings, readDocumentSettings } from './document-settings.js';
import { INVALID, type Level } from './levels.js';
import type { LintSettings } from './lint.js';
import { lints } from './lints.js';

/** What whoever checks wants; it comes before what the document says of itself. */
export interface CheckSettings {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly levels: ReadonlyMap<string, Level>;
  /** `undefined`: as the document says, else 50. */
  readonly maxFlagsPerOwner: number | undefined;
  /** `undefined`: as the document says, else none. */
  readonly namePattern: LintSettings['namePattern'];
}

/** What was found in one document. */
export interface CheckedDocument {
  /** In the text's order. */
  readonly findings: readonly Finding[];
  readonly flagCount: number;
}

const DEFAULT_MAX_FLAGS_PER_OWNER = 50;

/** A problem, and the rule that it goes against. */
interface RuledProblem extends Problem {
  readonly rule: string;
}

/**
 * Everything that is wrong, or looks wrong, with a document.
 *
 * @param maxBytes how large a text may be. Default: 10 MB
 */
export function checkDocument(
  { document: stored, state }: Pick<StoredFlags, 'document' | 'state'>,
  settings: CheckSettings,
  maxBytes?: number,
): CheckedDocument {
  const text = isTexts(stored) ? readFlagDocumentText(stored, { maxBytes }) : undefined;
  const document = text === undefined ? stored : text.document;
  const parsed = parseFlagDocument(document, { textProblems: text?.problems });
  const own = readDocumentSettings(document);
  const hits = lintHits(parsed, state, {
    now: settings.now,
    maxFlagsPerOwner: settings.maxFlagsPerOwner ?? own.maxFlagsPerOwner ?? DEFAULT_MAX_FLAGS_PER_OWNER,
    namePattern: settings.namePattern ?? own.namePattern,
  });
  const problems = [...parsed.problems, ...own.problems].map(ruled);
  const all = [...withoutRepeated(problems, hits), ...hits]
    .map((problem) => atLevel(problem, levelOf(problem, settings, own)))
    .filter((problem) => problem !== undefined);
  return { findings: located(all, text).map(findingOf), flagCount: parsed.flags.size + parsed.refused.size };
}

function lintHits(
  { flags, segments }: ParsedFlagDocument,
  state: StoredFlags['state'],
  settings: LintSettings,
): readonly RuledProblem[] {
  return lints.flatMap(({ rule, look }) =>
    Array.from(look({ flags, segments, state }, settings), (hit) => ({ ...hit, rule, severity: 'warning' as const })),
  );
}

function ruled(problem: Problem): RuledProblem {
  const { severity, message } = problem;
  if (severity === 'error') return { ...problem, rule: INVALID };
  return { ...problem, rule: message === UNUSED_SEGMENT ? 'unused-segment' : 'doubtful' };
}

/** The problems without what the parser too says of a rule that can never match. */
function withoutRepeated(problems: readonly RuledProblem[], hits: readonly RuledProblem[]): readonly RuledProblem[] {
  const placeOf = ({ path }: Problem): string => JSON.stringify(path.slice(0, 4));
  const unreachable = new Set(hits.filter(({ rule }) => rule === 'unreachable-rule').map(placeOf));
  return problems.filter(
    (problem) =>
      problem.rule !== 'doubtful' || !unreachable.has(placeOf(problem)) || !/never match|of no/.test(problem.message),
  );
}

function levelOf({ rule, path }: RuledProblem, { levels }: CheckSettings, own: DocumentSettings): Level {
  if (rule === INVALID) return 'error';
  const [root, key] = path;
  const isIgnored = root === 'flags' && typeof key === 'string' && own.ignored.get(key)?.has(rule) === true;
  return isIgnored ? 'off' : (levels.get(rule) ?? own.levels.get(rule) ?? 'warn');
}

function atLevel(problem: RuledProblem, level: Level): RuledProblem | undefined {
  return level === 'off' ? undefined : { ...problem, severity: level === 'error' ? 'error' : 'warning' };
}

function located(problems: readonly RuledProblem[], text: FlagDocumentText | undefined): readonly RuledProblem[] {
  // They are given places, and keep what else they have.
  return text === undefined ? problems : (locateProblems(problems, text) as readonly RuledProblem[]);
}

function findingOf({ severity, rule, path, message, source, line, column }: RuledProblem): Finding {
  const [root, key] = path;
  const where = formatPath(path);
  return {
    severity,
    rule,
    message: where === '' ? message : `${where}: ${message}`,
    ...(source !== undefined && { file: source }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(root === 'flags' && typeof key === 'string' && { flagKey: key }),
  };
}
