import type { FlagDocument } from '../flags/flag-document.js';
import { locateProblems, readFlagDocumentText } from '../flags/flag-document-text.js';
import { parseFlagDocument } from '../flags/parse-flag-document.js';
import { FlagDocumentError, type Problem } from '../flags/problem.js';
import type { SourceText } from '../stores/flag-store.js';

export interface ValidTexts {
  /** What the texts say together; later wins. */
  readonly document: FlagDocument;
  readonly warnings: readonly Problem[];
}

/**
 * @param maxBytes how large each may be
 * @throws FlagDocumentError with every error and its place.
 */
export function readValidTexts(sources: readonly SourceText[], maxBytes: number): ValidTexts {
  const read = readFlagDocumentText(sources, { maxBytes });
  const parsed = parseFlagDocument(read.document, { textProblems: read.problems });
  const problems = locateProblems(parsed.problems, read);
  if (problems.some(({ severity }) => severity === 'error')) throw new FlagDocumentError(problems);
  return { document: read.document as FlagDocument, warnings: problems };
}
