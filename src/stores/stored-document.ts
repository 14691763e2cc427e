import { readFlagDocumentText } from '../flags/flag-document-text.js';
import { serializeFlagState } from '../flags/flag-state-text.js';
import { type Comparable, differenceBetween } from './difference.js';
import type { Difference, SourceText, StoredFlags } from './flag-store.js';

/**
 * The document as plain data, whether the store holds texts or an object; `undefined` if the texts can't be read.
 *
 * @param maxBytes how large a text may be. Default: as it is; whoever holds the texts has judged their size.
 */
export function readStoredDocument({ document }: Pick<StoredFlags, 'document'>, maxBytes: number = Infinity): unknown {
  return isTexts(document) ? readFlagDocumentText(document, { maxBytes }).document : document;
}

/** Whether a store holds the document as texts. */
export function isTexts(document: StoredFlags['document']): document is readonly SourceText[] {
  return Array.isArray(document);
}

/** The document's texts; none if the store holds an object. */
export function textsOf({ document }: Pick<StoredFlags, 'document'>): readonly SourceText[] {
  return isTexts(document) ? document : [];
}

/**
 * What is different between two moments of a store: between what a person started from and
 * `VersionConflictError.stored`, for example. A document that can't be read counts as none.
 */
export function differenceOf(before: StoredFlags, after: StoredFlags): readonly Difference[] {
  return differenceBetween(comparable(before), comparable(after));
}

function comparable(stored: StoredFlags): Comparable {
  return { document: readStoredDocument(stored), state: serializeFlagState(stored.state) };
}
