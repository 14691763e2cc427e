import assert from 'node:assert/strict';
import type { CaseGroup } from '../contract-case.js';
import { documentOf, flagOf, killed, shop, why, withFlag, withKill } from '../contract-document.js';
import { versionConflict } from '../rejection.js';

export const conflicts: CaseGroup = {
  group: 'conflicts',
  needs: ['writing'],
  cases: [
    {
      name: 'are none while the store is at the version that is expected',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const first = await store.load();
        const second = await other.update(withFlag('a', {}), { ...why, expectedVersion: first.version });
        await store.updateState(withKill('a'), { ...why, expectedVersion: second.version });
        assert.deepEqual(killed(await other.load()), ['a']);
      },
    },
    {
      name: 'reject with both sides, and write nothing',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version: expectedVersion } = await store.load();
        await other.updateState(withKill('payments'), why);
        const found = await other.update(withFlag('theirs', { rollout: 5 }), why);
        for (const change of [
          () => store.update(withFlag('late', {}), { ...why, expectedVersion }),
          () => store.updateState(withKill('late'), { ...why, expectedVersion }),
        ]) {
          const conflict = await versionConflict(change());
          assert.equal(conflict.expected, expectedVersion, '`expected` is the version that was expected');
          assert.equal(conflict.found, found.version, '`found` is the version that was found');
          assert.equal(conflict.stored.version, found.version, '`stored` is what the store holds at that version');
          assert.deepEqual(documentOf(conflict.stored), documentOf(found));
          assert.deepEqual(killed(conflict.stored), ['payments']);
        }
        const after = await other.load();
        assert.equal(after.version, found.version);
        assert.deepEqual(documentOf(after), withFlag('theirs', { rollout: 5 })(shop));
      },
    },
    {
      name: 'let exactly one win of several who expect the same version',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version: expectedVersion } = await store.load();
        const results = await Promise.allSettled(
          [store, other, store, other, store, other].map((one, index) =>
            one.updateState(withKill(`flag-${index}`), { ...why, expectedVersion }),
          ),
        );
        const late = results.filter((result) => result.status === 'rejected');
        assert.equal(late.length, 5);
        for (const { reason } of late) await versionConflict(Promise.reject(reason as Error));
        assert.equal((await store.load()).state.kills.size, 1);
      },
    },
    {
      name: 'are solved by running the function again, on what the others wrote',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const count = async (one: typeof store): Promise<void> => {
          for (let round = 0; round < 15; round += 1) {
            await one.update((document) => {
              const rollout = document.flags['counter']?.rollout ?? 0;
              return withFlag('counter', { rollout: Number(rollout) + 1 })(document);
            }, why);
          }
        };
        await Promise.all([count(store), count(other), count(store)]);
        assert.deepEqual(flagOf(await other.load(), 'counter'), { rollout: 45 });
      },
    },
    {
      name: 'lose nothing when two write the document and the state at once',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await Promise.all(
          Array.from({ length: 20 }, async (_, index) => {
            await Promise.all([
              store.update(withFlag(`left-${index}`, { rollout: index }), why),
              index % 2 === 0
                ? other.update(withFlag(`right-${index}`, { rollout: index }), why)
                : other.updateState(withKill(`right-${index}`), why),
            ]);
          }),
        );
        const stored = await store.load();
        assert.equal(Object.keys(documentOf(stored).flags).length, 2 + 20 + 10);
        assert.equal(stored.state.kills.size, 10);
      },
    },
  ],
};
