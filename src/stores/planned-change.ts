import { editFlagDocumentText } from '../flags/edit-flag-document.js';
import type { FlagDocument } from '../flags/flag-document.js';
import { locateProblems, readFlagDocumentText } from '../flags/flag-document-text.js';
import type { FlagState } from '../flags/flag-state.js';
import { serializeFlagState } from '../flags/flag-state-text.js';
import { parseFlagDocument } from '../flags/parse-flag-document.js';
import { FlagDocumentError } from '../flags/problem.js';
import { differenceBetween } from './difference.js';
import type { Difference, SourceText } from './flag-store.js';
import { parseValidDocument } from './valid-document.js';

/** What a change makes of the state, before anything is written. */
export interface PlannedState {
  readonly state: FlagState;
  /** Empty: nothing needs to be written. */
  readonly difference: readonly Difference[];
}

/** What a change makes of a store that holds texts, before anything is written. */
export interface PlannedUpdate extends PlannedState {
  readonly documents: readonly SourceText[];
}

/**
 * Plans a change of the document, and of the state with it.
 *
 * @throws FlagDocumentError if the texts can't be read or the result has errors; Error if the texts can't say it.
 */
export function planUpdate(
  documents: readonly SourceText[],
  state: FlagState,
  change: (document: FlagDocument) => FlagDocument,
  changeState: (state: FlagState) => FlagState = (same) => same,
): PlannedUpdate {
  const nextState = changeState(state);
  let difference: readonly Difference[] = [];
  const edited = editFlagDocumentText(documents, (document) => {
    // A copy, because a change that works in place would leave nothing to compare with.
    const changed = change(structuredClone(document));
    parseValidDocument(changed);
    difference = differenceBetween(
      { document, state: serializeFlagState(state) },
      { document: changed, state: serializeFlagState(nextState) },
    );
    return changed;
  });
  return { documents: edited, state: nextState, difference };
}

/** Plans a change of the state alone. */
export function planStateChange(before: FlagState, state: FlagState): PlannedState {
  const difference = differenceBetween(
    { document: undefined, state: serializeFlagState(before) },
    { document: undefined, state: serializeFlagState(state) },
  );
  return { state, difference };
}

/**
 * What is different when a text takes another's place, which may be broken or not be there.
 *
 * @param maxBytes how large the text may be
 * @throws FlagDocumentError if the text has errors, with their places.
 */
export function planReplacement(
  before: SourceText | undefined,
  after: SourceText,
  maxBytes: number,
): readonly Difference[] {
  const document = readValidText(after, maxBytes);
  const former = before && readFlagDocumentText([before], { maxBytes: Infinity }).document;
  return differenceBetween({ document: former, state: {} }, { document, state: {} });
}

/**
 * The document that a text says.
 *
 * @param maxBytes how large the text may be
 * @throws FlagDocumentError if the text has errors, with their places.
 */
export function readValidText(text: SourceText, maxBytes: number): FlagDocument {
  const read = readFlagDocumentText([text], { maxBytes });
  const { problems } = parseFlagDocument(read.document, { textProblems: read.problems });
  if (problems.some(({ severity }) => severity === 'error'))
    throw new FlagDocumentError(locateProblems(problems, read));
  return read.document as FlagDocument;
}
