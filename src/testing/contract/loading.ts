import assert from 'node:assert/strict';
import type { FlagDocument } from '../../flags/flag-document.js';
import type { CaseGroup } from '../contract-case.js';
import { documentOf, flagOf, shop, why, withFlag } from '../contract-document.js';

export const loading: CaseGroup = {
  group: 'loading',
  cases: [
    {
      name: 'gives the document, an empty state and a version',
      run: async ({ open }) => {
        const stored = await (await open()).load();
        assert.deepEqual(documentOf(stored), shop);
        assert.equal(stored.state.kills.size, 0);
        assert.ok(typeof stored.version === 'string' && stored.version !== '', 'the version is a text');
      },
    },
    {
      name: 'gives the same version until something changes, to everyone',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version } = await store.load();
        assert.equal((await store.load()).version, version);
        assert.equal((await other.load()).version, version);
      },
    },
    {
      name: 'keeps the order of variants and weights, which decides who gets which',
      run: async ({ open }) => {
        const flag = flagOf(await (await open()).load(), 'button-color');
        assert.deepEqual(Object.keys(flag?.variants ?? {}), ['control', 'zebra', 'apple']);
        assert.deepEqual(Object.keys(flag?.split ?? {}), ['zebra', 'control', 'apple']);
      },
    },
    {
      name: 'keeps text in every script, also in keys',
      run: async ({ open }) => {
        const store = await open(everyScript);
        assert.deepEqual(documentOf(await store.load()), everyScript);
      },
    },
    {
      name: 'holds 10,000 flags',
      run: async ({ open }) => {
        const flags = Object.fromEntries(
          Array.from({ length: 10_000 }, (_, index) => [`flag-${index}`, { owner: 'team', rollout: index % 100 }]),
        );
        const store = await open({ version: 1, flags });
        assert.deepEqual(documentOf(await store.load()), { version: 1, flags });
      },
    },
    {
      name: 'gives one moment or another, and none in between, while it is changed',
      needs: ['writing'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo({ version: 1, flags: { a: { rollout: 0 }, b: { rollout: 0 } } });
        const seen: FlagDocument[] = [];
        const over = new AbortController();
        const reading = async (): Promise<void> => {
          while (!over.signal.aborted) seen.push(documentOf(await other.load()));
        };
        const writing = async (): Promise<void> => {
          for (let rollout = 1; rollout <= 10; rollout += 1) {
            await store.update((document) => ({ ...document, flags: { a: { rollout }, b: { rollout } } }), why);
          }
        };
        await Promise.all([reading(), writing().finally(() => over.abort())]);
        for (const { flags } of seen) assert.deepEqual(flags['a'], flags['b']);
      },
    },
    {
      name: 'gives what stays as it is when the store changes',
      needs: ['writing'],
      run: async ({ open }) => {
        const store = await open();
        const before = await store.load();
        await store.update(withFlag('payments', { rollout: 5 }), why);
        assert.deepEqual(documentOf(before), shop);
      },
    },
  ],
};

const everyScript: FlagDocument = {
  version: 1,
  flags: {
    unicode: {
      description: 'Größe, 日本語, العربية, 😀, "quoted", \\ back, # hash, tab\tand\nline\u2028\u0085',
      owner: 'équipe-ß',
      variants: { 'größe 😀': { 'ключ 𝒳': '值' }, off: { '': '' } },
      rules: [{ name: '規則', when: { 'атрибут 😀': ['да', 'é', 'e\u0301'] }, serve: 'größe 😀' }],
      serve: 'off',
      metadata: { constructor: 'a name', '10': 'ten', '9': 'nine' },
      'x-😀': [null, true, 1.5, -0.25, 1e21],
    },
  },
};
