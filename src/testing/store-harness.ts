import type { FlagDocument } from '../flags/flag-document.js';
import type { FlagStore } from '../stores/flag-store.js';

/**
 * How the contract gets at a store. What a harness doesn't offer leaves the cases out that need it; each says why.
 *
 * @typeParam Storage whatever the stores are opened on: a folder, a table, an address.
 */
export interface StoreHarness<Storage> {
  /** Makes storage that holds this document, and nothing else: no state, no history. Each case has its own. */
  readonly create: (document: FlagDocument) => Storage | Promise<Storage>;
  /**
   * Opens a store on the storage. A case opens several, as several processes would, and closes them all. Where storage
   * can't be shared, it may be the same store each time.
   */
  readonly open: (storage: Storage) => FlagStore | Promise<FlagStore>;
  /** Removes the storage, after its stores are closed. */
  readonly remove?: ((storage: Storage) => unknown) | undefined;
  /** What the store doesn't do, and why: `{ writing: 'the bucket is written by the build' }`. */
  readonly without?: Partial<Readonly<Record<StoreAbility, string>>> | undefined;
  /** Whether the store has `pushDocument`. Default: false. */
  readonly pushesDocuments?: boolean | undefined;
  /** Whether a pushed text is kept to the letter, with its comments. Default: false. */
  readonly keepsTexts?: boolean | undefined;
  /** Whether the store has a `fleet`. Default: false. */
  readonly keepsFleet?: boolean | undefined;
  /** Whether the `fleet` keeps when flags were last evaluated. Default: false. */
  readonly keepsUsage?: boolean | undefined;
  /** Whether the store has `leases`. Default: false. */
  readonly keepsLeases?: boolean | undefined;
  /**
   * Puts a text, perhaps a broken one, into the document's place, past the store: as an editor, another program or a
   * newer release would, in a way that the store is to notice.
   */
  readonly replaceText?: ((storage: Storage, text: string) => unknown) | undefined;
  /** Loses everything that the storage holds, past the store. */
  readonly empty?: ((storage: Storage) => unknown) | undefined;
  /** Opens a store on another environment of the same storage, which holds this document. */
  readonly openEnvironment?: ((storage: Storage, document: FlagDocument) => FlagStore | Promise<FlagStore>) | undefined;
  /** How long a case may take, and wait for a watcher, in milliseconds. Default: 120,000. */
  readonly timeoutMs?: number | undefined;
}

/** What most stores do: `writing` is `update` and `updateState`, `watching` is `watch`, `history` is itself. */
export type StoreAbility = 'writing' | 'watching' | 'history';
