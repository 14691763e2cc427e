import { setTimeout as wait } from 'node:timers/promises';
import type { FlagDocument } from '../flags/flag-document.js';
import type { FlagStore, WritableFlagStore } from '../stores/flag-store.js';
import { shop } from './contract-document.js';
import type { Deadline } from './deadline.js';
import type { StoreHarness } from './store-harness.js';

/** What a case works with. */
export interface StoreBench {
  /** Makes storage of its own. Default: it holds {@link shop}. */
  readonly create: (document?: FlagDocument) => Promise<TestedStorage>;
  /** Opens a store on storage of its own. */
  readonly open: (document?: FlagDocument) => Promise<TestedStore>;
  /** Opens a store on storage of its own, and another one on the same. */
  readonly openTwo: (document?: FlagDocument) => Promise<{ readonly store: TestedStore; readonly other: TestedStore }>;
  /** Waits for something that comes by itself. */
  readonly until: (what: string, isSo: () => boolean | Promise<boolean>) => Promise<void>;
}

/** A case's storage, and what can be done with it. */
export interface TestedStorage {
  readonly open: () => Promise<TestedStore>;
  readonly openEnvironment: (document: FlagDocument) => Promise<TestedStore>;
  readonly replaceText: (text: string) => Promise<void>;
  readonly empty: () => Promise<void>;
}

/**
 * A store as the cases use it. What of it a case may use, its needs say; that the store has what its harness claims, is
 * a case of its own.
 */
export type TestedStore = WritableFlagStore & Required<Pick<FlagStore, 'pushDocument' | 'fleet' | 'leases'>>;

/** How often it is looked whether what is awaited has come, in milliseconds. */
const lookMs = 10;

/** A bench on a harness's stores. `close` closes every store that was opened on it, and then removes the storage. */
export function createBench<Storage>(
  harness: StoreHarness<Storage>,
  deadline: Deadline,
): StoreBench & { readonly close: () => Promise<void> } {
  const storages: Storage[] = [];
  const stores: FlagStore[] = [];

  const keep = (store: FlagStore | undefined): TestedStore => {
    if (store === undefined) throw new Error('The harness opened no store.');
    stores.push(store);
    return store as TestedStore;
  };
  const create: StoreBench['create'] = async (document = shop) => {
    const storage = await harness.create(document);
    storages.push(storage);
    return {
      open: async () => keep(await harness.open(storage)),
      openEnvironment: async (other) => keep(await harness.openEnvironment?.(storage, other)),
      replaceText: async (text) => {
        await harness.replaceText?.(storage, text);
      },
      empty: async () => {
        await harness.empty?.(storage);
      },
    };
  };
  return {
    create,
    open: async (document) => (await create(document)).open(),
    openTwo: async (document) => {
      const storage = await create(document);
      return { store: await storage.open(), other: await storage.open() };
    },
    until: async (what, isSo) => {
      deadline.waitFor(what);
      while (!(await isSo())) {
        deadline.check();
        await wait(lookMs);
      }
      deadline.waitFor(undefined);
    },
    close: async () => {
      for (const store of stores) await store.close();
      for (const storage of storages) await harness.remove?.(storage);
    },
  };
}
