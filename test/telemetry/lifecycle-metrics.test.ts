import { Registry } from 'prom-client';
import { createHalyard, type Halyard, type HalyardOptions, memoryStore } from 'halyard';
import { afterEach, describe, expect, it } from 'vitest';
import { quietLogger } from './quiet-logger.js';
import { scrape } from './scrape.js';

const DAY = 86_400_000;
const open: Halyard[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((halyard) => halyard.close()));
});

async function start(options: Partial<HalyardOptions> = {}) {
  const clock = { time: Date.parse('2027-01-01T00:00:00Z'), now: () => clock.time };
  const registry = new Registry();
  const store = memoryStore({
    version: 1,
    flags: {
      finished: { created: '2026-12-31' },
      undecided: { created: '2026-12-31', rollout: 50 },
      dated: { kind: 'operational', expires: '2027-01-02' },
      permission: { kind: 'permission' },
    },
  });
  const halyard = await createHalyard({ store, registry, clock, logger: quietLogger, ...options });
  open.push(halyard);
  return { halyard, clock, read: (name: string) => scrape(registry, name) };
}

describe('feature_flag_expired', () => {
  it('is 1 from the end on, by the document or the lifetime, and not there without an end', async () => {
    const { clock, read } = await start();
    const name = 'feature_flag_expired';
    expect(await read(name)).toEqual({ 'flag_key=finished': 0, 'flag_key=undecided': 0, 'flag_key=dated': 0 });
    clock.time += DAY;
    expect(await read(name)).toMatchObject({ 'flag_key=undecided': 0, 'flag_key=dated': 1 });
    clock.time += 38 * DAY;
    expect(await read(name)).toMatchObject({ 'flag_key=undecided': 1, 'flag_key=finished': 1 });
  });

  it('follows the lifetimes of the options', async () => {
    const { read } = await start({ lifecycle: { lifetimes: { release: false } } });
    expect(await read('feature_flag_expired')).toEqual({ 'flag_key=dated': 0 });
  });
});

describe('feature_flag_stale', () => {
  it('is 1 once a release is settled and expired, and only there for flags that can be stale', async () => {
    const { clock, read } = await start();
    const name = 'feature_flag_stale';
    expect(await read(name)).toEqual({ 'flag_key=finished': 0, 'flag_key=undecided': 0 });
    clock.time += 40 * DAY;
    expect(await read(name)).toEqual({ 'flag_key=finished': 1, 'flag_key=undecided': 0 });
  });

  it('is 1 after as many days as the options say, and 0 while the flag is killed', async () => {
    const { halyard, clock, read } = await start({ lifecycle: { staleAfterDays: 10 } });
    clock.time += 10 * DAY;
    expect(await read('feature_flag_stale')).toMatchObject({ 'flag_key=finished': 1 });
    await halyard.kill('finished', { by: 'ana', reason: 'down' });
    expect(await read('feature_flag_stale')).toMatchObject({ 'flag_key=finished': 0 });
  });
});

it('notices at each scrape which flags were evaluated since the last one', async () => {
  const { halyard, clock, read } = await start();
  halyard.boolean('finished', false);
  await read('feature_flag_evaluations_total');
  const scraped = clock.time;
  clock.time += DAY;
  const [finished] = await halyard.lifecycle();
  expect(finished?.lastEvaluatedAt).toEqual(new Date(scraped));
});
