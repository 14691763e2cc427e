import { type ParsedFlagDocument, parseFlagDocument, type ParseOptions } from '../flags/parse-flag-document.js';
import { FlagDocumentError } from '../flags/problem.js';

/**
 * Stores take nothing that a reader would refuse.
 *
 * @throws FlagDocumentError with every error at once.
 */
export function parseValidDocument(document: unknown, previous?: ParseOptions['previous']): ParsedFlagDocument {
  const parsed = parseFlagDocument(document, { previous });
  if (parsed.problems.some(({ severity }) => severity === 'error')) throw new FlagDocumentError(parsed.problems);
  return parsed;
}
