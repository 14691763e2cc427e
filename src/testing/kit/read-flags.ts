import { readFileSync } from 'node:fs';
import { locateProblems, readFlagDocumentText } from '../../flags/flag-document-text.js';
import type { FlagDocument } from '../../flags/flag-document.js';
import { parseFlagDocument } from '../../flags/parse-flag-document.js';
import { FlagDocumentError } from '../../flags/problem.js';
import { isListOfTexts, isObject, isText, show } from '../../options/check-options.js';
import { documentOfAnswers, type MadeUpAnswers } from './flag-answers.js';

/** Where a test has its flags from: what they answer, a whole document, or the path or paths of its files (later wins). */
export type FlagSource = MadeUpAnswers | FlagDocument | string | readonly string[];

/**
 * The document that a test begins with. Files are read once, here.
 * @throws FlagDocumentError with the problems and their places, if a file has errors; TypeError if it is no source at all
 */
export function readFlags(where: string, source: FlagSource): FlagDocument {
  if (isPaths(source)) return readFiles(typeof source === 'string' ? [source] : source);
  if (!isObject(source)) {
    throw new TypeError(`${where}: expected answers by flag key, a flag document or its path, found ${show(source)}.`);
  }
  return isDocument(source) ? source : documentOfAnswers(source);
}

function isPaths(source: FlagSource): source is string | readonly string[] {
  return isText(source) || (isListOfTexts(source) && source.length > 0);
}

/** A mapping of answers may have any keys, so a document is told by both that it must have. */
function isDocument(source: MadeUpAnswers | FlagDocument): source is FlagDocument {
  return isObject(source['flags']) && source['version'] !== undefined;
}

function readFiles(paths: readonly string[]): FlagDocument {
  const texts = paths.map((name) => ({ name, text: readFileSync(name, 'utf8') }));
  const read = readFlagDocumentText(texts);
  const { problems } = parseFlagDocument(read.document, { textProblems: read.problems });
  if (problems.some(({ severity }) => severity === 'error'))
    throw new FlagDocumentError(locateProblems(problems, read));
  // It was parsed without errors.
  return read.document as FlagDocument;
}
