import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createHalyard, type FlagStore, fallbackStore, fileStore, type Halyard, type Kill, memoryStore } from 'halyard';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { storeContract } from '../contracts/store.js';
import { RemoteStore } from '../runtime/remote-store.js';
import { scrape } from '../telemetry/scrape.js';
import { temporaryFolder } from './temporary-folder.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

storeContract(
  'fallbackStore over memory',
  (document) => {
    const store = fallbackStore([memoryStore(document), memoryStore()]);
    return Promise.resolve({ store, another: () => Promise.resolve(store), dispose: () => store.close() });
  },
  { keepsFleet: true, keepsUsage: true, keepsLeases: true },
);

storeContract('fallbackStore over a file', async (document) => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'flags.json');
  await writeFile(path, JSON.stringify(document));
  const make = () => fallbackStore([fileStore(path, { pollMs: 50 }), memoryStore()]);
  const stores = [make()];
  return {
    store: stores[0]!,
    another: () => Promise.resolve(stores[stores.push(make()) - 1]!),
    dispose: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await folder.remove();
    },
  };
});

const why = { by: 'ana', reason: 'provider down' };
const open: { close(): Promise<void> }[] = [];
let a: RemoteStore;
let b: RemoteStore;
let c: RemoteStore;

beforeEach(() => {
  a = new RemoteStore({ flag: { owner: 'a' }, payments: {} }, 'a');
  b = new RemoteStore({ flag: { owner: 'b' }, payments: {} }, 'b');
  c = new RemoteStore({ flag: { owner: 'c' }, payments: {} }, 'c');
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const chain = (options?: Parameters<typeof fallbackStore>[1]) => {
  const store = fallbackStore([a, b, c], options);
  open.push(store);
  return store;
};

const start = async (options: Partial<Parameters<typeof createHalyard>[0]> = {}): Promise<Halyard> => {
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const halyard = await createHalyard({ store: chain({ returnAfterMs: 200, timeoutMs: 1_000 }), logger, ...options });
  open.push(halyard);
  return halyard;
};

const ownerOf = (halyard: Halyard): string | undefined => halyard.details('flag', false).owner;
const patience = { interval: 5 };

describe('reading', () => {
  it('takes the first that answers, and says which', async () => {
    const store = chain();
    expect((await store.load()).source).toEqual({ name: 'a' });
    a.goDown();
    expect((await store.load()).source).toEqual({ name: 'b', because: 'a: connection refused' });
    b.goDown();
    expect(await store.load()).toMatchObject({ source: { name: 'c' }, version: (await c.held.load()).version });
  });

  it('waits for each no longer than timeoutMs', async () => {
    const store = chain({ timeoutMs: 20 });
    a.hang();
    b.hang();
    expect((await store.load()).source).toEqual({
      name: 'c',
      because: 'a did not answer within 20 ms (timeoutMs). b did not answer within 20 ms (timeoutMs).',
    });
  });

  it('is not held up by one that hangs once another is followed', async () => {
    const store = chain({ timeoutMs: 2_000_000_000 });
    a.goDown();
    await store.load();
    a.hang();
    expect((await store.load()).source?.name).toBe('b');
  });

  it('rejects with what each says if none answers', async () => {
    const store = chain();
    for (const source of [a, b, c]) source.goDown();
    await expect(store.load()).rejects.toThrow(
      'none of its sources can be read.\na: connection refused\nb: connection refused\nc: connection refused',
    );
  });

  it('names itself after its sources', () => {
    expect(chain().name).toBe('fallback(a, b, c)');
  });
});

describe('going back to an earlier source', () => {
  it('waits until it has answered for some time', async () => {
    const store = chain({ returnAfterMs: 200 });
    a.goDown();
    await store.load();
    a.comeBack();
    const began = performance.now();
    expect((await store.load()).source?.name).toBe('b');
    await vi.waitFor(async () => expect((await store.load()).source?.name).toBe('a'), patience);
    expect(performance.now() - began).toBeGreaterThanOrEqual(200);
  });

  it('begins to wait again when it fails meanwhile, so that flapping changes nothing', async () => {
    const store = chain({ returnAfterMs: 150 });
    a.goDown();
    await store.load();
    for (let time = 0; time < 10; time += 1) {
      a.comeBack();
      expect((await store.load()).source?.name).toBe('b');
      await delay(30);
      a.goDown();
      expect((await store.load()).source?.name).toBe('b');
      await delay(10);
    }
  });

  it('does not wait if the one that is followed is away, too', async () => {
    const store = chain({ returnAfterMs: 2_000_000_000 });
    a.goDown();
    await store.load();
    a.comeBack();
    b.goDown();
    expect((await store.load()).source?.name).toBe('a');
  });

  it('happens by itself while somebody watches', async () => {
    a.goDown();
    const halyard = await start();
    expect(ownerOf(halyard)).toBe('b');
    a.comeBack();
    await vi.waitFor(() => expect(ownerOf(halyard)).toBe('a'), patience);
    expect(halyard.health()).toMatchObject({ status: 'ready', source: 'a' });
  });
});

describe('watching', () => {
  it('tells of changes of the source that is followed, and of no later one', async () => {
    const store = chain({ returnAfterMs: 2_000_000_000 });
    await store.load();
    const onChange = vi.fn();
    store.watch(onChange);
    b.set({});
    c.set({});
    expect(onChange).not.toHaveBeenCalled();
    a.set({});
    expect(onChange).toHaveBeenCalledOnce();
  });

  it('moves a service on when the source that it follows goes away', async () => {
    const registry = new Registry();
    const halyard = await start({ registry });
    const { version: first = '' } = halyard.health();
    expect(await scrape(registry, 'feature_flag_config_info')).toEqual({ [`version=${first},source=a`]: 1 });
    const changed = new Promise((resolve) => halyard.on('change', resolve));
    a.goDown();
    expect(await changed).toMatchObject({ flagKeys: ['flag'] });
    const { version = '', source } = halyard.health();
    expect(source).toBe('b');
    expect(await scrape(registry, 'feature_flag_config_info')).toEqual({ [`version=${version},source=b`]: 1 });
  });

  it('says in the log which one is followed, and why', async () => {
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const halyard = await start({ logger });
    a.goDown();
    await vi.waitFor(() => expect(ownerOf(halyard)).toBe('b'), patience);
    expect(logger.warn.mock.calls.map(([, message]) => String(message))).toEqual([
      'Flags come from b now. a: connection refused',
    ]);
    a.comeBack();
    await vi.waitFor(() => expect(ownerOf(halyard)).toBe('a'), patience);
    expect(logger.info.mock.calls.map(([, message]) => String(message))).toContain('Flags come from a now.');
  });

  it('ends with the chain, which closes every source', async () => {
    const store = chain();
    store.watch(() => undefined);
    const closed = [a, b, c].map((source) => vi.spyOn(source, 'close'));
    closed[0]!.mockRejectedValue(new Error('stuck'));
    await store.close();
    expect(closed.map((close) => close.mock.calls.length)).toEqual([1, 1, 1]);
    const loads = a.loads + b.loads + c.loads;
    a.set({});
    expect(a.loads + b.loads + c.loads).toBe(loads);
  });

  it('goes on without a source that can not be watched', async () => {
    vi.spyOn(a, 'watch').mockImplementation(() => {
      throw new Error('no watchers left');
    });
    const store = chain();
    await store.load();
    store.watch(() => undefined);
    expect((await store.load()).source?.name).toBe('a');
  });
});

describe('writing', () => {
  it('goes to the first source alone', async () => {
    const store = chain();
    await store.updateState(() => ({ ...emptyFlagState, kills: new Map([['payments', { at: 0, ...why }]]) }), why);
    expect((await a.held.load()).state.kills.size).toBe(1);
    expect((await b.held.load()).state.kills.size).toBe(0);
  });

  it('fails while that is away, whatever else is there', async () => {
    const store = chain();
    a.goDown();
    await store.load();
    await expect(store.update((document) => document, why)).rejects.toThrow('a: connection refused');
    await expect(store.updateState((state) => state, why)).rejects.toThrow('a: connection refused');
    expect((await b.held.history()).length + (await c.held.history()).length).toBe(0);
  });

  it('makes the first source the one that is followed, once it took a change', async () => {
    const store = chain({ returnAfterMs: 2_000_000_000 });
    a.goDown();
    await store.load();
    a.comeBack();
    expect((await store.load()).source?.name).toBe('b');
    await store.update((document) => ({ ...document, flags: { ...document.flags, payments: { rollout: 5 } } }), why);
    expect((await store.load()).source?.name).toBe('a');
  });

  it('is not offered where the first source can only be read', () => {
    const readOnly: FlagStore = { name: 'r', refuses: 'whole', load: () => a.load(), close: () => a.close() };
    const store: FlagStore = fallbackStore([readOnly, b]);
    for (const name of ['update', 'updateState', 'history', 'pushDocument'] as const) expect(name in store).toBe(false);
  });
});

describe('a kill', () => {
  it('in the first source stays while a later one serves that does not know it', async () => {
    const halyard = await start();
    await halyard.kill('payments', why);
    a.goDown();
    await vi.waitFor(() => expect(ownerOf(halyard)).toBe('b'), patience);
    expect(halyard.details('payments', true)).toMatchObject({ value: false, reason: 'DISABLED' });
    b.set({ flag: { owner: 'b2' }, payments: {} });
    await vi.waitFor(() => expect(ownerOf(halyard)).toBe('b2'), patience);
    expect(halyard.boolean('payments', true)).toBe(false);
  });

  it('that was ended in the first source meanwhile is over once that is heard again', async () => {
    const halyard = await start({ store: chain({ returnAfterMs: 60_000 }) });
    await halyard.kill('payments', why);
    a.goDown();
    await vi.waitFor(() => expect(ownerOf(halyard)).toBe('b'), patience);
    await a.held.updateState(() => ({ ...emptyFlagState, kills: new Map() }), why);
    expect(halyard.boolean('payments', true)).toBe(false);
    a.comeBack();
    // Before its flags are followed again.
    await vi.waitFor(() => expect(halyard.boolean('payments', false)).toBe(true), patience);
    expect(ownerOf(halyard)).toBe('b');
  });

  it('in the source that serves holds as well, and the longer of two', async () => {
    const store = chain();
    const until = Date.now() + 60_000;
    const kill: Kill = { at: 0, ...why };
    await a.held.updateState(() => ({ ...emptyFlagState, kills: new Map([['x', { ...kill, until }], ['y', kill]]) }), why); // prettier-ignore
    await b.held.updateState(() => ({ ...emptyFlagState, kills: new Map([['x', kill], ['y', { ...kill, until }], ['z', kill]]) }), why); // prettier-ignore
    await store.load();
    a.goDown();
    expect((await store.load()).state.kills).toEqual(new Map(['x', 'y', 'z'].map((key) => [key, kill])));
  });

  it('outlives a restart without the first source, where there is a cache', async () => {
    const folder = await temporaryFolder();
    try {
      const cache = join(folder.path, 'flags.cache');
      const before = await createHalyard({ store: chain(), cache });
      await before.kill('payments', why);
      await before.close();
      a.goDown();
      const halyard = await start({ cache });
      expect(ownerOf(halyard)).toBe('b');
      expect(halyard.boolean('payments', true)).toBe(false);
    } finally {
      await folder.remove();
    }
  });

  it('made while the first source is away holds on this instance, and is not split between two sources', async () => {
    a.goDown();
    const halyard = await start();
    await expect(halyard.kill('payments', why)).rejects.toThrow(
      'fallback(a, b, c) could not be told: a: connection refused',
    );
    expect(halyard.boolean('payments', true)).toBe(false);
    expect((await b.held.load()).state.kills.size).toBe(0);
  });

  it('is not lost when every source goes away', async () => {
    const halyard = await start();
    await halyard.kill('payments', why);
    for (const source of [a, b, c]) source.goDown();
    await vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience);
    expect(halyard.boolean('payments', true)).toBe(false);
  });
});

describe('fallbackStore', () => {
  it.each([[[]], [{}], [undefined], [[memoryStore(), 'flags.yaml']]])(
    'refuses what is no list of stores: %#',
    (stores) => {
      expect(() => fallbackStore(stores as unknown as readonly FlagStore[])).toThrow(
        /^fallbackStore: expected a (?:list of at least one store|store with load\(\) and close\(\) as number \d), found /,
      );
    },
  );

  it('says which of a list is no store, and repeats nothing that it holds', () => {
    expect(() => fallbackStore([a, { password: 'hunter2' } as never])).toThrow(
      /^fallbackStore: expected a store with load\(\) and close\(\) as number 2, found an object\.$/,
    );
  });

  it('checks its options', () => {
    expect(() => fallbackStore([a], { timeoutMs: 0 })).toThrow('fallbackStore: option `timeoutMs`');
    expect(() => fallbackStore([a], { retryMs: 1 } as object)).toThrow('unknown option `retryMs`');
  });

  it('asks no source any more once it is closed', async () => {
    const store = chain({ returnAfterMs: 1_000 });
    a.goDown();
    await store.load();
    await store.close();
    const load = vi.spyOn(a, 'load');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      store.watch(() => undefined);
      await vi.advanceTimersByTimeAsync(10_000);
    } finally {
      vi.useRealTimers();
    }
    expect(load).not.toHaveBeenCalled();
  });

  it('allows as large a document as the source that allows most, and refuses as the one that serves does', async () => {
    const store = fallbackStore([b, fileStore('flags.yaml', { maxBytes: 20_000_000 }), memoryStore()]);
    expect(store.maxBytes).toBe(20_000_000);
    expect(store.refuses).toBe('flags');
    b.goDown();
    await store.load();
    expect(store.refuses).toBe('whole');
    await store.close();
  });
});
