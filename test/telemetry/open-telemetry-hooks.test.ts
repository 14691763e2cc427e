import { EventHook, MetricsHook, SpanEventHook, SpanHook } from '@openfeature/open-telemetry-hooks';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { type Attributes, createNoopMeter, type Meter, metrics, trace } from '@opentelemetry/api';
import { logs as logsApi } from '@opentelemetry/api-logs';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createHalyard, type Halyard, memoryStore } from 'halyard';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { quietLogger } from './quiet-logger.js';

const logs = new InMemoryLogRecordExporter();
const spans = new InMemorySpanExporter();
const tracerProvider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const counted: { readonly name: string; readonly by: number; readonly attributes: Attributes }[] = [];

let halyard: Halyard;
let client: Client;

beforeAll(() => {
  logsApi.setGlobalLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor(logs)] }));
  metrics.setGlobalMeterProvider({ getMeter: () => recordingMeter() });
  tracerProvider.register();
});

beforeEach(async () => {
  halyard = await createHalyard({
    store: memoryStore({ version: 1, flags: { checkout: { rollout: 100, metadata: { flagSetId: 'shop' } } } }),
    logger: quietLogger,
  });
  await OpenFeature.setProviderAndWait(halyard.provider);
  client = OpenFeature.getClient();
});

afterEach(async () => {
  await OpenFeature.close();
  await halyard.close();
  logs.reset();
  spans.reset();
  counted.length = 0;
});

afterAll(() => {
  logsApi.disable();
  metrics.disable();
  trace.disable();
});

/** A meter that remembers what was added; OpenTelemetry's own would need a reader and a collection. */
function recordingMeter(): Meter {
  const counter = (name: string) => ({
    add: (by: number, attributes: Attributes = {}) => void counted.push({ name, by, attributes }),
  });
  return Object.assign(createNoopMeter(), { createCounter: counter, createUpDownCounter: counter });
}

const served = {
  'feature_flag.key': 'checkout',
  'feature_flag.provider.name': 'halyard',
  'feature_flag.result.variant': 'on',
  'feature_flag.result.value': true,
  'feature_flag.result.reason': 'split',
  'feature_flag.context.id': 'user-1',
  'feature_flag.set.id': 'shop',
};

describe('the hooks of @openfeature/open-telemetry-hooks over a Halyard', () => {
  it('log an event', async () => {
    client.addHooks(new EventHook());
    await client.getBooleanValue('checkout', false, { targetingKey: 'user-1' });
    const records = logs.getFinishedLogRecords();
    expect(records.map(({ eventName }) => eventName)).toEqual(['feature_flag.evaluation']);
    expect(records[0]?.attributes).toEqual(served);
  });

  it('log an error with its code and message', async () => {
    client.addHooks(new EventHook({ excludeExceptions: true }));
    await client.getBooleanValue('nope', false);
    expect(logs.getFinishedLogRecords().map(({ attributes }) => attributes)).toMatchObject([
      {
        'feature_flag.key': 'nope',
        'feature_flag.result.reason': 'error',
        'error.type': 'flag_not_found',
        'error.message': expect.any(String) as string,
      },
    ]);
  });

  it('add an event to the active span', async () => {
    client.addHooks(new SpanEventHook());
    await tracerProvider.getTracer('shop').startActiveSpan('request', async (span) => {
      await client.getBooleanValue('checkout', false, { targetingKey: 'user-1' });
      span.end();
    });
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(['request']);
    expect(spans.getFinishedSpans()[0]?.events.map(({ attributes }) => attributes)).toEqual([served]);
  });

  it('make a span of their own', async () => {
    client.addHooks(new SpanHook());
    await client.getBooleanValue('checkout', false, { targetingKey: 'user-1' });
    expect(spans.getFinishedSpans()).toMatchObject([{ name: 'feature_flag.evaluation', attributes: served }]);
  });

  it('count requests, successes and errors', async () => {
    client.addHooks(new MetricsHook());
    await client.getBooleanValue('checkout', false, { targetingKey: 'user-1' });
    await client.getBooleanValue('nope', false);
    const sums = counted.reduce<Record<string, number>>(
      (all, { name, by }) => ({ ...all, [name]: (all[name] ?? 0) + by }),
      {},
    );
    expect(sums).toEqual({
      'feature_flag.evaluation_requests_total': 2,
      'feature_flag.evaluation_success_total': 1,
      'feature_flag.evaluation_error_total': 1,
      'feature_flag.evaluation_active_count': 0,
    });
    expect(counted.find(({ name }) => name.includes('success'))?.attributes).toEqual({
      'feature_flag.key': 'checkout',
      'feature_flag.provider.name': 'halyard',
      'feature_flag.result.variant': 'on',
      'feature_flag.result.reason': 'SPLIT',
    });
  });
});
