import assert from 'node:assert/strict';
import type { FlagDocument, WrittenFlag } from '../../flags/flag-document.js';
import { readStoredDocument } from '../../stores/stored-document.js';
import type { CaseGroup, ContractCase } from '../contract-case.js';
import { documentOf, killed, shop, why, withFlag, withKill } from '../contract-document.js';
import { rejection } from '../rejection.js';
import type { StoreBench, TestedStore } from '../store-bench.js';

export const refusing: CaseGroup = {
  group: 'refusing a change',
  needs: ['writing'],
  cases: [
    ...(
      [
        ['has errors', withFlag('wrong', { rollout: 'ten' } as unknown as WrittenFlag)],
        [
          'has variants that JavaScript would reorder',
          withFlag('wrong', { variants: { '10': 'a', '9': 'b' }, serve: '9' }),
        ],
        ['is no document', () => undefined as unknown as FlagDocument],
        ['is a promise', (document) => Promise.resolve(document) as unknown as FlagDocument],
      ] as readonly (readonly [string, (document: FlagDocument) => FlagDocument])[]
    ).map(([what, change]): ContractCase => ({
      name: `writes nothing if the result ${what}`,
      run: (bench) =>
        writesNothing(bench, async (store) => {
          await rejection(store.update(change, { ...why, state: withKill('payments') }), 'FlagDocumentError');
        }),
    })),
    {
      name: 'rejects with what the function threw, and writes nothing',
      run: (bench) =>
        writesNothing(bench, async (store) => {
          const thrown = new Error('changed my mind');
          const failing = (value: object): never => {
            // As somebody would who works in place. The store may have made that impossible.
            Reflect.deleteProperty(value, 'flags');
            throw thrown;
          };
          assert.equal(await rejection(store.update(failing, why)), thrown);
          assert.equal(await rejection(store.update(withFlag('a', {}), { ...why, state: failing })), thrown);
        }),
    },
    keepsOrRefuses('the character NUL', () => 'a\u0000b', /NUL|null character|\\u0000|U\+0000|0x00/i),
    keepsOrRefuses(
      'half a character',
      () => 'a\ud83d',
      /surrogate|half a character|\\ud83d|U\+D83D|UTF-?(8|16)|Unicode/i,
    ),
    keepsOrRefuses(
      'a text as long as the document may be',
      ({ maxBytes = 10_000_000 }) => 'x'.repeat(maxBytes),
      /bytes|large|long|size/i,
    ),
  ],
};

async function writesNothing({ openTwo }: StoreBench, attempt: (store: TestedStore) => Promise<void>): Promise<void> {
  const { store, other } = await openTwo();
  const { version } = await store.load();
  await attempt(store);
  for (const one of [store, other]) {
    const stored = await one.load();
    assert.equal(stored.version, version);
    assert.deepEqual(documentOf(stored), shop);
    assert.deepEqual(killed(stored), []);
  }
}

/** What a store can't keep it has to refuse, with an error that says so. It must not keep it half, nor be broken by it. */
function keepsOrRefuses(what: string, textFor: (store: TestedStore) => string, message: RegExp): ContractCase {
  return {
    name: `keeps ${what}, or refuses it with an error that says so`,
    run: async ({ openTwo }) => {
      const { store, other } = await openTwo();
      const description = textFor(store);
      const outcome = await store.update(withFlag('odd', { description }), why).catch((error: unknown) => error);
      const stored = await other.load();
      if (outcome instanceof Error) {
        assert.match(outcome.message, message);
        assert.deepEqual(documentOf(stored), shop);
        return;
      }
      const read = readStoredDocument(stored, store.maxBytes ?? 10_000_000) as FlagDocument | undefined;
      assert.ok(read !== undefined, 'what was taken is not larger than `maxBytes`, so that it can be read');
      assert.ok(read.flags['odd']?.description === description, 'what was taken is read as it was written');
    },
  };
}
