import { documentChanges, type DocumentChange } from '../flags/editing/document-changes.js';
import type { FlagDocument } from '../flags/flag-document.js';
import { serializeFlagState } from '../flags/flag-state-text.js';
import { differenceBetween } from '../stores/difference.js';
import type { Difference, StoredFlags } from '../stores/flag-store.js';
import { readStoredDocument } from '../stores/stored-document.js';

/** What a push does to the flags. */
export interface PushEffect {
  readonly difference: readonly Difference[];
  /** Keys of flags that come. */
  readonly added: readonly string[];
  /** Keys of flags that are others. */
  readonly changed: readonly string[];
  /** Keys of flags that go. */
  readonly removed: readonly string[];
  /**
   * What the state says of flags that go, such as `state.kills.payments`. It stays, so that a killed flag which comes
   * back is still off.
   */
  readonly keptState: readonly string[];
}

/** @param before what the store holds; `undefined`: nothing. A document that can't be read counts as nothing, too. */
export function effectOf(before: StoredFlags | undefined, document: FlagDocument): PushEffect {
  const former = before === undefined ? undefined : readStoredDocument(before);
  const start = hasFlags(former) ? former : nothing;
  const ofFlags = documentChanges(start, document).filter(({ path }) => path[0] === 'flags');
  const keysOf = (isMeant: (change: DocumentChange) => boolean): readonly string[] => [
    ...new Set(ofFlags.filter(isMeant).map(({ path }) => path[1] ?? '')),
  ];
  const comes = (change: DocumentChange): boolean => change.path.length === 2 && change.before === undefined;
  const goes = (change: DocumentChange): boolean => change.path.length === 2 && change.after === undefined;
  const removed = keysOf(goes);
  return {
    difference: differenceBetween({ document: start, state: {} }, { document, state: {} }),
    added: keysOf(comes),
    changed: keysOf((change) => !comes(change) && !goes(change)),
    removed,
    keptState: before === undefined ? [] : stateOf(before, removed),
  };
}

const nothing: FlagDocument = { version: 1, flags: {} };

function hasFlags(document: unknown): document is FlagDocument {
  if (typeof document !== 'object' || document === null || !('flags' in document)) return false;
  return typeof document.flags === 'object' && document.flags !== null && !Array.isArray(document.flags);
}

/** The state has parts, such as `kills`, and each part has entries by flag key. */
function stateOf({ state }: StoredFlags, keys: readonly string[]): readonly string[] {
  const parts: readonly [string, object][] = Object.entries(serializeFlagState(state));
  return parts.flatMap(([part, entries]) =>
    keys.filter((key) => Object.hasOwn(entries, key)).map((key) => `state.${part}.${key}`),
  );
}
