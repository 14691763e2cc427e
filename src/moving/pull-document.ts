import { documentChanges } from '../flags/editing/document-changes.js';
import type { FlagState } from '../flags/flag-state.js';
import type { Problem } from '../flags/problem.js';
import { writeFlagDocument } from '../flags/write-flag-document.js';
import { checkOptions } from '../options/check-options.js';
import type { FlagStore, SourceText, StoredFlags } from '../stores/flag-store.js';
import { isTexts, textsOf } from '../stores/stored-document.js';
import { parseValidDocument } from '../stores/valid-document.js';
import { lostComments } from './lost-comments.js';
import { readValidTexts } from './read-valid-texts.js';

export interface PullOptions {
  /** What the text is to be. Default: what the store keeps; YAML where it keeps no text, or several. */
  readonly format?: 'yaml' | 'json';
}

/** A store's document as one text. */
export interface PulledDocument {
  /** To the letter, where the store keeps one text in this format. */
  readonly text: string;
  readonly format: 'yaml' | 'json';
  /** What operations did. It is no part of the text. */
  readonly state: FlagState;
  readonly version: string;
  /** Which comments the text doesn't have. */
  readonly warnings: readonly Problem[];
}

/**
 * A store's document as one text, which `pushDocument` brings back without a change. Several texts, or an object, become
 * one whose keys come in the usual order.
 *
 * @throws FlagDocumentError if the document must be written anew and has errors; whatever `load` rejects with; TypeError
 * for options that can't be meant.
 */
export async function pullDocument(store: FlagStore, options: PullOptions = {}): Promise<PulledDocument> {
  checkOptions('pullDocument', options, {
    format: { allowed: '"yaml" or "json"', isRight: (value) => value === 'yaml' || value === 'json' },
  });
  const stored = await store.load();
  const { state, version } = stored;
  const texts = textsOf(stored);
  const [only] = texts;
  const kept = only !== undefined && texts.length === 1 ? formatOf(only) : undefined;
  const { format = kept ?? 'yaml' } = options;
  if (only !== undefined && kept === format) return { text: only.text, format, state, version, warnings: [] };
  const text = writeAnew(store, stored, format);
  return { text, format, state, version, warnings: lostComments(texts, [{ name: store.name, text }]) };
}

function formatOf({ text }: SourceText): 'yaml' | 'json' {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
    return 'json';
  } catch {
    return 'yaml';
  }
}

function writeAnew(store: FlagStore, { document }: StoredFlags, format: 'yaml' | 'json'): string {
  if (!isTexts(document)) parseValidDocument(document);
  const valid = isTexts(document) ? readValidTexts(document, Infinity).document : document;
  const text = writeFlagDocument(valid, format);
  if (documentChanges(valid, readValidTexts([{ name: store.name, text }], Infinity).document).length === 0) return text;
  throw new Error(`${store.name}: the document can't be written as ${format}. Pull it in the other format.`);
}
