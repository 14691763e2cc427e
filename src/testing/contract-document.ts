import type { FlagDocument, WrittenFlag } from '../flags/flag-document.js';
import type { FlagState, Kill } from '../flags/flag-state.js';
import type { StoredFlags } from '../stores/flag-store.js';
import { readStoredDocument } from '../stores/stored-document.js';

/** The document that most cases begin with. */
export const shop: FlagDocument = {
  version: 1,
  flags: {
    'button-color': {
      kind: 'experiment',
      variants: { control: 'blue', zebra: 'green', apple: 'red' },
      offVariant: 'control',
      rollout: 20,
      split: { zebra: 25, control: 50, apple: 25 },
    },
    payments: { kind: 'operational' },
  },
};

/** Who makes the changes, and why, where it doesn't matter. */
export const why: { readonly by: string; readonly reason: string } = { by: 'ana', reason: 'because' };

export const kill: Kill = { at: 1_750_000_000_000, by: 'ana', reason: 'provider down' };

/** Stores hold texts or objects; a reader sees the same document. */
export function documentOf(stored: StoredFlags): FlagDocument {
  return readStoredDocument(stored) as FlagDocument;
}

/** The flag as a reader sees it. */
export function flagOf(stored: StoredFlags, key: string): WrittenFlag | undefined {
  return documentOf(stored).flags[key];
}

export function withFlag(key: string, flag: WrittenFlag): (document: FlagDocument) => FlagDocument {
  return (document) => ({ ...document, flags: { ...document.flags, [key]: flag } });
}

export function withoutFlag(key: string): (document: FlagDocument) => FlagDocument {
  return (document) => ({
    ...document,
    flags: Object.fromEntries(Object.entries(document.flags).filter(([name]) => name !== key)),
  });
}

export function withKill(key: string, more: Partial<Kill> = {}): (state: FlagState) => FlagState {
  return (state) => ({ ...state, kills: new Map([...state.kills, [key, { ...kill, ...more }]]) });
}

export function withoutKill(key: string): (state: FlagState) => FlagState {
  return (state) => ({ ...state, kills: new Map([...state.kills].filter(([name]) => name !== key)) });
}

/** The keys of the flags that are killed, in alphabetical order. */
export function killed({ state }: Pick<StoredFlags, 'state'>): readonly string[] {
  return [...state.kills.keys()].toSorted();
}
