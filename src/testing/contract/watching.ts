import assert from 'node:assert/strict';
import type { CaseGroup } from '../contract-case.js';
import { why, withFlag, withKill } from '../contract-document.js';
import { listenTo } from '../listener.js';

export const watching: CaseGroup = {
  group: 'watching',
  needs: ['watching', 'writing'],
  cases: [
    {
      name: 'tells of changes by this store and by others, to the document and to the state',
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        await store.load();
        const listener = listenTo(store);
        for (const [what, change] of [
          ['a change of the document by this store', () => store.update(withFlag('one', {}), why)],
          ['a change of the document by another', () => other.update(withFlag('two', {}), why)],
          ['a change of the state by this store', () => store.updateState(withKill('one'), why)],
          ['a change of the state by another', () => other.updateState(withKill('two'), why)],
        ] as const) {
          const { count } = listener;
          await change();
          await until(`a listener to be told of ${what}`, () => listener.count > count);
        }
      },
    },
    {
      name: 'tells of what changes after the first load, as Halyard does it: watch, then load',
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        const listener = listenTo(store);
        await store.load();
        const { count } = listener;
        await other.update(withFlag('one', {}), why);
        await until('a listener to be told of a change after the first load', () => listener.count > count);
      },
    },
    {
      name: 'lets whoever is told load the change',
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        await store.load();
        const seen = new Set<string>();
        store.watch(() => {
          store.load().then(
            ({ version }) => seen.add(version),
            () => undefined,
          );
        });
        const { version } = await other.update(withFlag('one', {}), why);
        await until('a listener to load the change', () => seen.has(version));
      },
    },
    {
      name: 'tells the others when one listener throws, and goes on',
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        await store.load();
        store.watch(() => {
          throw new Error('a broken listener');
        });
        const listener = listenTo(store);
        await store.update(withFlag('one', {}), why);
        await until('the listener behind one that throws to be told', () => listener.count > 0);
        const { count } = listener;
        await other.update(withFlag('two', {}), why);
        await until('the listener behind one that throws to be told again', () => listener.count > count);
      },
    },
    {
      name: 'tells a hundred listeners, also the same one twice',
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        await store.load();
        const listeners = Array.from({ length: 100 }, () => listenTo(store));
        let twice = 0;
        const same = (): void => void (twice += 1);
        const endOnce = store.watch(same);
        store.watch(same);
        endOnce();
        await other.updateState(withKill('one'), why);
        await until('all of a hundred listeners to be told', () => listeners.every(({ count }) => count > 0));
        await until('a listener that was given twice and ended once to be told', () => twice > 0);
      },
    },
    {
      name: 'tells nobody who has ended it, and ends twice',
      run: async ({ openTwo, until }) => {
        const { store } = await openTwo();
        await store.load();
        const [ended, going] = [listenTo(store), listenTo(store)];
        ended.end();
        ended.end();
        await store.update(withFlag('one', {}), why);
        await until('the listener that goes on to be told', () => going.count > 0);
        assert.equal(ended.count, 0);
      },
    },
    {
      name: 'can be ended, and begun, by whoever is told',
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        await store.load();
        let told = 0;
        let next: { readonly count: number } | undefined;
        const end = store.watch(() => {
          told += 1;
          end();
          next ??= listenTo(store);
        });
        await other.update(withFlag('one', {}), why);
        await until('a listener to be told', () => told > 0);
        await store.load();
        const before = next?.count ?? 0;
        await other.update(withFlag('two', {}), why);
        await until('the listener that was added in between to be told', () => (next?.count ?? 0) > before);
        assert.equal(told, 1);
      },
    },
    {
      name: 'begins again after everyone has ended it',
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        await store.load();
        listenTo(store).end();
        const again = listenTo(store);
        await store.load();
        await other.update(withFlag('one', {}), why);
        await until('the listener that came later to be told', () => again.count > 0);
      },
    },
  ],
};
