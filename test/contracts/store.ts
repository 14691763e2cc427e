import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FlagDocument, WrittenFlag } from '../../src/flags/flag-document.js';
import type { FlagState, Kill } from '../../src/flags/flag-state.js';
import { readFlagDocumentText } from '../../src/flags/flag-document-text.js';
import { FlagDocumentError } from '../../src/flags/problem.js';
import {
  type WritableFlagStore,
  type StoredFlags,
  VersionConflictError,
  compareVersions,
} from '../../src/stores/flag-store.js';

/** A store that can be written, over storage of its own. */
export interface StoreUnderTest {
  readonly store: WritableFlagStore;
  /** Another store on the same storage, as another process would have it. The same object where storage can't be shared. */
  readonly another: () => Promise<WritableFlagStore>;
  /** Closes every store and removes the storage. */
  readonly dispose: () => Promise<void>;
}

/**
 * What every {@link FlagStore} that can be written has to hold to.
 *
 * @param makeStore gives a store that holds `document`.
 */
export function storeContract(name: string, makeStore: (document: FlagDocument) => Promise<StoreUnderTest>): void {
  describe(`${name} as a flag store`, () => {
    const made: StoreUnderTest[] = [];
    const make = async (document: FlagDocument = shop): Promise<StoreUnderTest> => {
      const subject = await makeStore(document);
      made.push(subject);
      return subject;
    };
    afterEach(async () => {
      for (const subject of made.splice(0)) await subject.dispose();
    });

    describe('loading', () => {
      it('gives the document, an empty state and a version', async () => {
        const { store } = await make();
        const stored = await store.load();
        expect(documentOf(stored)).toEqual(shop);
        expect(stored.state.kills.size).toBe(0);
        expect(stored.version).toMatch(/.+:\d+$/);
      });

      it('gives the same version until something changes', async () => {
        const { store, another } = await make();
        const first = await store.load();
        expect((await store.load()).version).toBe(first.version);
        expect((await (await another()).load()).version).toBe(first.version);
      });

      it('keeps the order of variants and weights', async () => {
        const { store, another } = await make();
        const flag = documentOf(await (await another()).load()).flags['button-color'];
        expect(Object.keys(flag?.variants ?? {})).toEqual(['control', 'zebra', 'apple']);
        await store.update(withFlag('ordered', { ...shop.flags['button-color'] }), why);
        const added = documentOf(await (await another()).load()).flags['ordered'];
        expect(Object.keys(added?.variants ?? {})).toEqual(['control', 'zebra', 'apple']);
        expect(Object.keys(added?.split ?? {})).toEqual(['zebra', 'control', 'apple']);
      });

      it('keeps text in every script', async () => {
        const { store, another } = await make();
        const description = 'Größe, 日本語, العربية, 😀, "quoted", # hash, tab\tand\nline';
        await store.update(withFlag('unicode', { description, owner: 'équipe-ß' }), { ...why, by: 'Åsa 🛟' });
        expect(documentOf(await (await another()).load()).flags['unicode']).toEqual({ description, owner: 'équipe-ß' });
        expect((await store.history())[0]?.by).toBe('Åsa 🛟');
      });

      it('holds 10,000 flags', { timeout: 60_000 }, async () => {
        const flags = Object.fromEntries(
          Array.from({ length: 10_000 }, (_, index) => [`flag-${index}`, { owner: 'team', rollout: index % 100 }]),
        );
        const { store } = await make({ version: 1, flags });
        expect(documentOf(await store.load())).toEqual({ version: 1, flags });
        const stored = await store.update(withFlag('flag-5000', { owner: 'team', rollout: 100 }), why);
        expect(documentOf(stored).flags['flag-5000']).toEqual({ owner: 'team', rollout: 100 });
        expect((await store.history())[0]?.difference).toEqual([
          { path: 'flags.flag-5000.rollout', before: 0, after: 100 },
        ]);
      });

      it('gives one moment or another, and none in between, while it is changed', async () => {
        const { store, another } = await make({ version: 1, flags: { a: { rollout: 0 }, b: { rollout: 0 } } });
        const reader = await another();
        const seen: FlagDocument[] = [];
        const writing = new AbortController();
        const reading = (async () => {
          while (!writing.signal.aborted) seen.push(documentOf(await reader.load()));
        })();
        for (let rollout = 1; rollout <= 10; rollout += 1) {
          await store.update((document) => ({ ...document, flags: { a: { rollout }, b: { rollout } } }), why);
        }
        writing.abort();
        await reading;
        for (const { flags } of seen) expect(flags['a']).toEqual(flags['b']);
      });
    });

    describe('changing the document', () => {
      it('returns what is stored then, and another store reads the same', async () => {
        const { store, another } = await make();
        const stored = await store.update(withFlag('payments', { kind: 'operational', rollout: 5 }), why);
        const read = await (await another()).load();
        expect(documentOf(stored).flags['payments']).toEqual({ kind: 'operational', rollout: 5 });
        expect(documentOf(read)).toEqual(documentOf(stored));
        expect(read.version).toBe(stored.version);
      });

      it('makes another version that is not older', async () => {
        const { store } = await make();
        const before = await store.load();
        const after = await store.update(withFlag('added', {}), why);
        expect(after.version).not.toBe(before.version);
        expect(compareVersions(after.version, before.version)).not.toBe('older');
      });

      it('removes a flag', async () => {
        const { store } = await make();
        const { flags } = documentOf(await store.update(withoutFlag('payments'), why));
        expect(Object.keys(flags)).toEqual(['button-color']);
      });

      it('refuses a result that has errors, and writes nothing', async () => {
        const { store } = await make();
        const before = await store.load();
        const wrong = withFlag('wrong', { rollout: 'ten' } as unknown as WrittenFlag);
        await expect(store.update(wrong, why)).rejects.toThrow(FlagDocumentError);
        const after = await store.load();
        expect(after.version).toBe(before.version);
        expect(documentOf(after)).toEqual(shop);
        expect(await store.history()).toEqual([]);
      });

      it('rejects with what the change threw, and writes nothing', async () => {
        const { store } = await make();
        const failing = (): never => {
          throw new Error('changed my mind');
        };
        await expect(store.update(failing, why)).rejects.toThrow('changed my mind');
        await expect(store.updateState(failing, why)).rejects.toThrow('changed my mind');
        expect(documentOf(await store.load())).toEqual(shop);
      });

      it('changes the state in the same version, if asked to', async () => {
        const { store } = await make();
        await store.updateState(withKill('payments'), why);
        const before = await store.load();
        const stored = await store.update(withFlag('payments', { rollout: 5 }), {
          ...why,
          state: withoutKill('payments'),
        });
        const after = await store.load();
        expect(after.version).toBe(stored.version);
        expect(after.version).not.toBe(before.version);
        expect(after.state.kills.size).toBe(0);
        expect(documentOf(after).flags['payments']).toEqual({ rollout: 5 });
        expect(await store.history()).toHaveLength(2);
      });
    });

    describe('changing the state', () => {
      it('keeps who killed a flag, when, why and until when', async () => {
        const { store, another } = await make();
        await store.updateState(withKill('payments', { until: 1_800_000_000_000 }), why);
        const { state } = await (await another()).load();
        expect(state.kills).toEqual(new Map([['payments', { ...kill, until: 1_800_000_000_000 }]]));
      });

      it('makes a newer version of the same lineage and leaves the document alone', async () => {
        const { store } = await make();
        const before = await store.load();
        const after = await store.updateState(withKill('payments'), why);
        expect(compareVersions(after.version, before.version)).toBe('newer');
        expect(documentOf(await store.load())).toEqual(documentOf(before));
      });

      it('keeps kills when the document changes, also of keys that it lacks', async () => {
        const { store } = await make();
        await store.updateState((state) => withKill('not-in-the-document')(withKill('payments')(state)), why);
        await store.update(withFlag('payments', { rollout: 50 }), why);
        expect([...(await store.load()).state.kills.keys()].toSorted()).toEqual(['not-in-the-document', 'payments']);
      });

      it('restores', async () => {
        const { store } = await make();
        await store.updateState(withKill('payments'), why);
        await store.updateState(withoutKill('payments'), why);
        expect((await store.load()).state.kills.size).toBe(0);
      });

      it('takes names such as `constructor` for names', async () => {
        const { store, another } = await make();
        await store.updateState(withKill('constructor'), why);
        await store.update(withFlag('toString', { rollout: 5 }), why);
        const stored = await (await another()).load();
        expect([...stored.state.kills.keys()]).toEqual(['constructor']);
        expect(Object.keys(documentOf(stored).flags)).toContain('toString');
      });
    });

    describe('conflicts', () => {
      it('rejects with both versions if the expected one is gone', async () => {
        const { store, another } = await make();
        const { version: expectedVersion } = await store.load();
        const { version: found } = await (await another()).updateState(withKill('payments'), why);
        const late = store.update(withFlag('late', {}), { ...why, expectedVersion });
        await expect(late).rejects.toThrow(VersionConflictError);
        await expect(late).rejects.toMatchObject({ expected: expectedVersion, found });
        await expect(store.updateState(withKill('late'), { ...why, expectedVersion })).rejects.toThrow(
          VersionConflictError,
        );
        expect(documentOf(await store.load())).toEqual(shop);
      });

      it('lets exactly one of several win who expect the same version', async () => {
        const { store, another } = await make();
        const { version: expectedVersion } = await store.load();
        const stores = [store, await another()];
        const results = await Promise.allSettled(
          Array.from({ length: 6 }, (_, index) =>
            stores[index % 2]!.updateState(withKill(`flag-${index}`), { ...why, expectedVersion }),
          ),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect((await store.load()).state.kills.size).toBe(1);
      });

      it('loses nothing when two write at once', { timeout: 60_000 }, async () => {
        const { store, another } = await make();
        const other = await another();
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
        expect(Object.keys(documentOf(stored).flags)).toHaveLength(2 + 20 + 10);
        expect(stored.state.kills.size).toBe(10);
        expect(await store.history({ limit: 1_000 })).toHaveLength(40);
      });
    });

    describe('history', () => {
      it('tells who changed what, when and why, newest first', async () => {
        const { store, another } = await make();
        const start = Date.now();
        const { version: first } = await store.update(withFlag('payments', { kind: 'operational', rollout: 5 }), {
          by: 'ana',
          reason: 'carefully',
        });
        const { version: second } = await store.updateState(withKill('payments'), {
          by: 'ben',
          reason: 'provider down',
        });
        const [newest, oldest, ...others] = await (await another()).history();
        expect(others).toEqual([]);
        expect(oldest).toMatchObject({ by: 'ana', reason: 'carefully', version: first });
        expect(oldest?.difference).toEqual([{ path: 'flags.payments.rollout', after: 5 }]);
        expect(newest).toMatchObject({ by: 'ben', reason: 'provider down', version: second });
        expect(newest?.difference).toEqual([
          { path: 'state.kills.payments', after: expect.objectContaining({ by: 'ana' }) },
        ]);
        for (const { at } of [newest!, oldest!]) {
          expect(at).toBeGreaterThanOrEqual(start);
          expect(at).toBeLessThanOrEqual(Date.now());
        }
      });

      it('gives the newest ones up to the limit', async () => {
        const { store } = await make();
        for (const key of ['a', 'b', 'c']) await store.updateState(withKill(key), why);
        const paths = (await store.history({ limit: 2 })).map(({ difference }) => difference[0]?.path);
        expect(paths).toEqual(['state.kills.c', 'state.kills.b']);
      });

      it('tells of flags that came and went, and of what was there before', async () => {
        const { store } = await make();
        await store.update(withFlag('fresh', { rollout: 1 }), why);
        await store.update(withoutFlag('fresh'), why);
        const differences = (await store.history()).flatMap(({ difference }) => difference);
        expect(differences).toEqual([
          { path: 'flags.fresh', before: { rollout: 1 } },
          { path: 'flags.fresh', after: { rollout: 1 } },
        ]);
      });
    });

    describe('watching', () => {
      it('tells of changes by this store and by others, to the document and to the state', async () => {
        const { store, another } = await make();
        const other = await another();
        await store.load();
        const onChange = vi.fn();
        const end = store.watch(onChange);
        const told = async (change: () => Promise<unknown>): Promise<void> => {
          onChange.mockClear();
          await change();
          await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
        };
        await told(() => store.update(withFlag('one', {}), why));
        await told(() => other.update(withFlag('two', {}), why));
        await told(() => store.updateState(withKill('one'), why));
        await told(() => other.updateState(withKill('two'), why));
        end();
      });

      it('lets whoever is told load the change', async () => {
        const { store, another } = await make();
        const other = await another();
        await store.load();
        const seen = new Set<string>();
        store.watch(() => void store.load().then(({ version }) => seen.add(version)));
        const { version } = await other.update(withFlag('one', {}), why);
        await vi.waitFor(() => expect(seen).toContain(version), patience);
      });

      it('tells the others when one of them throws', async () => {
        const { store } = await make();
        await store.load();
        const onChange = vi.fn();
        store.watch(() => {
          throw new Error('a broken listener');
        });
        store.watch(onChange);
        await store.update(withFlag('one', {}), why);
        await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      });

      it('tells nobody who has ended it, and ends twice', async () => {
        const { store } = await make();
        await store.load();
        const ended = vi.fn();
        const going = vi.fn();
        const end = store.watch(ended);
        store.watch(going);
        end();
        end();
        await store.update(withFlag('one', {}), why);
        await vi.waitFor(() => expect(going).toHaveBeenCalled(), patience);
        expect(ended).not.toHaveBeenCalled();
      });
    });

    describe('closing', () => {
      it('can be done twice, and before anything else', async () => {
        const { another } = await make();
        const store = await another();
        await store.close();
        await store.close();
      });

      it('ends every watch', async () => {
        const { store, another } = await make();
        const other = await another();
        await store.load();
        const closed = vi.fn();
        store.watch(closed);
        await store.close();
        if (other === store) return;
        const going = vi.fn();
        other.watch(going);
        await other.update(withFlag('one', {}), why);
        await vi.waitFor(() => expect(going).toHaveBeenCalled(), patience);
        expect(closed).not.toHaveBeenCalled();
      });

      it('is safe during anything', async () => {
        const { store } = await make();
        store.watch(() => undefined);
        const running = Promise.allSettled([
          store.load(),
          store.update(withFlag('one', {}), why),
          store.updateState(withKill('one'), why),
          store.history(),
        ]);
        await Promise.all([store.close(), store.close()]);
        await running;
        await store.close();
      });
    });
  });
}

const patience = { timeout: 10_000, interval: 20 };

const why = { by: 'ana', reason: 'because' };

const kill: Kill = { at: 1_750_000_000_000, by: 'ana', reason: 'provider down' };

const shop: FlagDocument = {
  version: 1,
  flags: {
    'button-color': {
      kind: 'experiment',
      variants: { control: 'blue', zebra: 'green', apple: 'red' },
      offVariant: 'control',
      rollout: 20,
      split: { zebra: 25, control: 50, apple: 25 },
    },
    payments: { kind: 'operational' },
  },
};

/** Stores hold texts or objects; a reader sees the same document. */
function documentOf({ document }: StoredFlags): FlagDocument {
  return Array.isArray(document)
    ? (readFlagDocumentText(document).document as FlagDocument)
    : (document as FlagDocument);
}

function withFlag(key: string, flag: WrittenFlag): (document: FlagDocument) => FlagDocument {
  return (document) => ({ ...document, flags: { ...document.flags, [key]: flag } });
}

function withoutFlag(key: string): (document: FlagDocument) => FlagDocument {
  return (document) => ({
    ...document,
    flags: Object.fromEntries(Object.entries(document.flags).filter(([name]) => name !== key)),
  });
}

function withKill(key: string, more: Partial<Kill> = {}): (state: FlagState) => FlagState {
  return (state) => ({ ...state, kills: new Map([...state.kills, [key, { ...kill, ...more }]]) });
}

function withoutKill(key: string): (state: FlagState) => FlagState {
  return (state) => ({ ...state, kills: new Map([...state.kills].filter(([name]) => name !== key)) });
}
