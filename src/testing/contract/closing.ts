import assert from 'node:assert/strict';
import type { CaseGroup } from '../contract-case.js';
import { documentOf, why, withFlag, withKill } from '../contract-document.js';
import { listenTo } from '../listener.js';

export const closing: CaseGroup = {
  group: 'closing',
  cases: [
    {
      name: 'can be done twice, at once, and before anything else',
      run: async ({ open }) => {
        const store = await open();
        await Promise.all([store.close(), store.close()]);
        await store.close();
      },
    },
    {
      name: 'is safe during a load, and after it nothing hangs',
      run: async ({ open }) => {
        const store = await open();
        const running = Promise.allSettled([store.load(), store.load()]);
        await store.close();
        await running;
        await Promise.allSettled([store.load()]);
      },
    },
    {
      name: 'is safe while a watch begins, and after it none begins',
      needs: ['watching'],
      run: async ({ open }) => {
        const store = await open();
        const ends = [store.watch(() => undefined), store.watch(() => undefined)];
        ends[0]?.();
        await store.close();
        ends.push(store.watch(() => undefined));
        for (const end of ends) end();
        await store.close();
      },
    },
    {
      name: 'ends every watch of this store, and none of another',
      needs: ['watching', 'writing'],
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        await store.load();
        const closed = listenTo(store);
        await store.close();
        if (other === store) return;
        await other.load();
        const going = listenTo(other);
        await other.update(withFlag('one', {}), why);
        await until('the listener of a store that goes on to be told', () => going.count > 0);
        assert.equal(closed.count, 0);
      },
    },
    {
      name: 'is safe during changes: each of them is there, or not at all',
      needs: ['writing'],
      run: async ({ create }) => {
        const storage = await create({ version: 1, flags: { a: { rollout: 0 }, b: { rollout: 0 } } });
        const store = await storage.open();
        const both = (rollout: number) => () => ({ version: 1 as const, flags: { a: { rollout }, b: { rollout } } });
        const running = Promise.allSettled([
          store.update(both(1), why),
          store.updateState(withKill('a'), why),
          store.update(both(2), { ...why, state: withKill('b') }),
        ]);
        await Promise.all([store.close(), store.close()]);
        const outcomes = await running;
        const stored = await (await storage.open()).load();
        const { a, b } = documentOf(stored).flags;
        assert.deepEqual(a, b);
        assert.equal(stored.state.kills.has('a'), outcomes[1].status === 'fulfilled');
        assert.equal(stored.state.kills.has('b'), outcomes[2].status === 'fulfilled');
        assert.equal(a?.rollout === 2, outcomes[2].status === 'fulfilled');
      },
    },
  ],
};
