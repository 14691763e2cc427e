import { type Change, createHalyard, type Halyard, memoryStore, type WritableFlagStore } from 'halyard';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const silent = (): void => undefined;
const open: Halyard[] = [];

beforeEach(() => void vi.useFakeTimers());

afterEach(async () => {
  for (const halyard of open.splice(0)) await halyard.close();
  vi.useRealTimers();
});

const document = {
  version: 1 as const,
  flags: { payments: { breaker: { minimumRequests: 10, cooldownSeconds: 30 } } },
};

interface Instance {
  readonly halyard: Halyard;
  readonly warnings: string[];
}

async function start(store: WritableFlagStore): Promise<Instance> {
  const warnings: string[] = [];
  const logger = {
    debug: silent,
    info: silent,
    warn: (_: object, text: string) => void warnings.push(text),
    error: silent,
  };
  const halyard = await createHalyard({ store, logger, fleet: false });
  open.push(halyard);
  return { halyard, warnings };
}

function breakIt({ halyard }: Instance): void {
  for (let count = 0; count < 10; count += 1) {
    expect(() =>
      halyard.protect('payments', () => {
        throw new Error('broken');
      }),
    ).toThrow('broken');
  }
}

describe('a breaker of one instance', () => {
  it('is told in the history when it opens, with the numbers that opened it', async () => {
    const store = memoryStore(document);
    breakIt(await start(store));
    await vi.advanceTimersByTimeAsync(5_000);
    const [{ difference }] = (await store.history()) as [Change];
    // Times are written as they are in the state.
    expect(difference[0]?.after).toMatchObject({ openUntil: expect.stringMatching(/^\d{4}-.*Z$/) as string });
    expect(await store.history()).toMatchObject([
      {
        by: 'halyard',
        reason: expect.stringContaining('10 of 10 requests of the last 10 s failed (100 %, limit 50 %).'),
        difference: [
          { path: 'breakers.payments', after: { evidence: { cause: 'errors', failures: 10, requests: 10 } } },
        ],
      },
    ]);
  });

  it('is told once for a fleet whose breakers all open, and again when it is news', async () => {
    const store = memoryStore(document);
    const instances = await Promise.all(Array.from({ length: 20 }, () => start(store)));
    for (const instance of instances) breakIt(instance);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await store.history()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    await instances[3]!.halyard.restore('payments', { by: 'ana', reason: 'the provider is back' });
    breakIt(instances[3]!);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await store.history()).toHaveLength(2);
  });

  it('goes on when the history cannot be written, and says so', async () => {
    const store = memoryStore(document);
    const failing = Object.assign(store, { updateState: () => Promise.reject(new Error('read-only')) });
    const instance = await start(failing);
    breakIt(instance);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(instance.warnings.at(-1)).toBe('memory could not be told that a breaker opened: read-only');
    expect(instance.halyard.breakers()).toMatchObject([{ flagKey: 'payments', status: 'open' }]);
  });

  it('waits for nothing when its Halyard is closed', async () => {
    const store = memoryStore(document);
    const instance = await start(store);
    breakIt(instance);
    await instance.halyard.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await store.history()).toEqual([]);
  });
});
