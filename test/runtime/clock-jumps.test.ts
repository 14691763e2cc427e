import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChangeEvent, createHalyard, type Halyard, type HalyardOptions } from 'halyard';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../stores/temporary-folder.js';
import { scrape } from '../telemetry/scrape.js';
import { RemoteStore } from './remote-store.js';

const HOUR = 3_600_000;
const noon = Date.UTC(2027, 0, 10, 12);
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const why = { by: 'ana', reason: 'test' };
const open: Halyard[] = [];
let now: number;

beforeEach(() => {
  now = noon;
  // The clock is another matter than the timers, which nobody can set.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((halyard) => halyard.close()));
  vi.useRealTimers();
});

const start = async (options: Pick<HalyardOptions, 'store'> & Partial<HalyardOptions>): Promise<Halyard> => {
  const halyard = await createHalyard({ clock: { now: () => now }, logger, ...options });
  open.push(halyard);
  return halyard;
};

/** Seconds go by, on the clock and for timers. */
const pass = async (seconds: number): Promise<void> => {
  for (let second = 0; second < seconds; second += 1) {
    now += 1_000;
    await vi.advanceTimersByTimeAsync(1_000);
  }
};

const timed = (): RemoteStore =>
  new RemoteStore({
    begins: { rules: [{ when: { targetingKey: 'u' }, from: '2027-01-10T12:30:00Z', serve: 'on' }], serve: 'off' },
    began: { rules: [{ when: { targetingKey: 'u' }, from: '2027-01-10T11:30:00Z', serve: 'on' }], serve: 'off' },
    after: { requires: [{ flag: 'began' }] },
    staged: { rollout: { start: '2027-01-10T11:30:00Z', stages: [{ percentage: 0, hours: 1 }, { percentage: 100 }] } },
    payments: {},
    untimed: {},
  });

const answers = (halyard: Halyard): readonly string[] =>
  ['begins', 'began', 'after', 'staged', 'payments'].filter((key) =>
    halyard.boolean(key, false, { targetingKey: 'u' }),
  );

describe('a clock that is set an hour forward', () => {
  it('gives the right answers at once, and tells of them within seconds', async () => {
    const halyard = await start({ store: timed() });
    await halyard.kill('payments', { ...why, forSeconds: 1_800 });
    const changes: ChangeEvent[] = [];
    halyard.on('change', (event) => changes.push(event));
    await pass(20);
    expect(changes).toEqual([]);
    expect(answers(halyard)).toEqual(['began', 'after']);
    now += HOUR;
    expect(answers(halyard)).toEqual(['begins', 'began', 'after', 'staged', 'payments']);
    await pass(6);
    expect(changes.map(({ cause, flagKeys }) => [cause, [...flagKeys].sort()])).toEqual([
      ['time', ['begins', 'payments', 'staged']],
    ]);
  });

  it('asks the store again, and goes on from there', async () => {
    const store = timed();
    const halyard = await start({ store, watch: false });
    const before = store.loads;
    await halyard.refresh({ olderThanMs: 60_000 });
    expect(store.loads).toBe(before);
    now += HOUR;
    await halyard.refresh({ olderThanMs: 60_000 });
    await halyard.refresh({ olderThanMs: 60_000 });
    expect(store.loads).toBe(before + 1);
    expect(halyard.health().ageMs).toBe(0);
  });
});

describe('a clock that is set an hour back', () => {
  it('gives the right answers at once, and tells of them within seconds', async () => {
    const halyard = await start({ store: timed() });
    await halyard.kill('payments', { ...why, forSeconds: 10 });
    await pass(20);
    const changes: ChangeEvent[] = [];
    halyard.on('change', (event) => changes.push(event));
    expect(answers(halyard)).toEqual(['began', 'after', 'payments']);
    now -= HOUR;
    expect(answers(halyard)).toEqual([]);
    await pass(6);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ cause: 'time' });
    expect(changes[0]?.flagKeys).toEqual(expect.arrayContaining(['began', 'after', 'payments']));
    expect(changes[0]?.flagKeys).not.toContain('untimed');
    // The half hour comes once more.
    await pass(1_800);
    expect(answers(halyard)).toEqual(['began', 'after']);
  });

  it('is corrected by less than a second without a word', async () => {
    const halyard = await start({ store: timed() });
    const onChange = vi.fn();
    halyard.on('change', onChange);
    for (let time = 0; time < 20; time += 1) {
      await pass(1);
      now -= 500;
    }
    expect(onChange).not.toHaveBeenCalled();
  });

  it('makes no age negative, and lets it grow again', async () => {
    const store = timed();
    const registry = new Registry();
    const halyard = await start({ store, registry });
    await pass(10);
    store.goDown();
    await pass(1);
    expect(halyard.health()).toMatchObject({ status: 'stale', staleSince: new Date(noon + 11_000) });
    now -= HOUR;
    expect(halyard.health().ageMs).toBe(0);
    await pass(120);
    const { ageMs = 0, staleSince } = halyard.health();
    expect(ageMs).toBeGreaterThan(60_000);
    expect(ageMs).toBeLessThanOrEqual(120_000);
    expect(staleSince?.getTime()).toBeLessThan(now);
    const { '': lastSuccess = 0 } = await scrape(registry, 'feature_flag_config_last_success_timestamp_seconds');
    expect(lastSuccess).toBeLessThan(now / 1_000);
  });

  it('asks the store again, and not for ever', async () => {
    const store = timed();
    const halyard = await start({ store, watch: false });
    const before = store.loads;
    now -= HOUR;
    await halyard.refresh({ olderThanMs: 60_000 });
    await halyard.refresh({ olderThanMs: 60_000 });
    expect(store.loads).toBe(before + 1);
  });

  it('believes no cache that comes from the future', async () => {
    const folder = await temporaryFolder();
    try {
      const cache = join(folder.path, 'flags.cache');
      const store = timed();
      await (await createHalyard({ store, cache, clock: { now: () => now }, logger })).close();
      now -= HOUR;
      store.goDown();
      const halyard = await start({ store, cache });
      expect(halyard.health().ageMs).toBe(0);
      await pass(60);
      expect(halyard.health().ageMs).toBe(60_000);
      store.comeBack();
      await halyard.refresh();
      await vi.waitFor(async () => expect(await readFile(cache, 'utf8')).toContain('"at":"2027-01-10T11:'));
    } finally {
      await folder.remove();
    }
  });
});

describe('Date.now that jumps under a service', () => {
  it.each([HOUR, -HOUR])('is followed as an own clock is: %i ms', async (jump) => {
    const dates = vi.spyOn(Date, 'now').mockImplementation(() => now);
    try {
      const store = timed();
      const halyard = await createHalyard({ store, logger });
      open.push(halyard);
      await halyard.kill('payments', { ...why, forSeconds: 1_800 });
      now += jump;
      expect(halyard.boolean('payments', false)).toBe(jump > 0);
      const loads = store.loads;
      await pass(70);
      expect(store.loads).toBeGreaterThan(loads);
      expect(store.loads).toBeLessThan(loads + 4);
      expect(halyard.health()).toMatchObject({ status: 'ready' });
    } finally {
      dates.mockRestore();
    }
  });
});
