import { mergeOverlays } from './reading/merge-overlays.js';
import type { ParsedFlagDocument, ParseOptions } from './parse-flag-document.js';
import { parseFlagDocument } from './parse-flag-document.js';
import type { Problem } from './problem.js';
import { type Location, readSourceText, type SourceText, type TextSource } from './reading/read-source-text.js';

export type { Location, SourceText };

/** Texts read into one document. It keeps the texts' syntax trees for `locate`: let go of it once the problems are located. */
export interface FlagDocumentText {
  /** Plain data, merged from all texts; `undefined` if any of them can't be read. */
  readonly document: unknown;
  /** What is wrong with the texts themselves, with its location. */
  readonly problems: readonly Problem[];
  /** Where a path of the document is written: at the key or list item, or at the nearest one around it that exists. */
  locate(path: readonly (string | number)[]): Location | undefined;
}

export interface ReadOptions {
  /** How large a text may be, in bytes of UTF-8. Default: 10 MB. */
  readonly maxBytes?: number | undefined;
}

const MAX_BYTES = 10_000_000;

/** Reads YAML or JSON texts into one document; what a later text says wins, per flag and key. Never throws. */
export function readFlagDocumentText(sources: readonly SourceText[], options: ReadOptions = {}): FlagDocumentText {
  const texts = sources.map((source) => readSourceText(source, options.maxBytes ?? MAX_BYTES));
  const problems = texts.flatMap((text) => text.problems);
  if (texts.length === 0) problems.push({ severity: 'error', path: [], message: 'there is no text to read.' });
  const isReadable = texts.length > 0 && texts.every((text) => text.isReadable);
  return {
    document: isReadable ? mergeOverlays(texts.map((text) => text.value)) : undefined,
    problems,
    locate: (path) => locateIn(texts, path),
  };
}

/** Gives problems their places in the text, those that have one keep it, and puts them in the text's order. */
export function locateProblems(problems: readonly Problem[], text: FlagDocumentText): readonly Problem[] {
  const located = problems.map((problem) => {
    if (problem.line !== undefined) return problem;
    const location = text.locate(problem.path);
    return location === undefined ? problem : { ...problem, ...location };
  });
  const sources = [...new Set(located.map(({ source }) => source))];
  const rank = new Map(sources.map((source, index) => [source, index]));
  const order = ({ source, line = 0, column = 0 }: Problem): readonly [number, number, number] => [
    rank.get(source) ?? 0,
    line,
    column,
  ];
  return located.sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
  });
}

/** Reads and parses texts. The problems have their places. Never throws. */
export function parseFlagDocumentText(
  sources: readonly SourceText[],
  options: ReadOptions & Pick<ParseOptions, 'previous'> = {},
): ParsedFlagDocument {
  const text = readFlagDocumentText(sources, options);
  const parsed = parseFlagDocument(text.document, { previous: options.previous, textProblems: text.problems });
  return { ...parsed, problems: locateProblems(parsed.problems, text) };
}

/** The last text that has what the path leads to: for a flag's key, the text that won. */
function locateIn(texts: readonly TextSource[], path: readonly (string | number)[]): Location | undefined {
  const decisive = path[0] === 'flags' ? 3 : 2;
  for (let length = Math.min(path.length, decisive); length >= 0; length--) {
    const owner = texts.findLast((text) => text.has(path.slice(0, length)));
    if (owner !== undefined) return owner.locate(path);
  }
  return undefined;
}
