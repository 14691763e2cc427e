import assert from 'node:assert/strict';
import { compareVersions, type StoredFlags } from '../../stores/flag-store.js';
import type { CaseGroup } from '../contract-case.js';
import { flagOf, why, withFlag, withKill } from '../contract-document.js';
import { listenTo } from '../listener.js';
import { rejection } from '../rejection.js';
import type { StoreBench, TestedStorage } from '../store-bench.js';

export const emptied: CaseGroup = {
  group: 'a store that was emptied',
  needs: ['empty', 'writing'],
  cases: [
    {
      name: 'rejects, or gives another version: it is not what it was',
      run: async (bench) => {
        const { storage, before } = await changedStorage(bench);
        const store = await storage.open();
        await storage.empty();
        for (const one of [store, await storage.open()]) {
          const outcome = await one.load().catch((error: unknown) => error);
          if (outcome instanceof Error) assert.notEqual(outcome.message, '', 'the error says what is missing');
          else assert.notEqual((outcome as StoredFlags).version, before);
        }
      },
    },
    {
      name: 'is told to those who watch',
      needs: ['watching'],
      run: async (bench) => {
        const { storage } = await changedStorage(bench);
        const store = await storage.open();
        await store.load();
        const listener = listenTo(store);
        await storage.empty();
        await bench.until('a listener to be told that the store was emptied', () => listener.count > 0);
      },
    },
    ...(['pushesDocuments', 'replaceText'] as const).map((way) => ({
      name: `can be filled again by ${way === 'replaceText' ? 'hand' : 'a push'}, and is another store then`,
      needs: [way],
      run: async (bench: StoreBench) => {
        const { storage, before } = await changedStorage(bench);
        const store = await storage.open();
        await storage.empty();
        if (way === 'replaceText') await storage.replaceText(filled);
        else {
          const { name } = await rejection((await storage.open()).load());
          const hint = 'who pushes must be able to tell a store that holds nothing from one that is away';
          assert.ok(['DocumentMissingError', 'DocumentUnreadableError'].includes(name), `${hint}, found ${name}`);
          await store.pushDocument(filled, why);
        }
        const stored = await (await storage.open()).load();
        assert.deepEqual(flagOf(stored, 'filled'), { rollout: 10 });
        assert.ok(['other-lineage', 'older'].includes(compareVersions(stored.version, before)));
        assert.equal((await store.load()).version, stored.version);
      },
    })),
  ],
};

const filled = 'version: 1\nflags:\n  filled: { rollout: 10 }\n';

/** Storage that has seen some changes, and its version. */
async function changedStorage({ create }: StoreBench): Promise<{ storage: TestedStorage; before: string }> {
  const storage = await create();
  const store = await storage.open();
  await store.updateState(withKill('payments'), why);
  const { version: before } = await store.update(withFlag('added', {}), why);
  return { storage, before };
}
