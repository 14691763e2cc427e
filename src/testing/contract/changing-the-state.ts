import assert from 'node:assert/strict';
import { compareVersions } from '../../stores/flag-store.js';
import type { CaseGroup } from '../contract-case.js';
import { flagOf, kill, killed, why, withFlag, withKill, withoutKill } from '../contract-document.js';
import { rejection } from '../rejection.js';

export const changingTheState: CaseGroup = {
  group: 'changing the state',
  needs: ['writing'],
  cases: [
    {
      name: 'keeps who killed a flag, when, why and until when',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const later = { by: 'Åsa 🛟', reason: 'Größe "x"\n# 日本語', until: 4_000_000_000_123 };
        await store.updateState(withKill('payments', later), why);
        assert.deepEqual((await other.load()).state.kills, new Map([['payments', { ...kill, ...later }]]));
      },
    },
    {
      name: 'keeps a kill that has ended by itself: whoever reads it knows the time',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withKill('payments', { at: 1_000, until: 2_000 }), why);
        assert.deepEqual((await other.load()).state.kills.get('payments'), { ...kill, at: 1_000, until: 2_000 });
      },
    },
    {
      name: 'makes a newer version of the same lineage, and leaves the document alone to the letter',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const before = await store.load();
        const stored = await store.updateState(withKill('payments'), why);
        const after = await other.load();
        assert.equal(
          compareVersions(after.version, before.version),
          'newer',
          `${after.version} is newer than ${before.version}`,
        );
        assert.equal(after.version, stored.version);
        assert.deepEqual(after.document, before.document);
      },
    },
    {
      name: 'restores one flag, and leaves the others killed',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withKill('payments'), why);
        await other.updateState(withKill('button-color'), why);
        await store.updateState(withoutKill('payments'), why);
        for (const one of [store, other]) assert.deepEqual(killed(await one.load()), ['button-color']);
      },
    },
    {
      name: 'kills again after it was restored, by somebody else',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withKill('payments', { until: 4_000_000_000_000 }), why);
        await store.updateState(withoutKill('payments'), why);
        await other.updateState(withKill('payments', { by: 'ben' }), why);
        assert.deepEqual((await store.load()).state.kills.get('payments'), { ...kill, by: 'ben' });
      },
    },
    {
      name: 'takes names such as `constructor` for names, and keys of every shape',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const keys = ['constructor', 'hasOwnProperty', '10', '9', 'a.b/c_d-e', 'K', 'k', 'x'.repeat(128)];
        for (const key of keys) await store.updateState(withKill(key), why);
        await store.update(withFlag('toString', { rollout: 5 }), why);
        const stored = await other.load();
        assert.deepEqual(killed(stored), keys.toSorted());
        assert.deepEqual(flagOf(stored, 'toString'), { rollout: 5 });
      },
    },
    {
      name: 'rejects with what the function threw, and writes nothing',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version } = await store.updateState(withKill('payments'), why);
        const thrown = new Error('changed my mind');
        const failing = (): never => {
          throw thrown;
        };
        assert.equal(await rejection(store.updateState(failing, why)), thrown);
        const stored = await other.load();
        assert.deepEqual(killed(stored), ['payments']);
        assert.equal(stored.version, version);
      },
    },
  ],
};
