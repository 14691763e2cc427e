import { editFlagDocumentText } from '../flags/edit-flag-document.js';
import type { SourceText } from '../stores/flag-store.js';
import type { ReadSources } from './read-sources.js';
import { readValidTexts } from './read-valid-texts.js';

/**
 * Documents as one text that says the same. One document is its text, to the letter; of several, the first one's comments
 * stay as far as they can.
 *
 * @param maxBytes how large it may be
 * @throws FlagDocumentError if several make a text that is too large.
 */
export function toOneText({ sources, document }: ReadSources, maxBytes: number): SourceText {
  const [first, ...overlays] = sources;
  if (overlays.length === 0) return first;
  const [edited = first] = editFlagDocumentText([first], () => document);
  const merged = { name: sources.map(({ name }) => name).join(' + '), text: edited.text };
  readValidTexts([merged], maxBytes);
  return merged;
}
