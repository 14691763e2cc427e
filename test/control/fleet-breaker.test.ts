import { createHalyard, type Halyard, memoryStore, type WritableFlagStore } from 'halyard';
import { afterEach, describe, expect, it, vi } from 'vitest';

const breaker = { minimumRequests: 10, cooldownSeconds: 30, scope: 'fleet' as const };
const ana = { by: 'ana', reason: 'provider is back' };
const silent = (): void => undefined;
const quiet = { debug: silent, info: silent, warn: silent, error: silent };

const open: Halyard[] = [];

afterEach(async () => {
  for (const halyard of open.splice(0)) await halyard.close();
});

interface Instance {
  readonly halyard: Halyard;
  readonly events: string[];
  readonly call: (isFailure?: boolean) => 'passed' | 'failed' | 'refused';
}

/** Two instances on one store, whose clocks stand still until they are told. */
function openFleet(more: object = {}) {
  let now = Date.UTC(2027, 0, 1);
  const store = memoryStore({ version: 1, flags: { payments: { breaker: { ...breaker, ...more } } } });
  const start = async (followed: Partial<WritableFlagStore> = {}): Promise<Instance> => {
    const own: WritableFlagStore = Object.assign(Object.create(store) as WritableFlagStore, {
      load: () => store.load(),
      watch: (onChange: () => void) => store.watch(onChange),
      updateState: store.updateState.bind(store),
      update: store.update.bind(store),
      close: () => Promise.resolve(),
      ...followed,
    });
    const halyard = await createHalyard({ store: own, clock: { now: () => now }, logger: quiet, fleet: false });
    open.push(halyard);
    const events: string[] = [];
    halyard.on('trip', ({ evidence }) => events.push(`trip: ${evidence.cause}`));
    halyard.on('reset', ({ cause }) => events.push(`reset: ${cause}`));
    const call = (isFailure = false): 'passed' | 'failed' | 'refused' => {
      let outcome: 'passed' | 'failed' | 'refused' = 'refused';
      const work = (): void => {
        outcome = isFailure ? 'failed' : 'passed';
        if (isFailure) throw new Error('broken');
      };
      try {
        halyard.protect('payments', work);
      } catch {
        // It says so in its outcome.
      }
      return outcome;
    };
    return { halyard, events, call };
  };
  return { store, start, wait: (seconds: number) => void (now += seconds * 1000) };
}

const fail = ({ call }: Instance, times: number): void => {
  for (let count = 0; count < times; count += 1) call(true);
};

describe('a breaker of a fleet', () => {
  it('opens on every instance when one has measured it, with the numbers in the audit trail', async () => {
    const { store, start } = openFleet();
    const [first, second] = [await start(), await start()];
    expect(second.call()).toBe('passed');
    fail(first, 10);
    await vi.waitFor(() => expect(second.call()).toBe('refused'));
    expect(second.halyard.breakers()[0]).toMatchObject({
      status: 'open',
      trip: { evidence: { cause: 'errors', failures: 10, requests: 10 } },
    });
    expect([first.events, second.events]).toEqual([['trip: errors'], []]);
    expect(await store.history()).toMatchObject([
      {
        by: 'halyard',
        reason: 'The breaker of "payments" opened: 10 of 10 requests of the last 10 s failed (100 %, limit 50 %).',
        difference: [{ path: 'state.trips.payments', after: { evidence: { failures: 10 } } }],
      },
    ]);
  });

  it('lets every instance probe after its cooldown, and closes on all when one succeeds', async () => {
    const { store, start, wait } = openFleet();
    const [first, second] = [await start(), await start()];
    second.call();
    fail(first, 10);
    await vi.waitFor(() => expect(second.call()).toBe('refused'));
    wait(30);
    expect([first.call(true), first.call()]).toEqual(['failed', 'refused']);
    expect(second.call()).toBe('passed');
    await vi.waitFor(() => expect(first.call()).toBe('passed'));
    expect(first.events).toEqual(['trip: errors', 'trip: probe', 'reset: fleet']);
    expect(second.events).toEqual(['reset: probe']);
    expect((await store.load()).state.trips.size).toBe(0);
  });

  it('is open on an instance that starts meanwhile', async () => {
    const { start, store } = openFleet();
    const first = await start();
    fail(first, 10);
    await vi.waitFor(async () => expect((await store.load()).state.trips.size).toBe(1));
    expect((await start()).call()).toBe('refused');
  });

  it('has one trip in the state, however many measure it', async () => {
    const { start, store } = openFleet();
    const instances = [await start(), await start(), await start()];
    for (const instance of instances) fail(instance, 10);
    await vi.waitFor(() => expect(instances.map(({ call }) => call())).toEqual(Array(3).fill('refused')));
    expect(await store.history()).toHaveLength(1);
  });

  it('waits everywhere for a person who restores it, with `reset: manual`', async () => {
    const { start, wait } = openFleet({ reset: 'manual' });
    const [first, second] = [await start(), await start()];
    second.call();
    fail(first, 10);
    await vi.waitFor(() => expect(second.call()).toBe('refused'));
    wait(86_400);
    expect([first.call(), second.call()]).toEqual(['refused', 'refused']);
    await second.halyard.restore('payments', ana);
    await vi.waitFor(() => expect([first.call(), second.call()]).toEqual(['passed', 'passed']));
  });

  it('holds on its own instance when the store can not be told', async () => {
    const { start } = openFleet();
    const updateState = () => Promise.reject(new Error('away'));
    const [first, second] = [await start({ updateState }), await start()];
    fail(first, 10);
    await Promise.resolve();
    expect([first.call(), second.call()]).toEqual(['refused', 'passed']);
  });

  it('closes here when somebody restores it, though the store can not be told', async () => {
    const { start } = openFleet({ reset: 'manual' });
    const first = await start();
    const second = await start({ updateState: () => Promise.reject(new Error('away')) });
    second.call();
    fail(first, 10);
    await vi.waitFor(() => expect(second.call()).toBe('refused'));
    await expect(second.halyard.restore('payments', ana)).rejects.toThrow('away');
    expect([first.call(), second.call()]).toEqual(['refused', 'passed']);
  });

  it('is over, everywhere and for good, when its flag has no breaker any more', async () => {
    const { start, store } = openFleet({ reset: 'manual' });
    const first = await start();
    fail(first, 10);
    await vi.waitFor(async () => expect((await store.load()).state.trips.size).toBe(1));
    await store.update((document) => ({ ...document, flags: { payments: {} } }), ana);
    await vi.waitFor(async () => expect((await store.load()).state.trips.size).toBe(0));
  });

  it('says who measured it, on every instance', async () => {
    const { start, store } = openFleet();
    const [first, second] = [await start(), await start()];
    const evidence = { cause: 'probe', requests: 1, failures: 1, slow: 0 } as const;
    const trips = new Map([['payments', { openUntil: Date.UTC(2027, 0, 2), trippedBy: 'elsewhere:1', evidence }]]);
    await store.updateState((state) => ({ ...state, trips }), ana);
    await vi.waitFor(() => expect([first.call(), second.call()]).toEqual(['refused', 'refused']));
    expect(first.halyard.breakers()[0]?.trip?.trippedBy).toBe('elsewhere:1');
  });

  it('is nobody else’s without `scope: fleet`', async () => {
    const { start, store } = openFleet({ scope: 'instance' });
    const [first, second] = [await start(), await start()];
    fail(first, 10);
    expect([first.call(), second.call()]).toEqual(['refused', 'passed']);
    expect(await store.history()).toEqual([]);
  });
});
