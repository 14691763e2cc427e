import assert from 'node:assert/strict';
import { compareVersions } from '../../stores/flag-store.js';
import type { CaseGroup, ContractCase } from '../contract-case.js';
import { killed, why, withFlag, withKill, withoutFlag, withoutKill } from '../contract-document.js';
import type { TestedStore } from '../store-bench.js';

export const versions: CaseGroup = {
  group: 'versions',
  needs: ['writing'],
  cases: [
    {
      name: 'are `lineage:counter`',
      run: async ({ open }) => {
        const store = await open();
        assert.match((await store.load()).version, /.+:\d+$/);
        assert.match((await store.update(withFlag('added', {}), why)).version, /.+:\d+$/);
      },
    },
    {
      name: 'are others after each change, never older, and never given twice',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const given = [(await store.load()).version];
        // In the end everything is as it was in the beginning.
        for (const change of [
          () => store.update(withFlag('added', {}), why),
          () => other.updateState(withKill('payments'), why),
          () => store.updateState(withoutKill('payments'), why),
          () => other.update(withoutFlag('added'), why),
        ]) {
          const { version } = await change();
          for (const one of [store, other]) assert.equal((await one.load()).version, version);
          assert.ok(!given.includes(version), `${version} was given before: ${given.join(', ')}`);
          const order = compareVersions(version, given.at(-1) ?? '');
          assert.notEqual(order, 'older', `${version} is not older than ${given.at(-1)}`);
          given.push(version);
        }
      },
    },
    ...(
      [
        ['the same document', (store) => store.update((document) => document, why)],
        ['an equal document', (store) => store.update((document) => structuredClone(document), why)],
        ['the same state', (store) => store.updateState((state) => state, why)],
        ['an equal state', (store) => store.updateState((state) => ({ ...state, kills: new Map(state.kills) }), why)],
        ['both', (store) => store.update((document) => ({ ...document }), { ...why, state: withKill('payments') })],
      ] as readonly (readonly [string, (store: TestedStore) => ReturnType<TestedStore['update']>])[]
    ).map(([what, change]): ContractCase => ({
      name: `stay the same when a change gives ${what} again`,
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version } = await store.updateState(withKill('payments'), why);
        const stored = await change(store);
        assert.equal(stored.version, version);
        assert.deepEqual(killed(stored), ['payments']);
        assert.equal((await other.load()).version, version);
      },
    })),
  ],
};
