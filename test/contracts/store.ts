import { describe, expect, it } from 'vitest';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import type { FlagStore, WritableFlagStore } from '../../src/stores/flag-store.js';
import { type StoreHarness, storeContract as contract } from '../../src/testing/index.js';

/** Runs the contract of `halyard/testing` in Vitest. */
export function holdsTheContract<Storage>(name: string, harness: StoreHarness<Storage>): void {
  describe(`${name} as a flag store`, () => {
    // YAML of 10,000 flags takes its time where everything runs at once.
    for (const { name: title, skip, timeoutMs, run } of contract({ timeoutMs: 300_000, ...harness })) {
      it.skipIf(skip !== undefined)(title, run, timeoutMs);
    }
    refusesWhatCannotBeMeant(harness);
  });
}

/** What Halyard's own stores hold to beside the contract: a change that nobody could read in the history is not made. */
function refusesWhatCannotBeMeant<Storage>({ create, open, remove }: StoreHarness<Storage>): void {
  const change = (document: FlagDocument): FlagDocument => ({ ...document, flags: { ...document.flags, late: {} } });
  const why = { by: 'ana', reason: 'because' };
  it.each([
    [undefined, 'expected an object of options, found undefined.'],
    [{}, 'option `by`: expected a text that says who, found nothing.'],
    [{ ...why, by: '' }, 'option `by`: expected a text that says who, found "".'],
    [{ by: 'ana' }, 'option `reason`: expected a text that says why, found nothing.'],
    [{ ...why, expectedversion: 'a:1' }, 'unknown option `expectedversion`. Did you mean `expectedVersion`?'],
  ])('makes no change with the options %j', async (options, message) => {
    await withStore(async (store) => {
      const { version } = await store.load();
      await expect(store.update(change, options as never)).rejects.toThrow(message);
      await expect(store.updateState((state) => state, options as never)).rejects.toThrow(message);
      const pushed = store.pushDocument?.('version: 1\nflags: { late: {} }\n', options as never);
      if (pushed !== undefined) await expect(pushed).rejects.toThrow(message);
      expect((await store.load()).version).toBe(version);
    });
  });

  it.each([0, -1, 1.5, Infinity, '2', null])('gives no history of %j changes', async (limit) => {
    await withStore(async (store) => {
      await expect(store.history({ limit: limit as never })).rejects.toThrow(
        'option `limit`: expected a whole number of changes, at least 1, found',
      );
    });
  });

  async function withStore(test: (store: WritableFlagStore) => Promise<void>): Promise<void> {
    const storage = await create({ version: 1, flags: {} });
    const store = await open(storage);
    try {
      if (store.update !== undefined) await test(store as WritableFlagStore);
    } finally {
      await store.close();
      await remove?.(storage);
    }
  }
}

/** A store over storage of its own. */
export interface StoreUnderTest {
  readonly store: FlagStore;
  /** Another store on the same storage, as another process would have it. The same object where storage can't be shared. */
  readonly another: () => Promise<FlagStore>;
  /** Closes every store and removes the storage. */
  readonly dispose: () => Promise<void>;
}

/**
 * {@link holdsTheContract} for storage that comes with its first store.
 *
 * @param makeStore gives a store that holds `document`.
 */
export function storeContract(
  name: string,
  makeStore: (document: FlagDocument) => Promise<StoreUnderTest>,
  more: Omit<StoreHarness<StoreUnderTest>, 'create' | 'open' | 'remove'> = {},
): void {
  const opened = new WeakSet<StoreUnderTest>();
  holdsTheContract(name, {
    ...more,
    create: makeStore,
    open: (subject) => {
      if (opened.has(subject)) return subject.another();
      opened.add(subject);
      return subject.store;
    },
    remove: (subject) => subject.dispose(),
  });
}
