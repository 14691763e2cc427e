import assert from 'node:assert/strict';
import type { FlagState } from '../../flags/flag-state.js';
import type { FlagStore, StoredFlags } from '../../stores/flag-store.js';
import { readStoredDocument } from '../../stores/stored-document.js';
import type { CaseGroup } from '../contract-case.js';
import { documentOf, flagOf, killed, why, withFlag, withKill } from '../contract-document.js';
import { listenTo } from '../listener.js';
import { rejection, versionConflict } from '../rejection.js';

export const pastTheStore: CaseGroup = {
  group: 'a document written past the store',
  needs: ['replaceText'],
  cases: [
    {
      name: 'is read by everyone, in another version',
      run: async ({ create }) => {
        const storage = await create();
        const stores = [await storage.open(), await storage.open()];
        const versions = await Promise.all(stores.map(async (store) => (await store.load()).version));
        await storage.replaceText(mended);
        for (const [index, store] of stores.entries()) {
          const stored = await store.load();
          assert.deepEqual(flagOf(stored, 'mended'), { rollout: 10 });
          assert.notEqual(stored.version, versions[index]);
        }
      },
    },
    {
      name: 'is told to those who watch',
      needs: ['watching'],
      run: async ({ create, until }) => {
        const storage = await create();
        const store = await storage.open();
        await store.load();
        const listener = listenTo(store);
        await storage.replaceText(mended);
        await until('a listener to be told of a text written past the store', () => listener.count > 0);
      },
    },
    {
      name: 'is not judged: a broken one harms nothing, and can be mended',
      run: async ({ create }) => {
        const storage = await create();
        const store = await storage.open();
        await storage.replaceText(broken);
        await readBroken(store);
        await storage.replaceText(mended);
        assert.deepEqual(flagOf(await store.load(), 'mended'), { rollout: 10 });
      },
    },
    {
      name: 'does not keep a flag from being killed and restored while it is broken',
      needs: ['writing'],
      run: async ({ create }) => {
        const storage = await create();
        const [store, other] = [await storage.open(), await storage.open()];
        await store.updateState(withKill('button-color'), why);
        await storage.replaceText(broken);
        assert.deepEqual(killed(await readBroken(store)), ['button-color']);
        const stored = await store.updateState(withKill('payments'), why);
        assert.deepEqual(killed(stored), ['button-color', 'payments']);
        assert.deepEqual(killed(await readBroken(other)), ['button-color', 'payments']);
        await other.updateState((state) => ({ ...state, kills: new Map() }), why);
        assert.deepEqual(killed(await readBroken(store)), []);
        await storage.replaceText(mended);
        assert.deepEqual(documentOf(await store.load()), { version: 1, flags: { mended: { rollout: 10 } } });
      },
    },
    {
      name: 'is not overwritten by a change while it is broken',
      needs: ['writing'],
      run: async ({ create }) => {
        const storage = await create();
        const store = await storage.open();
        await storage.replaceText(broken);
        await rejection(store.update(withFlag('lost', {}), why));
        await readBroken(store);
      },
    },
    {
      name: 'leaves the state as it is',
      needs: ['writing'],
      run: async ({ create }) => {
        const storage = await create();
        const store = await storage.open();
        await store.updateState(withKill('payments'), why);
        await storage.replaceText(mended);
        assert.deepEqual(killed(await store.load()), ['payments']);
      },
    },
    {
      name: 'is a conflict for who expected the version before',
      needs: ['writing'],
      run: async ({ create }) => {
        const storage = await create();
        const store = await storage.open();
        const { version: expectedVersion } = await store.load();
        await storage.replaceText(mended);
        const conflict = await versionConflict(store.update(withFlag('late', {}), { ...why, expectedVersion }));
        assert.deepEqual(flagOf(conflict.stored, 'mended'), { rollout: 10 });
      },
    },
  ],
};

const broken = 'flags: [';

const mended = 'version: 1\nflags:\n  mended: { rollout: 10 }\n';

/** What a store that holds a broken text gives: the text, or a rejection with the state, because kills hold all the same. */
async function readBroken(store: FlagStore): Promise<Pick<StoredFlags, 'document' | 'state'>> {
  const stored = await store.load().catch((error: unknown) => stateOf(error));
  assert.equal(readStoredDocument(stored), undefined, 'a broken text is no document');
  return stored;
}

function stateOf(error: unknown): Pick<StoredFlags, 'document' | 'state'> {
  const { name, state } = error as Error & { readonly state?: FlagState };
  const hint = 'A store that can read the state alone rejects with DocumentUnreadableError, which has it.';
  assert.ok(name === 'DocumentUnreadableError' && state !== undefined, `${hint} Found ${String(error)}`);
  return { document: [], state };
}
