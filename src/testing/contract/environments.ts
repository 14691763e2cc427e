import assert from 'node:assert/strict';
import type { FlagDocument } from '../../flags/flag-document.js';
import type { CaseGroup } from '../contract-case.js';
import { documentOf, killed, shop, why, withFlag, withKill } from '../contract-document.js';

export const environments: CaseGroup = {
  group: 'two environments',
  needs: ['openEnvironment'],
  cases: [
    {
      name: 'have documents of their own',
      run: async ({ create }) => {
        const storage = await create();
        const [store, neighbour] = [await storage.open(), await storage.openEnvironment(staging)];
        assert.deepEqual(documentOf(await store.load()), shop);
        assert.deepEqual(documentOf(await neighbour.load()), staging);
      },
    },
    {
      name: 'change without each other',
      needs: ['writing'],
      run: async ({ create }) => {
        const storage = await create();
        const [store, neighbour] = [await storage.open(), await storage.openEnvironment(staging)];
        const before = await store.load();
        await neighbour.updateState(withKill('payments'), why);
        await neighbour.update(withFlag('added', {}), why);
        const after = await store.load();
        assert.equal(after.version, before.version);
        assert.deepEqual(documentOf(after), shop);
        assert.deepEqual(killed(after), []);
        await store.update(withFlag('mine', {}), { ...why, expectedVersion: before.version });
        assert.deepEqual(documentOf(await neighbour.load()), withFlag('added', {})(staging));
      },
    },
    {
      name: 'have histories of their own',
      needs: ['writing', 'history'],
      run: async ({ create }) => {
        const storage = await create();
        const [store, neighbour] = [await storage.open(), await storage.openEnvironment(staging)];
        const before = (await neighbour.history()).length;
        await neighbour.updateState(withKill('payments'), why);
        assert.deepEqual(await store.history(), []);
        assert.equal((await neighbour.history()).length, before + 1);
      },
    },
  ],
};

const staging: FlagDocument = { version: 1, flags: { payments: { rollout: 50 } } };
