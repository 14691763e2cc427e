import type { FlagDocument } from '../flags/flag-document.js';
import type { SourceText } from '../flags/flag-document-text.js';
import type { FlagState } from '../flags/flag-state.js';
import type { ParsedFlagDocument } from '../flags/parse-flag-document.js';
import type { FleetRegister } from './fleet-register.js';
import type { Lease, LeaseRegister } from './lease-register.js';

export type { SourceText };

/**
 * Where flags come from. The same contract suite runs for every store.
 *
 * A store moves documents; it does not judge them while reading. `load` returns what is stored, and the runtime parses it.
 */
export interface FlagStore {
  /** What logs, `health()` and the metrics' `source` label call this store, e.g. `file:flags.yaml`. Holds no secret. */
  readonly name: string;
  /**
   * What a reader does with a document that has errors: refuse it `whole`, because whoever wrote it can mend it now,
   * or refuse only the flags that it can't understand, because a newer writer may know more words than this process.
   */
  readonly refuses: 'whole' | 'flags';
  /** How large a document's text may be, in bytes. Default: 10 MB. */
  readonly maxBytes?: number | undefined;
  /**
   * Reads document, state and version, all of the same moment. Rejects if they can't be read, with
   * {@link DocumentUnreadableError} if the state can, and with {@link DocumentMissingError} if nothing was written yet.
   */
  load(): Promise<StoredFlags>;
  /**
   * Calls `onChange` after anything may have changed; `load` tells what. A listener that throws does no harm.
   * Returns the function that ends it.
   */
  watch?(onChange: () => void): () => void;
  /** Changes the document. Absent on a store that can only be read. */
  update?(change: (document: FlagDocument) => FlagDocument, options: UpdateOptions): Promise<StoredFlags>;
  /** Changes the state alone; it works even while the document is broken. Absent on a store that can only be read. */
  updateState?(change: (state: FlagState) => FlagState, options: ChangeOptions): Promise<StoredFlags>;
  /**
   * Replaces the document by a text, YAML or JSON, whatever stood there before; the state stays. Absent where the document
   * is edited in its place, such as a file.
   *
   * @throws FlagDocumentError if the text has errors: then the former document stays; VersionConflictError.
   */
  pushDocument?(text: string, options: ChangeOptions): Promise<StoredFlags>;
  /** The changes made through Halyard, newest first. */
  history?(options?: { readonly limit?: number }): Promise<readonly Change[]>;
  /**
   * Tells what state a former process served last, once, before the first `load`. For a store that can answer without
   * the source that holds the state: a kill then outlives a restart.
   */
  remember?(state: FlagState): void;
  /** The instances that follow this document. Absent on a store that keeps no list of them. */
  readonly fleet?: FleetRegister;
  /** What one process may do at a time. Absent on a store that can only be read, and where that can't be decided. */
  readonly leases?: LeaseRegister;
  /** Ends every watcher, timer and connection that the store opened. May be called twice. */
  close(): Promise<void>;
}

/** A store that can be followed and changed. */
export type WritableFlagStore = FlagStore & Required<Pick<FlagStore, 'watch' | 'update' | 'updateState' | 'history'>>;

/** What a store holds at one moment. */
export interface StoredFlags {
  /** The document's texts in the order in which they are merged (later wins), or the document as an object. */
  readonly document: readonly SourceText[] | FlagDocument;
  /** What the document says, from a store of this package that has parsed it already: then it isn't parsed again. */
  readonly parsed?: ParsedFlagDocument;
  readonly state: FlagState;
  /** `lineage:counter`; see {@link compareVersions}. */
  readonly version: string;
  /**
   * Since when all of this may be out of date, in milliseconds since the epoch: what answered has lost the place that it
   * has it from, and goes on with the last good flags. Absent: it is what is stored now.
   */
  readonly staleSince?: number;
  /** Which of its sources it comes from, where a store has several. Default: the store itself. */
  readonly source?: StoredFrom;
}

/** One of several sources of a store. */
export interface StoredFrom {
  readonly name: string;
  /** Why it is not the first of them; absent if it is. */
  readonly because?: string;
}

export interface ChangeOptions {
  /** Who makes the change. */
  readonly by: string;
  /** Why. */
  readonly reason: string;
  /** Rejects with {@link VersionConflictError} if the store is at another version, instead of running the change again. */
  readonly expectedVersion?: string;
  /**
   * Of this store's `leases`. The change is written only if nobody has taken it since, which is decided in the same step
   * as the write; one that has ended and that nobody took still counts. Otherwise it rejects with `LeaseLostError`, and nothing is written.
   */
  readonly lease?: Lease;
  /**
   * What the entry in the history tells beside what is different, e.g. the measurements that opened a breaker. It makes an
   * entry, and a version, also where nothing is different. Default: nothing.
   */
  readonly evidence?: readonly Difference[];
}

export interface UpdateOptions extends ChangeOptions {
  /** Changes the state in the same version. */
  readonly state?: (state: FlagState) => FlagState;
}

/** An entry of the audit trail. */
export interface Change {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
  readonly reason: string;
  /** The version that the change made. */
  readonly version: string;
  /** What is different: dotted paths with the value before and after (absent: not there). */
  readonly difference: readonly Difference[];
}

export interface Difference {
  /** E.g. `flags.new-checkout.rollout` or `state.kills.payments`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** The document can't be read, but the state can: kills are followed all the same. */
export class DocumentUnreadableError extends Error {
  override readonly name = 'DocumentUnreadableError';
  readonly state: FlagState;

  constructor(message: string, state: FlagState, options: ErrorOptions) {
    super(message, options);
    this.state = state;
  }
}

/** The store holds nothing: neither a state nor a document. `pushDocument` brings the first one. */
export class DocumentMissingError extends Error {
  override readonly name = 'DocumentMissingError';
}

/**
 * Somebody else changed the store first. It has what a person needs who must merge: the version that they started from,
 * and everything that the store holds instead.
 */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';
  /** The version that the change started from. */
  readonly expected: string;
  /** The version that was found. */
  readonly found: string;
  /** What the store holds at the version that was found. */
  readonly stored: StoredFlags;

  constructor(expected: string, stored: StoredFlags) {
    super(
      `The store is at version ${stored.version}, not at ${expected}: somebody else changed it. Load it again and repeat the change.`,
    );
    this.expected = expected;
    this.found = stored.version;
    this.stored = stored;
  }
}

/**
 * How version `a` stands to version `b`. A version is `lineage:counter`: versions are compared for equality and,
 * within one lineage, for order. A store that was emptied or rolled back has another lineage or an older counter.
 */
export function compareVersions(a: string, b: string): 'same' | 'newer' | 'older' | 'other-lineage' {
  if (a === b) return 'same';
  const [lineageA, counterA] = splitVersion(a);
  const [lineageB, counterB] = splitVersion(b);
  if (lineageA !== lineageB || counterA === counterB) return 'other-lineage';
  return counterA > counterB ? 'newer' : 'older';
}

function splitVersion(version: string): [lineage: string, counter: number] {
  const colon = version.lastIndexOf(':');
  const counter = Number(version.slice(colon + 1));
  return colon === -1 || !Number.isFinite(counter) ? [version, 0] : [version.slice(0, colon), counter];
}
