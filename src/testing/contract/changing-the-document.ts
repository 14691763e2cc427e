import assert from 'node:assert/strict';
import type { FlagDocument } from '../../flags/flag-document.js';
import type { CaseGroup } from '../contract-case.js';
import {
  documentOf,
  flagOf,
  kill,
  killed,
  why,
  withFlag,
  withKill,
  withoutFlag,
  withoutKill,
} from '../contract-document.js';

export const changingTheDocument: CaseGroup = {
  group: 'changing the document',
  needs: ['writing'],
  cases: [
    {
      name: 'returns what is stored then, and everyone reads the same',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const stored = await store.update(withFlag('payments', { kind: 'operational', rollout: 5 }), why);
        const read = await other.load();
        assert.deepEqual(flagOf(stored, 'payments'), { kind: 'operational', rollout: 5 });
        assert.deepEqual(documentOf(read), documentOf(stored));
        assert.equal(read.version, stored.version);
      },
    },
    {
      name: 'adds and removes flags',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.update(withFlag('added', {}), why);
        const { flags } = documentOf(await store.update(withoutFlag('payments'), why));
        assert.deepEqual(Object.keys(flags).toSorted(), ['added', 'button-color']);
        assert.deepEqual(documentOf(await other.load()).flags, flags);
      },
    },
    {
      name: 'can remove them all, and begin again',
      run: async ({ open }) => {
        const store = await open();
        await store.update((document) => ({ ...document, flags: {} }), why);
        assert.deepEqual(documentOf(await store.load()).flags, {});
        assert.deepEqual(documentOf(await store.update(withFlag('first', {}), why)).flags, { first: {} });
      },
    },
    {
      name: 'keeps what is no flag: segments, and what is yours',
      run: async ({ openTwo }) => {
        const document: FlagDocument = {
          version: 1,
          flags: { a: { rules: [{ when: { segment: 'staff' }, serve: 'on' }], serve: 'off' } },
          segments: { staff: { email: ['a@example.com'] } },
          'x-yours': { any: ['thing', null, 1] },
        };
        const { store, other } = await openTwo(document);
        await store.update(withFlag('b', {}), why);
        assert.deepEqual(documentOf(await other.load()), withFlag('b', {})(document));
      },
    },
    {
      name: 'keeps the order of variants and weights',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const variants = { zebra: 'z', '010': 'a', a: 'b', '1.5': 'c', '-1': 'd', '9a': 'e' };
        const split = { a: 1, '9a': 1, '010': 1, zebra: 1 };
        await store.update(withFlag('ordered', { variants, split, offVariant: 'a' }), why);
        const flag = flagOf(await other.load(), 'ordered');
        assert.deepEqual(Object.keys(flag?.variants ?? {}), Object.keys(variants));
        assert.deepEqual(Object.keys(flag?.split ?? {}), Object.keys(split));
      },
    },
    {
      name: 'keeps text in every script',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const flag = {
          description: 'Größe, 日本語, العربية, 😀, "quoted", # hash, tab\tand\r\nline',
          owner: 'équipe-ß',
        };
        await store.update(withFlag('unicode', flag), why);
        assert.deepEqual(flagOf(await other.load(), 'unicode'), flag);
      },
    },
    {
      name: 'changes one of 10,000 flags',
      run: async ({ openTwo }) => {
        const flags = Object.fromEntries(
          Array.from({ length: 10_000 }, (_, index) => [`flag-${index}`, { rollout: 1 }]),
        );
        const { store, other } = await openTwo({ version: 1, flags });
        await store.update(withFlag('flag-5000', { rollout: 100 }), why);
        assert.deepEqual(documentOf(await other.load()).flags, { ...flags, 'flag-5000': { rollout: 100 } });
      },
    },
    {
      name: 'changes the state in the same version, if asked to',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const before = await store.updateState(withKill('payments'), why);
        const stored = await store.update(withFlag('payments', { rollout: 5 }), {
          ...why,
          state: withoutKill('payments'),
        });
        const after = await other.load();
        assert.notEqual(after.version, before.version);
        assert.equal(after.version, stored.version);
        assert.deepEqual(killed(after), []);
        assert.deepEqual(flagOf(after, 'payments'), { rollout: 5 });
      },
    },
    {
      name: 'keeps kills, also of keys that the document lacks',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState((state) => withKill('not-in-the-document')(withKill('payments')(state)), why);
        await store.update(withoutFlag('payments'), why);
        const { state } = await other.load();
        assert.deepEqual(state.kills.get('payments'), kill);
        assert.deepEqual(state.kills.get('not-in-the-document'), kill);
      },
    },
  ],
};
