import { editFlagDocumentText } from '../flags/edit-flag-document.js';
import type { ChangeOptions, FlagStore, SourceText, StoredFlags } from '../stores/flag-store.js';
import { isTexts } from '../stores/stored-document.js';
import { toOneText } from './one-text.js';
import type { ReadSources } from './read-sources.js';

/** How documents get into a store: as a text, or as what they say. */
export interface PushWay {
  /** The names of the errors with which `load` rejects where a push is what mends it. */
  readonly mends: readonly string[];
  /** The texts that the store will hold, as far as can be told before; none if it holds an object. */
  textsAfter(before: StoredFlags | undefined): readonly SourceText[];
  write(options: ChangeOptions): Promise<StoredFlags>;
}

/**
 * @param maxBytes how large the text may be
 * @throws TypeError for a store that can only be read; FlagDocumentError if several documents make a text that is too large.
 */
export function wayInto(store: FlagStore, pushed: ReadSources, maxBytes: number): PushWay {
  if (has(store, 'pushDocument')) return asText(store, toOneText(pushed, maxBytes));
  if (has(store, 'update')) return asDocument(store, pushed);
  throw new TypeError(`pushDocument: ${store.name} can only be read.`);
}

type StoreWith<Method extends keyof FlagStore> = FlagStore & Required<Pick<FlagStore, Method>>;

function has<Method extends keyof FlagStore>(store: FlagStore, method: Method): store is StoreWith<Method> {
  return store[method] !== undefined;
}

function asText(store: StoreWith<'pushDocument'>, source: SourceText): PushWay {
  return {
    mends: ['DocumentMissingError', 'DocumentUnreadableError'],
    // A store that holds an object takes what the text says.
    textsAfter: (before) => (before !== undefined && !isTexts(before.document) ? [] : [source]),
    write: (options) => store.pushDocument(source.text, options),
  };
}

/** Into a store that edits its own text, or holds none. */
function asDocument(store: StoreWith<'update'>, { document }: ReadSources): PushWay {
  return {
    mends: ['DocumentMissingError'],
    textsAfter: (before) =>
      before !== undefined && isTexts(before.document) ? editFlagDocumentText(before.document, () => document) : [],
    write: (options) => store.update(() => document, options),
  };
}
