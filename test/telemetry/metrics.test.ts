import { AggregatorRegistry, Counter, type PrometheusContentType, Registry, register } from 'prom-client';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import type { HalyardOptions } from '../../src/halyard-options.js';
import { RUNTIME } from '../../src/runtime/runtime.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import type { MetricsRegistry } from '../../src/telemetry/metrics-registry.js';
import { quietLogger } from './quiet-logger.js';
import { EVALUATIONS, scrape } from './scrape.js';

const HOUR = 3_600_000;

const document: FlagDocument = {
  version: 1,
  flags: {
    checkout: { targets: { on: ['vip'] }, rollout: 0 },
    payments: { kind: 'operational' },
    retired: { enabled: false },
    button: {
      variants: { control: 'blue', a: 'green' },
      offVariant: 'control',
      rollout: 20,
      split: { control: 1, a: 1 },
    },
    ramp: { rollout: { curve: 'linear', from: 0, to: 100, start: '2027-01-01T00:00:00Z', hours: 10 } },
  },
};

const start = Date.parse('2027-01-01T00:00:00Z');
const halyards: Halyard[] = [];

async function open(options: Partial<HalyardOptions> = {}): Promise<Halyard> {
  const halyard = await createHalyard({ store: memoryStore(document), logger: quietLogger, ...options });
  halyards.push(halyard);
  return halyard;
}

afterEach(async () => {
  await Promise.all(halyards.splice(0).map((halyard) => halyard.close()));
  register.clear();
});

describe('evaluations', () => {
  it('counts each by flag, variant, reason and error', async () => {
    const registry = new Registry();
    const halyard = await open({ registry, overrides: { button: 'a' } });
    halyard.boolean('checkout', false, { targetingKey: 'vip' });
    halyard.boolean('checkout', false, { targetingKey: 'else' });
    halyard.boolean('checkout', false, { targetingKey: 'else' });
    halyard.boolean('payments', true);
    halyard.boolean('retired', true);
    halyard.string('button', 'x', {});
    halyard.details('checkout', 'a text', {});

    expect(await scrape(registry, EVALUATIONS)).toEqual({
      'flag_key=checkout,variant=on,reason=targeting_match': 1,
      'flag_key=checkout,variant=off,reason=split': 2,
      'flag_key=checkout,reason=error,error_type=type_mismatch': 1,
      'flag_key=payments,variant=on,reason=static': 1,
      'flag_key=retired,variant=off,reason=disabled': 1,
      'flag_key=button,variant=a,reason=override': 1,
    });
  });

  it('counts no explanation, prerequisite or reading of all flags', async () => {
    const registry = new Registry();
    const halyard = await open({ registry });
    halyard.explain('payments');
    halyard.all();
    expect(await scrape(registry, EVALUATIONS)).toEqual({});
  });

  it('says the same at a second scrape', async () => {
    const registry = new Registry();
    const halyard = await open({ registry });
    halyard.boolean('payments', true);
    expect(await registry.metrics()).toBe(await registry.metrics());
  });

  it('makes no label of a key that no flag has', async () => {
    const registry = new Registry();
    const halyard = await open({ registry });
    const hostile = ['nope', 'a\nb{c="d"} 1', '"', '\\', '', 'constructor', '__proto__', 'x'.repeat(1 << 20), '\ud800'];
    for (const key of hostile) halyard.boolean(key, false);
    halyard[RUNTIME].listeners.emit('blocked', { flagKey: 'a\nb' });

    const text = await registry.metrics();
    expect(text.length).toBeLessThan(10_000);
    expect(await scrape(registry, EVALUATIONS)).toEqual({
      'flag_key=_unknown,reason=error,error_type=flag_not_found': hostile.length,
    });
    expect(await scrape(registry, 'feature_flag_kill_switch_blocked_total')).toEqual({ 'flag_key=_unknown': 1 });
  });

  it('makes no label of a killed key that could be no flag', async () => {
    const registry = new Registry();
    const halyard = await open({ registry, kills: ['a\nb', 'gone'] });
    halyard.boolean('a\nb', true);
    halyard.boolean('gone', true);
    expect(await scrape(registry, EVALUATIONS)).toEqual({
      'flag_key=_unknown,reason=disabled': 1,
      'flag_key=gone,reason=disabled': 1,
    });
    const enabled = await scrape(registry, 'feature_flag_enabled');
    expect(enabled['flag_key=gone']).toBe(0);
    expect(Object.keys(enabled).join()).not.toContain('\n');
  });

  it('keeps counts when the document is replaced, and those of a removed flag', async () => {
    const registry = new Registry();
    const store = memoryStore(document);
    const halyard = await open({ registry, store });
    halyard.boolean('payments', true);
    halyard.boolean('retired', true);
    store.set({ version: 1, flags: { payments: { description: 'now with words' } } });
    await halyard.refresh();
    halyard.boolean('payments', true);

    expect(await scrape(registry, EVALUATIONS)).toEqual({
      'flag_key=payments,variant=on,reason=static': 2,
      'flag_key=retired,variant=off,reason=disabled': 1,
    });
    expect(await scrape(registry, 'feature_flag_enabled')).toEqual({ 'flag_key=payments': 1 });
  });

  it('limits the flags with series of their own, and counts the others together, without ever going down', async () => {
    const registry = new Registry();
    const flag = { serve: 'on' };
    const many = (first: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`flag-${first + index}`, flag]));
    const store = memoryStore({ version: 1, flags: many(0, 10_002) });
    const halyard = await open({ registry, store });
    for (let index = 0; index < 10_002; index += 1) halyard.boolean(`flag-${index}`, false);

    const counted = await scrape(registry, EVALUATIONS);
    expect(Object.keys(counted)).toHaveLength(10_001);
    expect(counted['flag_key=_other,reason=static']).toBe(2);
    expect(Object.keys(await scrape(registry, 'feature_flag_enabled'))).toHaveLength(10_000);

    store.set({ version: 1, flags: many(10_000, 2) });
    await halyard.refresh();
    halyard.boolean('flag-10001', false);
    const later = await scrape(registry, EVALUATIONS);
    expect(later['flag_key=_other,reason=static']).toBe(3);
    expect(Object.keys(await scrape(registry, 'feature_flag_enabled'))).toHaveLength(2);
    await halyard.close();
    expect(await scrape(registry, EVALUATIONS)).toEqual(later);
  });
});

describe('a registry', () => {
  it('is any registry of prom-client, by its type too', () => {
    expectTypeOf<Registry>().toExtend<MetricsRegistry>();
    expectTypeOf<Registry<'application/openmetrics-text; version=1.0.0; charset=utf-8'>>().toExtend<MetricsRegistry>();
    expectTypeOf(register).toExtend<MetricsRegistry>();
    expectTypeOf<AggregatorRegistry<'text/plain; version=0.0.4; charset=utf-8'>>().toExtend<MetricsRegistry>();
  });

  it('may be the global one, with default labels', async () => {
    register.setDefaultLabels({ app: 'shop' });
    const halyard = await open({ registry: register });
    halyard.boolean('payments', true);
    const line =
      'feature_flag_evaluations_total{app="shop",flag_key="payments",variant="on",reason="static",error_type=""} 1';
    expect((await register.metrics()).split('\n').map(sortLabels)).toContain(sortLabels(line));
    expect((await register.getSingleMetricAsString(EVALUATIONS)).split('\n').map(sortLabels)).toContain(
      sortLabels(line),
    );
    expect(await scrape(register, EVALUATIONS)).toMatchObject({
      'flag_key=payments,variant=on,reason=static,app=shop': 1,
    });
    await register.getMetricsAsJSON();
    register.setDefaultLabels({});
    expect(await scrape(register, EVALUATIONS)).toEqual({ 'flag_key=payments,variant=on,reason=static': 1 });
  });

  it('is shared by two Halyards, whose counts are added up', async () => {
    const registry = new Registry();
    const [first, second] = [await open({ registry }), await open({ registry, kills: ['payments'] })];
    first.boolean('payments', true);
    second.boolean('payments', true);
    first.boolean('retired', true);
    second.boolean('retired', true);
    const counts = {
      'flag_key=payments,variant=on,reason=static': 1,
      'flag_key=payments,variant=off,reason=disabled': 1,
      'flag_key=retired,variant=off,reason=disabled': 2,
    };
    expect(await scrape(registry, EVALUATIONS)).toEqual(counts);
    expect(await scrape(registry, 'feature_flag_enabled')).toMatchObject({
      'flag_key=payments': 1,
      'flag_key=retired': 0,
    });

    await first.close();
    expect(await scrape(registry, EVALUATIONS)).toEqual(counts);
    expect(await scrape(registry, 'feature_flag_enabled')).toMatchObject({ 'flag_key=payments': 0 });
  });

  it('keeps counters and forgets gauges when a Halyard is closed', async () => {
    const registry = new Registry();
    const halyard = await open({ registry });
    halyard.boolean('payments', true);
    await halyard.close();
    await halyard.close();
    halyard.boolean('payments', true);
    expect(await scrape(registry, EVALUATIONS)).toEqual({ 'flag_key=payments,variant=on,reason=static': 1 });
    expect(await scrape(registry, 'feature_flag_config_errors_total')).toEqual({ 'source=memory': 0 });
    for (const gauge of ['enabled', 'rollout_percentage', 'config_info', 'config_last_success_timestamp_seconds']) {
      expect(await scrape(registry, `feature_flag_${gauge}`)).toEqual({});
    }
  });

  it('takes no second metric of a name: a Halyard does not start over a stranger', async () => {
    const registry = new Registry();
    new Counter({ name: 'feature_flag_kill_switch_trips_total', help: 'mine', registers: [registry] });
    await expect(open({ registry })).rejects.toThrow(
      'The registry already has a metric "feature_flag_kill_switch_trips_total" that isn\'t Halyard\'s.',
    );
  });

  it('may be cleared: what starts afterwards is registered anew, what runs is out of it', async () => {
    const registry = new Registry();
    const before = await open({ registry });
    before.boolean('payments', true);
    registry.clear();
    const after = await open({ registry });
    before.boolean('payments', true);
    after.boolean('retired', true);
    expect(await scrape(registry, EVALUATIONS)).toEqual({ 'flag_key=retired,variant=off,reason=disabled': 1 });
  });

  it('may be reset: counters begin again at 0', async () => {
    const registry = new Registry();
    const halyard = await open({ registry });
    halyard.boolean('payments', true);
    registry.resetMetrics();
    halyard.boolean('payments', true);
    halyard.boolean('payments', true);
    expect(await scrape(registry, EVALUATIONS)).toEqual({ 'flag_key=payments,variant=on,reason=static': 2 });
    expect(await scrape(registry, 'feature_flag_enabled')).toMatchObject({ 'flag_key=payments': 1 });
  });

  it('may be merged with another', async () => {
    const [registry, other] = [new Registry(), new Registry()];
    new Counter({ name: 'mine_total', help: 'mine', registers: [other] });
    const halyard = await open({ registry });
    halyard.boolean('payments', true);
    const merged = Registry.merge([registry, other]);
    expect(await merged.metrics()).toContain('feature_flag_evaluations_total{flag_key="payments"');
  });

  it('may write OpenMetrics, as often as it likes', async () => {
    const registry = new Registry();
    // @ts-expect-error -- the type of a registry names the format that it was made for
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const halyard = await open({ registry });
    halyard.boolean('payments', true);
    const second = await open({ registry });
    second.boolean('payments', true);
    for (let scrapes = 0; scrapes < 2; scrapes += 1) {
      const lines = (await registry.metrics()).split('\n');
      expect(lines).toContain('# TYPE feature_flag_evaluations counter');
      expect(lines).toContain(
        'feature_flag_evaluations_total{flag_key="payments",variant="on",reason="static",error_type=""} 2',
      );
      expect(lines).toContain('feature_flag_enabled{flag_key="payments"} 1');
      expect(lines.at(-2)).toBe('# EOF');
    }
  });

  it('adds up the counters of workers, and takes the largest of their gauges', async () => {
    const workers = [new Registry(), new Registry()];
    const [first, second] = await Promise.all(workers.map((registry) => open({ registry })));
    first!.boolean('payments', true);
    second!.boolean('payments', true);
    await second!.kill('payments', { by: 'test', reason: 'test' });
    const sent = await Promise.all(workers.map((registry) => registry.getMetricsAsJSON()));
    const all = AggregatorRegistry.aggregate<PrometheusContentType>(JSON.parse(JSON.stringify(sent)) as object[]);
    expect(await scrape(all, EVALUATIONS)).toEqual({ 'flag_key=payments,variant=on,reason=static': 2 });
    expect(await scrape(all, 'feature_flag_enabled')).toMatchObject({ 'flag_key=payments': 1, 'flag_key=retired': 0 });
    expect(await scrape(all, 'feature_flag_config_errors_total')).toEqual({ 'source=memory': 0 });
  });
});

describe('flags', () => {
  it('tells which are on, at the time of the scrape', async () => {
    const registry = new Registry();
    let now = start;
    const halyard = await open({ registry, clock: { now: () => now } });
    await halyard.kill('payments', { by: 'test', reason: 'test', forSeconds: 60 });
    expect(await scrape(registry, 'feature_flag_enabled')).toEqual({
      'flag_key=checkout': 1,
      'flag_key=payments': 0,
      'flag_key=retired': 0,
      'flag_key=button': 1,
      'flag_key=ramp': 1,
    });
    now += 60_000;
    expect(await scrape(registry, 'feature_flag_enabled')).toMatchObject({ 'flag_key=payments': 1 });
  });

  it('tells how far rollouts are, at the time of the scrape', async () => {
    const registry = new Registry();
    let now = start;
    await open({ registry, clock: { now: () => now } });
    const name = 'feature_flag_rollout_percentage';
    expect(await scrape(registry, name)).toEqual({ 'flag_key=checkout': 0, 'flag_key=button': 20, 'flag_key=ramp': 0 });
    now += 5 * HOUR;
    expect(await scrape(registry, name)).toMatchObject({ 'flag_key=ramp': 50 });
  });
});

describe('flags that expire', () => {
  it('tell when, in seconds, whether that is over or not and the flag is on or not', async () => {
    const registry = new Registry();
    const store = memoryStore({
      version: 1,
      flags: {
        over: { expires: '2020-01-01' },
        ahead: { expires: '2037-03-01T12:00:00+02:00', enabled: false },
        forever: {},
      },
    });
    const halyard = await open({ registry, store });
    const name = 'feature_flag_expires_timestamp_seconds';
    expect(await scrape(registry, name)).toEqual({
      'flag_key=over': Date.UTC(2020, 0, 1) / 1000,
      'flag_key=ahead': Date.UTC(2037, 2, 1, 10) / 1000,
    });

    store.set({ version: 1, flags: { over: { expires: '2020-01-02' } } });
    await halyard.refresh();
    expect(await scrape(registry, name)).toEqual({ 'flag_key=over': Date.UTC(2020, 0, 2) / 1000 });
    await halyard.close();
    expect(await scrape(registry, name)).toEqual({});
  });
});

describe('the store', () => {
  it('tells version, source, the last success in seconds, and errors from 0 on', async () => {
    const registry = new Registry();
    const store = memoryStore(document);
    const halyard = await open({ registry, store, clock: { now: () => start } });
    expect(await scrape(registry, 'feature_flag_config_info')).toEqual({
      [`version=${halyard.health().version!},source=memory`]: 1,
    });
    const seconds = start / 1000;
    expect(await scrape(registry, 'feature_flag_config_last_success_timestamp_seconds')).toEqual({ '': seconds });
    expect(await scrape(registry, 'feature_flag_config_errors_total')).toEqual({ 'source=memory': 0 });

    store.load = () => Promise.reject(new Error('down'));
    await halyard.refresh();
    await halyard.refresh();
    expect(await scrape(registry, 'feature_flag_config_errors_total')).toEqual({ 'source=memory': 2 });
  });

  it('that never answered has no version and no success', async () => {
    const registry = new Registry();
    const store = memoryStore(document);
    store.load = () => Promise.reject(new Error('down'));
    const halyard = await open({ registry, store, startWithout: true });
    halyard.boolean('payments', true);
    expect(await scrape(registry, 'feature_flag_config_info')).toEqual({});
    expect(await scrape(registry, 'feature_flag_config_last_success_timestamp_seconds')).toEqual({});
    expect(await scrape(registry, 'feature_flag_config_errors_total')).toEqual({ 'source=memory': 1 });
    expect(await scrape(registry, EVALUATIONS)).toEqual({
      'flag_key=_unknown,reason=error,error_type=provider_not_ready': 1,
    });
  });
});

describe('requests', () => {
  it('counts those that a kill switch blocked and those without a context', async () => {
    const registry = new Registry();
    const halyard = await open({ registry });
    const { listeners } = halyard[RUNTIME];
    expect(await scrape(registry, 'feature_flag_context_errors_total')).toEqual({ '': 0 });
    listeners.emit('blocked', { flagKey: 'payments' });
    listeners.emit('blocked', { flagKey: 'payments' });
    listeners.emit('contextError', { error: new Error('no') });
    await halyard.close();
    listeners.emit('blocked', { flagKey: 'payments' });
    expect(await scrape(registry, 'feature_flag_kill_switch_blocked_total')).toEqual({ 'flag_key=payments': 2 });
    expect(await scrape(registry, 'feature_flag_kill_switch_trips_total')).toEqual({});
    expect(await scrape(registry, 'feature_flag_context_errors_total')).toEqual({ '': 1 });
  });
});

describe('breakers', () => {
  const flags = { payments: { breaker: { minimumRequests: 2 } }, mail: { breaker: {} }, unguarded: { breaker: {} } };
  const broken = (): never => {
    throw new Error('broken');
  };

  it('counts trips from 0 on, failed probes included, and tells which breakers are open', async () => {
    let now = Date.UTC(2027, 0, 1);
    const registry = new Registry();
    const store = memoryStore({ version: 1, flags });
    const halyard = await open({ registry, store, clock: { now: () => now } });
    const pay = (work: () => void): void => {
      expect(() => halyard.protect('payments', work)).toThrow();
    };
    const figures = async (): Promise<unknown[]> => [
      await scrape(registry, 'feature_flag_kill_switch_trips_total'),
      await scrape(registry, 'feature_flag_kill_switch_breaker_open'),
    ];
    halyard.protect('mail', () => undefined);
    pay(broken);
    const closed = { 'flag_key=mail': 0, 'flag_key=payments': 0 };
    expect(await figures()).toEqual([closed, closed]);
    pay(broken);
    const once = { 'flag_key=mail': 0, 'flag_key=payments': 1 };
    expect(await figures()).toEqual([once, once]);
    now += 30_000;
    pay(broken);
    expect(await figures()).toEqual([{ ...once, 'flag_key=payments': 2 }, once]);
    now += 30_000;
    halyard.protect('payments', () => undefined);
    expect(await figures()).toEqual([{ ...once, 'flag_key=payments': 2 }, closed]);
    await halyard.close();
    expect(await figures()).toEqual([{ ...once, 'flag_key=payments': 2 }, {}]);
  });
});

function sortLabels(line: string): string {
  return line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join()}}`);
}
