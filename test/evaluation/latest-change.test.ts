import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latestChange } from '../../src/evaluation/latest-change.js';
import { nextChange } from '../../src/evaluation/next-change.js';
import type { CompiledFlag } from '../../src/evaluation/compiled-flag.js';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import { createHalyard } from '../../src/create-halyard.js';
import { RUNTIME } from '../../src/runtime/runtime.js';
import { memoryStore } from '../../src/stores/memory-store.js';

const start = Date.parse('2027-01-10T09:00:00Z');
const hour = 3_600_000;

async function compiled(flag: NonNullable<FlagDocument['flags']>[string]): Promise<CompiledFlag> {
  const halyard = await createHalyard({ store: memoryStore({ version: 1, flags: { flag } }), watch: false });
  return halyard[RUNTIME].evaluator.current.set.flags.get('flag')!;
}

const stages = [{ percentage: 1, hours: 24 }, { percentage: 10, hours: 24 }, { percentage: 100 }];
const curve = { curve: 's-curve', from: 1, to: 100, start: '2027-01-10T09:00:00Z', hours: 72 } as const;

describe('the latest change that time made', () => {
  it.each([
    ['before the first stage', -1, -Infinity],
    ['as it begins', 0, 0],
    ['within it', 23, 0],
    ['as the next begins', 24, 24],
    ['long after the last began', 1_000, 48],
  ])('is the beginning of a stage: %s', async (_when, hours, expected) => {
    const flag = await compiled({ rollout: { start: '2027-01-10T09:00:00Z', stages } });
    expect(latestChange(flag, start + hours * hour)).toBe(expected === -Infinity ? -Infinity : start + expected * hour);
  });

  it.each([
    [-1, -Infinity],
    [0, 0],
    [59_999, 0],
    [60_000, 60_000],
    [72 * hour - 1, 72 * hour - 60_000],
    [72 * hour, 72 * hour],
    [99 * hour, 72 * hour],
  ])('is the last full minute of a curve that moves: %i', async (elapsed, expected) => {
    const flag = await compiled({ rollout: curve });
    expect(latestChange(flag, start + elapsed)).toBe(expected === -Infinity ? -Infinity : start + expected);
  });

  it('is when a rule began or ended to hold', async () => {
    const when = { from: '2027-01-10T09:00:00Z', until: '2027-01-10T10:00:00Z' };
    const flag = await compiled({ rules: [{ when: { a: 1 }, serve: 'on', ...when }], serve: 'off' });
    expect([-1, 0, 0.5, 1, 2].map((hours) => (latestChange(flag, start + hours * hour) - start) / hour)).toEqual([
      -Infinity,
      0,
      0,
      1,
      1,
    ]);
  });

  it('is never after now, and nothing changes between it and now but along a curve', async () => {
    const flag = await compiled({ rollout: { start: '2027-01-10T09:00:00Z', stages } });
    fc.assert(
      fc.property(fc.integer({ min: -10, max: 100 }), (hours) => {
        const now = start + hours * hour;
        const latest = latestChange(flag, now);
        expect(latest).toBeLessThanOrEqual(now);
        expect(nextChange(flag, latest)).toBe(nextChange(flag, now));
      }),
    );
  });
});
