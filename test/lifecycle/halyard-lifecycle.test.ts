import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHalyard, fileStore, type FleetRegister, type Halyard, type HalyardOptions, memoryStore } from 'halyard';
import { afterEach, describe, expect, it, vi } from 'vitest';

const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const open: Halyard[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((halyard) => halyard.close()));
});

const shop = () =>
  memoryStore({
    version: 1,
    flags: { 'new-checkout': { created: '2026-01-01', rollout: 50 }, payments: { kind: 'operational' } },
  });

/** A Halyard with a clock of the test's. */
async function start(options: Partial<HalyardOptions> = {}) {
  const clock = { time: Date.parse('2026-06-01T00:00:00Z'), now: () => clock.time };
  const halyard = await createHalyard({ store: shop(), clock, logger, ...options });
  open.push(halyard);
  const of = async (key: string) => (await halyard.lifecycle()).find((flag) => flag.key === key)!;
  return { halyard, clock, of };
}

describe('halyard.lifecycle()', () => {
  it('tells of each flag how old it is and where it stands', async () => {
    const { halyard } = await start();
    expect(await halyard.lifecycle()).toMatchObject([
      { key: 'new-checkout', kind: 'release', ageMs: 151 * 86_400_000, expiresBy: 'lifetime', stage: 'expired' },
      { key: 'payments', kind: 'operational', ageMs: undefined, expires: undefined, stage: 'active' },
    ]);
  });

  it('knows when a flag was last seen to be evaluated, and of no other says that it was not', async () => {
    const { halyard, clock, of } = await start();
    expect((await of('payments')).lastEvaluatedAt).toBeUndefined();
    clock.time += 1_000;
    halyard.boolean('payments', false);
    expect((await of('payments')).lastEvaluatedAt).toEqual(new Date(clock.time));
    const seen = clock.time;
    clock.time += 60_000;
    expect((await of('payments')).lastEvaluatedAt).toEqual(new Date(seen));
    expect((await of('new-checkout')).lastEvaluatedAt).toBeUndefined();
  });

  it('counts evaluations by variant, and the default of the caller as no name', async () => {
    const { halyard, of } = await start();
    halyard.boolean('payments', false);
    halyard.boolean('payments', false);
    halyard.string('payments', 'of another type');
    halyard.all();
    expect((await of('payments')).evaluations).toEqual(
      new Map([
        ['on', 2],
        ['', 1],
      ]),
    );
  });

  it('keeps what it saw while the flags are replaced', async () => {
    const store = shop();
    const { halyard, of } = await start({ store });
    halyard.boolean('payments', false);
    await store.update((document) => ({ ...document, flags: { ...document.flags, more: {} } }), {
      by: 'a',
      reason: 'b',
    });
    await halyard.refresh();
    expect(await of('payments')).toMatchObject({ lastEvaluatedAt: expect.any(Date) });
    expect((await of('more')).lastEvaluatedAt).toBeUndefined();
  });

  it('follows the options of createHalyard, and its own before them', async () => {
    const { halyard, of } = await start({ lifecycle: { lifetimes: { release: null } } });
    expect((await of('new-checkout')).stage).toBe('active');
    expect((await halyard.lifecycle({ lifetimes: { release: 10 } }))[0]?.stage).toBe('expired');
    await expect(halyard.lifecycle({ staleAfterDays: -1 })).rejects.toThrow(
      'lifecycle: option `staleAfterDays`: expected a number of days from 0 to 36,500, found -1.',
    );
    await expect(createHalyard({ store: shop(), lifecycle: { lifetimes: { relase: 1 } as object } })).rejects.toThrow(
      'createHalyard: option `lifecycle`: option `lifetimes`: unknown option `relase`. Did you mean `release`?',
    );
  });

  it('tells of a killed flag that it is not settled, and of a flag of which only the key is known nothing', async () => {
    const { halyard } = await start();
    await halyard.kill('payments', { by: 'ana', reason: 'down' });
    await halyard.kill('no-such-flag', { by: 'ana', reason: 'down', create: true });
    halyard.boolean('no-such-flag', true);
    const flags = await halyard.lifecycle();
    expect(flags.map(({ key, settled }) => [key, settled])).toEqual([
      ['new-checkout', undefined],
      ['payments', undefined],
    ]);
  });

  it('is of this process alone where the store keeps no list', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-lifecycle-'));
    await writeFile(join(folder, 'flags.yaml'), 'version: 1\nflags: { payments: { kind: operational } }');
    const { halyard, of } = await start({ store: fileStore(join(folder, 'flags.yaml')) });
    halyard.boolean('payments', false);
    expect((await of('payments')).lastEvaluatedAt).toBeInstanceOf(Date);
    await halyard.close();
    await rm(folder, { recursive: true });
  });
});

describe('usage in the fleet', () => {
  it('is told at the end, and known to the others, who have evaluated nothing', async () => {
    const store = shop();
    const first = await start({ store });
    const second = await start({ store });
    first.halyard.boolean('payments', false);
    const at = first.clock.time;
    await first.halyard.close();
    expect((await second.of('payments')).lastEvaluatedAt).toEqual(new Date(at));
    expect((await second.of('payments')).evaluations).toEqual(new Map());
    expect((await second.of('new-checkout')).lastEvaluatedAt).toBeUndefined();
  });

  it('is the later of what the store knows and what this process saw', async () => {
    const store = shop();
    const { halyard, clock, of } = await start({ store });
    await store.fleet?.noteUsage?.(new Map([['payments', clock.time + 5_000]]));
    halyard.boolean('payments', false);
    expect((await of('payments')).lastEvaluatedAt).toEqual(new Date(clock.time + 5_000));
    clock.time += 60_000;
    halyard.boolean('payments', false);
    expect((await of('payments')).lastEvaluatedAt).toEqual(new Date(clock.time));
  });

  it('rejects where the store has it and can not be asked', async () => {
    const store = shop();
    const { halyard } = await start({ store });
    vi.spyOn(store.fleet as Required<FleetRegister>, 'usage').mockRejectedValue(new Error('the store is away'));
    await expect(halyard.lifecycle()).rejects.toThrow('the store is away');
  });
});
