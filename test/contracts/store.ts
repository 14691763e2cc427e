import { describe, it } from 'vitest';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import type { FlagStore } from '../../src/stores/flag-store.js';
import { type StoreHarness, storeContract as contract } from '../../src/testing/index.js';

/** Runs the contract of `halyard/testing` in Vitest. */
export function holdsTheContract<Storage>(name: string, harness: StoreHarness<Storage>): void {
  describe(`${name} as a flag store`, () => {
    // YAML of 10,000 flags takes its time where everything runs at once.
    for (const { name: title, skip, timeoutMs, run } of contract({ timeoutMs: 300_000, ...harness })) {
      it.skipIf(skip !== undefined)(title, run, timeoutMs);
    }
  });
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
