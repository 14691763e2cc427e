import { NOOP_TRANSACTION_CONTEXT_PROPAGATOR, OpenFeature } from '@openfeature/server-sdk';
import type { FlagDocument, HalyardOptions } from 'halyard';
import { memoryStore } from 'halyard';
import type { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { startService, type WatchedService } from './watched-service.js';

const METRIC = 'feature_flag_check_requests_total';

const half = { stages: [{ percentage: 50, hours: 1 }, { percentage: 100 }], checks: {} };

const document: FlagDocument = {
  version: 1,
  flags: {
    checkout: { targets: { on: ['vip'] }, rules: [{ when: { staff: true }, serve: 'on' }], rollout: half },
    texts: { variants: { on: 'new', off: 'old' }, rollout: half },
    plain: { rollout: 50 },
    ruled: { rules: [{ when: { plan: 'pro' }, rollout: 50 }], serve: 'off' },
    payments: { kind: 'operational', serve: 'off' },
  },
};

/** Who is in `checkout` at 50 %, and who is out. */
const inside = 'user-4';
const outside = 'user-0';

describe('feature_flag_check_requests_total', () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
    OpenFeature.setTransactionContextPropagator(NOOP_TRANSACTION_CONTEXT_PROPAGATOR);
  });

  async function start(options: Partial<HalyardOptions> = {}): Promise<WatchedService> {
    const service = await startService(document, options);
    endings.push(() => service.close());
    return service;
  }

  it('has all series of every watched flag at 0 before the first request, and none of another', async () => {
    const { registry } = await start();
    const series = await samples(registry);
    expect(series).toHaveLength(2 * 2 * 16 * 2);
    expect(series.every(({ value }) => value === 0)).toBe(true);
    expect(new Set(series.map(({ labels }) => labels['flag_key']))).toEqual(new Set(['checkout', 'texts']));
    expect(new Set(series.map(({ labels }) => labels['slice']))).toEqual(
      new Set(Array.from({ length: 16 }, (_, slice) => String(slice))),
    );
    const durations = (await registry.metrics()).match(/^feature_flag_request_duration_seconds_count.*checkout.*$/gm);
    expect(durations?.map((line) => line.replace(/.*assignment="(\w+)",outcome="(\w+)"\}/, '$1 $2'))).toEqual([
      'in ok 0',
      'in client_error 0',
      'in server_error 0',
      'out ok 0',
      'out client_error 0',
      'out server_error 0',
    ]);
  });

  it('has them from the moment that a flag gets checks, and keeps what it counted when they go', async () => {
    const store = memoryStore({ version: 1, flags: { checkout: { rollout: 50 } } });
    const service = await start({ store });
    await service.visit({ unit: inside });
    expect(await samples(service.registry)).toEqual([]);
    store.set({ version: 1, flags: { checkout: { rollout: half } } });
    await service.halyard.refresh();
    expect(await samples(service.registry)).toHaveLength(64);
    await service.visit({ unit: inside });
    store.set({ version: 1, flags: { checkout: { rollout: 50 } } });
    await service.halyard.refresh();
    await service.visit({ unit: inside });
    expect(await counts(service.registry)).toEqual({ 'checkout in ok': 1 });
  });

  it('counts a request once for each watched flag, by side and end; a mistake of the client is none', async () => {
    const service = await start();
    await service.visit({ unit: inside, flags: 'checkout,checkout,plain,ruled' });
    await service.visit({ unit: inside, status: 404 });
    await service.visit({ unit: outside, status: 503 });
    expect(await counts(service.registry)).toEqual({ 'checkout in ok': 2, 'checkout out server_error': 1 });
  });

  it('counts neither targeted units, nor requests without a unit, nor what a guard answered', async () => {
    const service = await start();
    await service.visit({ unit: 'vip' });
    await service.visit({});
    await service.visit({ unit: inside, path: '/guarded' });
    expect(await counts(service.registry)).toEqual({});
  });

  it("puts all requests of a unit in one slice, also where a client of OpenFeature's knows it alone", async () => {
    const service = await start();
    await service.visit({ unit: inside });
    await service.visit({ unitOfClient: inside });
    await service.visit({ unit: outside, unitOfClient: inside });
    const used = (await samples(service.registry)).filter(({ value }) => value > 0);
    expect(used).toMatchObject([{ labels: { flag_key: 'checkout', assignment: 'in', outcome: 'ok' }, value: 3 }]);
  });

  it('counts calls of `protect` with a context, by how they end', async () => {
    const { halyard, registry } = await start();
    const context = { targetingKey: 'user-1' };
    const fail = () => {
      throw new Error('down');
    };
    halyard.protect('texts', () => 1, { context });
    await halyard.protect('texts', async () => Promise.resolve(1), { context });
    expect(() => halyard.protect('texts', fail, { context })).toThrow('down');
    expect(() => halyard.protect('texts', fail, { context, isFailure: () => false })).toThrow('down');
    halyard.protect('texts', () => 1);
    halyard.protect('plain', () => 1, { context });
    const side = halyard.string('texts', 'old', context) === 'new' ? 'in' : 'out';
    expect(await counts(registry)).toEqual({ [`texts ${side} ok`]: 2, [`texts ${side} server_error`]: 1 });
  });

  it('spreads 10,000 units evenly over 16 slices, independently of who is in', async () => {
    const { halyard, registry } = await start();
    for (let unit = 0; unit < 10_000; unit += 1) {
      halyard.protect('texts', () => 1, { context: { targetingKey: `user-${unit}` } });
    }
    const table = { in: Array<number>(16).fill(0), out: Array<number>(16).fill(0) };
    for (const { labels, value } of await samples(registry)) {
      if (labels['flag_key'] === 'texts')
        table[labels['assignment'] as 'in' | 'out'][Number(labels['slice'])]! += value;
    }
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
    expect(sum([...table.in, ...table.out])).toBe(10_000);
    const slices = table.in.map((count, slice) => count + table.out[slice]!);
    const evenness = sum(slices.map((count) => (count - 625) ** 2 / 625));
    const independence = sum(
      Object.values(table).flatMap((arm) =>
        arm.map((count, slice) => {
          const expected = (sum(arm) * slices[slice]!) / 10_000;
          return (count - expected) ** 2 / expected;
        }),
      ),
    );
    // The 99 % quantile of chi-squared with 15 degrees of freedom.
    expect(evenness).toBeLessThan(30.6);
    expect(independence).toBeLessThan(30.6);
  });

  it('gives 200 flags series of their own, and all above them one set', async () => {
    const flags = Object.fromEntries(Array.from({ length: 205 }, (_, index) => [`flag-${index}`, { rollout: half }]));
    const { registry } = await start({ store: memoryStore({ version: 1, flags }) });
    const keys = new Set((await samples(registry)).map(({ labels }) => labels['flag_key']));
    expect(keys.size).toBe(201);
    expect(keys).toContain('_other');
  });

  it('is absent where requests are not measured', async () => {
    const { registry } = await start({ requestMetrics: false });
    expect(registry.getSingleMetric(METRIC)).toBeUndefined();
  });

  it('measures the durations of a watched flag also where others were asked for', async () => {
    const service = await start({ requestMetrics: { flags: ['plain'] } });
    await service.visit({ unit: inside });
    expect(await service.registry.metrics()).toMatch(
      /^feature_flag_request_duration_seconds_count\{flag_key="checkout",variant="on",assignment="in",outcome="ok"\} 1$/m,
    );
  });
});

async function samples(registry: Registry) {
  const metric = (await registry.getMetricsAsJSON()).find(({ name }) => name === METRIC);
  return (metric?.values ?? []) as readonly { labels: Record<string, string>; value: number }[];
}

/** What is above 0, over all slices. */
async function counts(registry: Registry): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { labels, value } of await samples(registry)) {
    const name = `${labels['flag_key']} ${labels['assignment']} ${labels['outcome']}`;
    if (value > 0) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}
