import { parseFlagDocument } from '../flags/parse-flag-document.js';
import { FlagDocumentError } from '../flags/problem.js';

/**
 * Stores take nothing that a reader would refuse.
 *
 * @throws FlagDocumentError with every error at once.
 */
export function assertValidDocument(document: unknown): void {
  const { problems } = parseFlagDocument(document);
  if (problems.some(({ severity }) => severity === 'error')) throw new FlagDocumentError(problems);
}
