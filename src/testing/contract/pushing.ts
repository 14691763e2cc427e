import assert from 'node:assert/strict';
import type { StoredFlags } from '../../stores/flag-store.js';
import { textsOf } from '../../stores/stored-document.js';
import type { CaseGroup } from '../contract-case.js';
import { documentOf, flagOf, killed, shop, why, withFlag, withKill } from '../contract-document.js';
import { rejection, versionConflict } from '../rejection.js';

export const pushing: CaseGroup = {
  group: 'pushing a document',
  needs: ['writing', 'pushesDocuments'],
  cases: [
    {
      name: 'puts what it says in the place of what was there',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const stored = await store.pushDocument(commented, why);
        const read = await other.load();
        assert.deepEqual(documentOf(stored), { version: 1, flags: { pushed: { rollout: 10 } } });
        assert.deepEqual(documentOf(read), documentOf(stored));
        assert.equal(read.version, stored.version);
      },
    },
    {
      name: 'keeps its text to the letter, YAML and JSON',
      needs: ['keepsTexts'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        for (const text of [commented, json]) {
          const stored = await store.pushDocument(text, why);
          assert.equal(textOf(stored), text);
          assert.equal(textOf(await other.load()), text);
          assert.equal((await other.load()).version, stored.version);
        }
      },
    },
    {
      name: 'keeps the state',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState((state) => withKill('payments')(withKill('pushed')(state)), why);
        await other.pushDocument(commented, why);
        assert.deepEqual(killed(await store.load()), ['payments', 'pushed']);
      },
    },
    {
      name: 'keeps the comments through a later change',
      needs: ['keepsTexts'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.pushDocument(commented, why);
        await other.update(withFlag('pushed', { rollout: 25 }), why);
        assert.equal(textOf(await store.load()), commented.replace('10', '25'));
      },
    },
    {
      name: 'takes a text that only reads differently',
      needs: ['keepsTexts'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.pushDocument(commented, why);
        const next = commented.replace('ramps', 'climbs');
        await store.pushDocument(next, why);
        assert.equal(textOf(await other.load()), next);
      },
    },
    {
      name: 'makes no version of a text that is there already',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version } = await store.pushDocument(commented, why);
        assert.equal((await other.pushDocument(commented, why)).version, version);
      },
    },
    {
      name: 'refuses a text with errors, says where they are, and writes nothing',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version } = await store.load();
        const error = await rejection(
          store.pushDocument('version: 1\nflags:\n  a: { rolout: 5 }\n  b: { rollout: ten }\n', why),
          'FlagDocumentError',
        );
        assert.match(error.message, /3:8/);
        assert.match(error.message, /4:8/);
        await rejection(store.pushDocument('flags: [', why), 'FlagDocumentError');
        const stored = await other.load();
        assert.equal(stored.version, version);
        assert.deepEqual(documentOf(stored), shop);
      },
    },
    {
      name: 'refuses a text that is larger than it could read again, and writes nothing',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await rejection(store.pushDocument(`${commented}#${' '.repeat(store.maxBytes ?? 10_000_000)}\n`, why));
        assert.deepEqual(documentOf(await other.load()), shop);
      },
    },
    {
      name: 'rejects with both sides if another version was expected',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version: expectedVersion } = await store.load();
        const found = await other.updateState(withKill('payments'), why);
        const conflict = await versionConflict(store.pushDocument(commented, { ...why, expectedVersion }));
        assert.deepEqual([conflict.expected, conflict.found], [expectedVersion, found.version]);
        assert.deepEqual(killed(conflict.stored), ['payments']);
        assert.deepEqual(documentOf(await store.load()), shop);
      },
    },
    {
      name: 'is in the history, with what is different',
      needs: ['history'],
      run: async ({ open }) => {
        const store = await open({ version: 1, flags: { pushed: { rollout: 1 }, gone: {} } });
        const { version } = await store.pushDocument(commented, { by: 'deploy', reason: 'release' });
        const [change] = await store.history();
        assert.deepEqual([change?.by, change?.reason, change?.version], ['deploy', 'release', version]);
        assert.deepEqual(change?.difference, [
          { path: 'flags.pushed.rollout', before: 1, after: 10 },
          { path: 'flags.gone', before: {} },
        ]);
      },
    },
    {
      name: 'replaces a broken one',
      needs: ['replaceText'],
      run: async ({ create }) => {
        const storage = await create();
        const store = await storage.open();
        await storage.replaceText('flags: [');
        await store.pushDocument(commented, why);
        assert.deepEqual(flagOf(await store.load(), 'pushed'), { rollout: 10 });
      },
    },
  ],
};

const commented = '# The flags of the shop.\nversion: 1\nflags:\n  pushed:\n    rollout: 10 # ramps up, ключ 😀\n';

const json =
  '{ "version": 1,\n  "flags": { "z": {}, "a": { "variants": { "y": 1, "b": 2 }, "serve": "b", "offVariant": "y" } } }';

function textOf(stored: StoredFlags): string | undefined {
  const [text, ...others] = textsOf(stored);
  return others.length === 0 ? text?.text : undefined;
}
