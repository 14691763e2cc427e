import { createHalyard, type FleetRegister, type Halyard, memoryStore, type MemoryStore } from 'halyard';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
});

afterEach(() => vi.useRealTimers());

async function start(keys: readonly string[] = ['a', 'b']) {
  const flags = Object.fromEntries(keys.map((key) => [key, {}]));
  const store: MemoryStore = memoryStore({ version: 1, flags });
  const register = store.fleet as Required<FleetRegister>;
  const note = vi.spyOn(register, 'noteUsage');
  const halyard: Halyard = await createHalyard({ store, logger });
  return { register, halyard, note, told: () => note.mock.calls.map(([times]) => [...times.keys()]) };
}

describe('an instance', () => {
  it('tells within a minute which flags it evaluates, and then every ten minutes those it evaluated since', async () => {
    const { halyard, told } = await start();
    halyard.boolean('a', false);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(told()).toEqual([['a']]);
    for (let count = 0; count < 1_000; count += 1) halyard.boolean('b', false);
    await vi.advanceTimersByTimeAsync(8 * MINUTE);
    expect(told()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(4 * MINUTE);
    expect(told()).toEqual([['a'], ['b']]);
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(told()).toHaveLength(2);
    await halyard.close();
    expect(told()).toHaveLength(2);
  });

  it('tells a thousand flags at a time', async () => {
    const keys = Array.from({ length: 2_500 }, (_, index) => `flag-${index}`);
    const { halyard, register, told } = await start(keys);
    for (const key of keys) halyard.boolean(key, false);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(told().map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
    expect((await register.usage()).size).toBe(2_500);
    await halyard.close();
  });

  it('tells nothing of keys that no document has', async () => {
    const { halyard, told } = await start();
    halyard.boolean('no-such-flag', false);
    await halyard.kill('no-such-flag', { by: 'ana', reason: 'x', create: true });
    halyard.boolean('no-such-flag', false);
    await halyard.close();
    expect(told()).toEqual([]);
  });

  it('logs once that the store can not be told, and tells it when it can', async () => {
    const { halyard, note, told } = await start();
    note.mockRejectedValue(new Error('no right'));
    halyard.boolean('a', false);
    await vi.advanceTimersByTimeAsync(40 * MINUTE);
    expect(told().length).toBeGreaterThan(1);
    expect(logger.warn).toHaveBeenCalledOnce();
    expect(logger.warn.mock.calls[0]?.[1]).toContain('was not told which flags are evaluated here');
    note.mockReset();
    note.mockResolvedValue(undefined);
    await halyard.close();
    expect(told()).toEqual([['a']]);
  });

  it('ends in time where the store does not answer', async () => {
    const { halyard, note } = await start();
    note.mockReturnValue(new Promise(() => undefined));
    halyard.boolean('a', false);
    const closed = halyard.close();
    await vi.advanceTimersByTimeAsync(1_100);
    await closed;
    expect(logger.warn).not.toHaveBeenCalled();
  });
});
