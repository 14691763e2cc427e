import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/stores/memory-store.js';
import type { FlagStore, WritableFlagStore } from '../../src/stores/flag-store.js';
import { type StoreCase, storeContract } from '../../src/testing/index.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

type Fault = (store: WritableFlagStore) => Partial<WritableFlagStore>;

const nothing = (): Promise<void> => Promise.resolve();

function casesOf(fault: Fault, timeoutMs?: number): readonly StoreCase[] {
  const cases = storeContract({
    create: memoryStore,
    open: (store) => faulty(store, fault(store)),
    keepsLeases: true,
    timeoutMs,
  });
  return cases.filter(({ skip }) => skip === undefined);
}

function faulty(store: WritableFlagStore, fault: Partial<WritableFlagStore>): WritableFlagStore {
  return {
    name: store.name,
    refuses: store.refuses,
    load: () => store.load(),
    watch: (onChange) => store.watch(onChange),
    update: (change, options) => store.update(change, options),
    updateState: (change, options) => store.updateState(change, options),
    history: (options) => store.history(options),
    close: () => store.close(),
    ...(store.leases && { leases: store.leases }),
    ...fault,
  };
}

const faults: Readonly<Record<string, readonly [Fault, string]>> = {
  'sorts the variants': [
    (store) => ({
      load: async () => {
        const stored = await store.load();
        const text = JSON.stringify(stored.document, (_, value: unknown) =>
          typeof value === 'object' && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).toSorted())
            : value,
        );
        return { ...stored, document: [{ name: 'sorted', text }] };
      },
    }),
    'loading: keeps the order of variants and weights, which decides who gets which',
  ],
  'forgets kills': [
    (store) => ({ load: async () => ({ ...(await store.load()), state: emptyFlagState }) }),
    'changing the state: keeps who killed a flag, when, why and until when',
  ],
  'forgets rollouts': [
    (store) => ({
      load: async () => {
        const { state, ...stored } = await store.load();
        return { ...stored, state: { ...emptyFlagState, kills: state.kills } };
      },
    }),
    'the progress of rollouts: is kept as it is: failing',
  ],
  'takes everything': [
    (store) => ({ update: (change, options) => store.update(change, options).catch(() => store.load()) }),
    'refusing a change: writes nothing if the result has errors',
  ],
  'counts nothing': [
    (store) => ({ load: async () => ({ ...(await store.load()), version: 'always:1' }) }),
    'versions: are others after each change, never older, and never given twice',
  ],
  'counts every load': [
    (store) => {
      let loads = 0;
      return { load: async () => ({ ...(await store.load()), version: `load:${(loads += 1)}` }) };
    },
    'loading: gives the same version until something changes, to everyone',
  ],
  'expects nothing': [
    (store) => ({ updateState: (change, { by, reason }) => store.updateState(change, { by, reason }) }),
    'conflicts: let exactly one win of several who expect the same version',
  ],
  'loses what others write': [
    (store) => ({
      update: async (change, options) => {
        const { document } = await store.load();
        return store.update(() => change(document as never), options);
      },
    }),
    'conflicts: are solved by running the function again, on what the others wrote',
  ],
  'tells the conflict without what it found': [
    (store) => ({
      update: (change, options) =>
        store.update(change, options).catch((error: unknown) => {
          throw Object.assign(error as Error, { stored: undefined });
        }),
    }),
    'conflicts: reject with both sides, and write nothing',
  ],
  'tells the oldest first': [
    (store) => ({ history: async (options) => (await store.history(options)).toReversed() }),
    'history: tells everyone who changed what, when and why, newest first',
  ],
  'tells in seconds': [
    (store) => ({ history: async () => (await store.history()).map((one) => ({ ...one, at: one.at / 1_000 })) }),
    'history: tells everyone who changed what, when and why, newest first',
  ],
  'tells no listener': [
    () => ({ watch: () => () => undefined }),
    'watching: tells of changes by this store and by others, to the document and to the state',
  ],
  'does not end': [
    (store) => ({
      watch: (onChange) => {
        store.watch(onChange);
        return () => undefined;
      },
    }),
    'watching: tells nobody who has ended it, and ends twice',
  ],
  'gives a lease to everyone': [
    () => ({ leases: { take: (name, holder) => Promise.resolve({ name, holder, fence: 1 }), release: nothing } }),
    'leases: are held by one at a time, and everyone knows',
  ],
  'gives nothing back': [
    ({ leases }) => ({ leases: { take: (...request) => leases!.take(...request), release: nothing } }),
    'leases: are given back, and then taken at once, with a higher fence',
  ],
  'gives a fence twice': [
    ({ leases }) => ({
      leases: {
        take: async (...request) => {
          const lease = await leases!.take(...request);
          return lease && { ...lease, fence: 1 };
        },
        release: (lease) => leases!.release(lease),
      },
    }),
    'leases: are taken by the next after their end, with a higher fence',
  ],
  'asks for no lease': [
    (store) => ({ update: (change, { lease: _, ...options }) => store.update(change, options) }),
    'leases: refuse every write once somebody else has taken them, and nothing changes',
  ],
  'has no history': [() => ({ history: undefined as never }), 'the store: has history'],
};

describe('storeContract', () => {
  describe('finds a store that', () => {
    it.each(Object.entries(faults))('%s', async (_what, [fault, name]) => {
      const found = casesOf(fault, 1_000).find((one) => one.name === name);
      await expect(found?.run()).rejects.toThrow();
    });
  });

  it('finds nothing in a store that holds to it', { timeout: 120_000 }, async () => {
    for (const { run } of casesOf(() => ({}))) await run();
  });

  it('has cases with names of their own, in groups', () => {
    const cases = storeContract({ create: memoryStore, open: (store) => store });
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    for (const { group, name } of cases) expect(name.startsWith(`${group}: `)).toBe(true);
    // Jest takes a function with a parameter for one that calls back.
    expect(cases.every(({ run }) => run.length === 0)).toBe(true);
  });

  it('leaves out what the harness does not offer, and says why', async () => {
    const cases = storeContract({
      create: memoryStore,
      open: (store): FlagStore => store,
      without: { writing: 'the build writes the bucket', watching: 'it is asked once a minute' },
    });
    const skipped = (name: string): StoreCase | undefined => cases.find((one) => one.name.startsWith(name));
    expect(skipped('conflicts: lose')?.name).toContain('(left out: the build writes the bucket)');
    expect(skipped('conflicts: lose')?.skip).toBe('the build writes the bucket');
    expect(skipped('a document written past')?.skip).toBe('the harness has no `replaceText`');
    expect(cases.filter(({ skip }) => skip === undefined).map(({ group }) => group)).toContain('loading');
    // A loop that forgets `skip` must not see it pass.
    await expect(skipped('conflicts: lose')?.run()).rejects.toThrow('Left out: the build writes the bucket.');
  });

  it('says what it waited for', async () => {
    const deaf = {
      create: memoryStore,
      open: (store: WritableFlagStore) => faulty(store, { watch: () => () => undefined }),
    };
    const cases = storeContract({ ...deaf, timeoutMs: 200 });
    const told = cases.find(({ name }) => name.startsWith('watching: lets'));
    expect(told?.timeoutMs).toBeGreaterThan(200);
    await expect(told?.run()).rejects.toThrow('Waited 0.2 s for a listener to load the change.');
  });

  it('closes the stores and removes the storage, also after a failure', async () => {
    const events: string[] = [];
    const cases = storeContract({
      create: () => events.push('created'),
      open: () => ({
        ...faulty(memoryStore(), { load: () => Promise.reject(new Error('no')) }),
        close: () => Promise.resolve(void events.push('closed')),
      }),
      remove: () => events.push('removed'),
    });
    await expect(cases.find(({ group }) => group === 'loading')?.run()).rejects.toThrow('no');
    expect(events).toEqual(['created', 'closed', 'removed']);
  });

  it('refuses a harness that cannot be meant', () => {
    const harness = { create: memoryStore, open: (store: WritableFlagStore) => store };
    expect(() => storeContract({ ...harness, timeout: 5 } as never)).toThrow(
      'storeContract: unknown option `timeout`. Did you mean `timeoutMs`?',
    );
    expect(() => storeContract({ create: memoryStore } as never)).toThrow(
      'storeContract: the harness needs the function `open`.',
    );
    expect(() => storeContract({ ...harness, without: { writing: '' } })).toThrow(
      'storeContract: option `writing`: expected the reason why the store does not do it, found "".',
    );
  });
});
