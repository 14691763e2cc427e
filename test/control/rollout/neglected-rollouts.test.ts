import { createHalyard, createRolloutController, memoryStore, type WrittenRollout } from 'halyard';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MadeUpHealth } from './made-up-health.js';

const stages = [{ percentage: 10, hours: 1 }, { percentage: 100 }];
const tenMinutes = 600_000;

afterEach(() => void vi.useRealTimers());

async function open(rollout: WrittenRollout) {
  vi.useFakeTimers();
  const warn = vi.fn();
  const logger = { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() };
  const store = memoryStore({ version: 1, flags: { checkout: { rollout }, other: {} } });
  const halyard = await createHalyard({ store, logger, fleet: false });
  return { store, halyard, warnings: () => warn.mock.calls.map(([, message]) => message as string) };
}

describe('a rollout with checks that nobody looks at', () => {
  it('is warned of once, after ten minutes', async () => {
    const { store, halyard, warnings } = await open({ stages, checks: {} });
    await vi.advanceTimersByTimeAsync(tenMinutes - 1);
    expect(warnings()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(warnings()).toEqual([
      expect.stringContaining('The rollout of "checkout" has checks, and nothing has begun it'),
    ]);
    await store.update((document) => ({ ...document, flags: { ...document.flags, more: {} } }), {
      by: 'ana',
      reason: 'x',
    });
    await vi.advanceTimersByTimeAsync(10 * tenMinutes);
    expect(warnings()).toHaveLength(1);
    await halyard.close();
  });

  it('is nobody’s business where a controller has begun it, before its start, or without checks', async () => {
    const begun = await open({ stages, checks: {} });
    await createRolloutController(begun.halyard, { health: new MadeUpHealth() }).look();
    const later = await open({ stages, checks: {}, start: '2100-01-01T00:00:00Z' });
    const plain = await open({ start: '2020-01-01T00:00:00Z', stages });
    await vi.advanceTimersByTimeAsync(10 * tenMinutes);
    for (const { halyard, warnings } of [begun, later, plain]) {
      expect(warnings()).toEqual([]);
      await halyard.close();
    }
  });
});
