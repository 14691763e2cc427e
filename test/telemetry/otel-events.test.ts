import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Client,
  createEvaluationEvent,
  ErrorCode,
  type EvaluationContext,
  type Hook,
  MultiProvider,
  OpenFeature,
  type Provider,
  TypedInMemoryProvider,
} from '@openfeature/server-sdk';
import { trace } from '@opentelemetry/api';
import type { Logger as LogsLogger } from '@opentelemetry/api-logs';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import express from 'express';
import { createHalyard, type FlagDocument, type Halyard, type HalyardOptions, memoryStore, otelEvents } from 'halyard';
import { flags } from 'halyard/express';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { prometheusHook } from '../../src/telemetry/prometheus-hook.js';
import { quietLogger } from './quiet-logger.js';
import { EVALUATIONS, scrape } from './scrape.js';

const document: FlagDocument = {
  version: 1,
  flags: {
    checkout: { rollout: 100, metadata: { flagSetId: 'shop', version: 7 } },
    half: { rollout: 50 },
    payments: { kind: 'operational' },
    retired: { enabled: false },
    limits: { variants: { on: { perMinute: 60 }, off: { perMinute: 6 } } },
  },
};

const halyards: Halyard[] = [];
const logs = new InMemoryLogRecordExporter();
const spans = new InMemorySpanExporter();
const logger = new LoggerProvider({ processors: [new SimpleLogRecordProcessor(logs)] }).getLogger('shop');
const tracerProvider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const tracer = tracerProvider.getTracer('shop');

beforeEach(() => {
  tracerProvider.register();
});

afterEach(async () => {
  logs.reset();
  spans.reset();
  trace.disable();
  await OpenFeature.close();
  OpenFeature.clearHooks();
  await Promise.all(halyards.splice(0).map((halyard) => halyard.close()));
});

async function open(options: Partial<HalyardOptions> = {}): Promise<Halyard> {
  const halyard = await createHalyard({ store: memoryStore(document), logger: quietLogger, ...options });
  halyards.push(halyard);
  return halyard;
}

async function clientOf(provider: Provider, ...hooks: Hook[]): Promise<Client> {
  await OpenFeature.setProviderAndWait(provider);
  OpenFeature.addHooks(...hooks);
  return OpenFeature.getClient();
}

const inMemory = (): Provider =>
  new TypedInMemoryProvider({
    theirs: { variants: { on: true, off: false }, defaultVariant: 'on', disabled: false },
  });

/** A provider that answers as it is told, whatever the flag. */
function scripted(answer: () => object): Provider {
  const resolve = () => Promise.resolve(answer() as never);
  return {
    metadata: { name: 'scripted' },
    runsOn: 'server',
    resolveBooleanEvaluation: resolve,
    resolveStringEvaluation: resolve,
    resolveNumberEvaluation: resolve,
    resolveObjectEvaluation: resolve,
  };
}

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** The attributes of what was logged. */
const logged = () => logs.getFinishedLogRecords().map(({ attributes }) => attributes);

describe('an evaluation by Halyard', () => {
  it('is one log record with an event’s name and OpenFeature’s attributes', async () => {
    const halyard = await open();
    const client = await clientOf(halyard.provider, otelEvents({ logger }));
    await client.getBooleanValue('half', false, { targetingKey: 'user-1' });
    const [record] = logs.getFinishedLogRecords();
    expect(logs.getFinishedLogRecords()).toHaveLength(1);
    expect(record?.eventName).toBe('feature_flag.evaluation');
    expect(record?.attributes).toEqual({
      'feature_flag.key': 'half',
      'feature_flag.provider.name': 'halyard',
      'feature_flag.result.variant': 'off',
      'feature_flag.result.reason': 'split',
      'feature_flag.version': halyard.health().version,
    });
  });

  it('takes set and version from the flag’s metadata where it has them', async () => {
    const client = await clientOf((await open()).provider, otelEvents({ logger }));
    await client.getBooleanValue('checkout', false);
    expect(logged()).toMatchObject([{ 'feature_flag.set.id': 'shop', 'feature_flag.version': '7' }]);
  });

  it.each([
    ['a flag that is off', 'retired', {}, 'disabled', 'off'],
    ['a local kill', 'payments', { kills: ['payments'] }, 'disabled', 'off'],
    ['an override', 'payments', { overrides: { payments: 'off' } }, 'override', 'off'],
  ] as const)('says why: %s', async (_what, key, options, reason, variant) => {
    const client = await clientOf((await open(options)).provider, otelEvents({ logger }));
    await client.getBooleanValue(key, true);
    expect(logged()).toMatchObject([{ 'feature_flag.result.reason': reason, 'feature_flag.result.variant': variant }]);
    expect(logged()[0]).not.toHaveProperty('error.type');
  });

  it.each([
    ['no such flag', 'nope', 'flag_not_found'],
    ['another type', 'limits', 'type_mismatch'],
    ['no targeting key', 'half', 'targeting_key_missing'],
  ])('tells an error by its code in lower case, and its message: %s', async (_what, key, type) => {
    const client = await clientOf((await open()).provider, otelEvents({ logger }));
    const { errorMessage } = await client.getBooleanDetails(key, true);
    expect(logged()).toEqual([
      expect.objectContaining({
        'feature_flag.key': key,
        'feature_flag.result.reason': 'error',
        'error.type': type,
        'error.message': errorMessage,
      }),
    ]);
    expect(logged()[0]).not.toHaveProperty('feature_flag.result.variant');
  });

  it('is an event of the active span with `trace`, in no other span and nowhere without one', async () => {
    const halyard = await open();
    const client = await clientOf(halyard.provider, otelEvents({ trace }));
    await client.getBooleanValue('payments', false);
    await tracer.startActiveSpan('request', async (span) => {
      await client.getBooleanValue('payments', false);
      span.end();
      await client.getBooleanValue('payments', false);
    });
    const [span] = spans.getFinishedSpans();
    expect(spans.getFinishedSpans()).toHaveLength(1);
    expect(span?.events.map(({ name, attributes }) => ({ name, attributes }))).toEqual([
      {
        name: 'feature_flag.evaluation',
        attributes: {
          'feature_flag.key': 'payments',
          'feature_flag.provider.name': 'halyard',
          'feature_flag.result.variant': 'on',
          'feature_flag.result.reason': 'static',
          'feature_flag.version': halyard.health().version,
        },
      },
    ]);
  });

  it('is both with both, and the record names the trace', async () => {
    const client = await clientOf((await open()).provider, otelEvents({ logger, trace }));
    await tracer.startActiveSpan('request', async (span) => {
      await client.getBooleanValue('payments', false);
      span.end();
    });
    const [span] = spans.getFinishedSpans();
    expect(span?.events.map(({ attributes }) => attributes)).toEqual(logged());
    expect(logs.getFinishedLogRecords()[0]?.spanContext?.traceId).toBe(span?.spanContext().traceId);
  });
});

describe('an evaluation by another provider', () => {
  it('has what OpenFeature’s own function says, but for value and unit', async () => {
    const expected: object[] = [];
    const reference: Hook = {
      finally: (hookContext, details) => {
        const attributes = { ...createEvaluationEvent(hookContext, details).attributes };
        delete attributes['feature_flag.result.value'];
        delete attributes['feature_flag.context.id'];
        expected.push(attributes);
      },
    };
    const flagMetadata = { flagSetId: 'set', version: 'v1', contextId: 'user-1' };
    let answer: () => object = () => ({ value: true, variant: 'on', reason: 'CACHED', flagMetadata });
    const client = await clientOf(
      scripted(() => answer()),
      reference,
      otelEvents({ logger }),
    );
    await client.getBooleanValue('any', false);
    answer = () => ({ value: true });
    await client.getBooleanValue('any', false);
    answer = throwing(new Error('broken'));
    await client.getBooleanValue('any', false);
    answer = () => ({ value: false, errorCode: ErrorCode.INVALID_CONTEXT, errorMessage: 'no plan' });
    await client.getBooleanValue('any', false);
    expect(logged()).toEqual(expected);
    expect(expected).toHaveLength(4);
  });

  it('has the version of the Halyard among several that answered', async () => {
    const halyard = await open();
    const provider = new MultiProvider([{ provider: inMemory() }, { provider: halyard.provider }]);
    const client = await clientOf(provider, otelEvents({ logger }));
    await client.getBooleanValue('payments', false);
    await client.getBooleanValue('theirs', false);
    const [ours, theirs] = logged();
    expect(ours).toMatchObject({ 'feature_flag.version': halyard.health().version });
    expect(theirs).not.toHaveProperty('feature_flag.version');
  });

  it('is told when the provider was never asked', async () => {
    const client = OpenFeature.getClient('nobody');
    OpenFeature.setProvider('nobody', {
      ...scripted(() => ({ value: true })),
      initialize: () => new Promise(() => undefined),
    });
    client.addHooks({ before: throwing(new Error('no')) }, otelEvents({ logger }));
    await client.getBooleanValue('any', false);
    expect(logged()).toMatchObject([{ 'error.type': 'general', 'error.message': 'no' }]);
  });
});

describe('what is told of value and unit', () => {
  const context: EvaluationContext = { targetingKey: 'ana@example.com' };

  it('is nothing, unless wanted', async () => {
    const halyard = await open();
    const events = otelEvents({ logger });
    events.listen(halyard);
    const client = await clientOf(halyard.provider, events);
    await client.getObjectValue('limits', {}, context);
    halyard.object('limits', {}, context);
    expect(JSON.stringify(logged())).not.toMatch(/perMinute|ana|context\.id|value/);
  });

  it('is the value as it is, or as short text', async () => {
    let value: unknown = true;
    const client = await clientOf(
      scripted(() => ({ value })),
      otelEvents({ logger, value: true }),
    );
    const told = async (next: unknown): Promise<unknown> => {
      value = next;
      logs.reset();
      await client.getObjectValue('any', {});
      return logged()[0]?.['feature_flag.result.value'];
    };
    expect(await told(true)).toBe(true);
    expect(await told(0.5)).toBe(0.5);
    expect(await told('blue')).toBe('blue');
    expect(await told({ perMinute: 60, roles: ['a', 'b'] })).toBe('{"perMinute":60,"roles":["a","b"]}');
    expect(await told('x'.repeat(1000))).toBe('x'.repeat(256));
    // Half a character is no text.
    expect(await told(`${'x'.repeat(255)}😀`)).toBe('x'.repeat(255));
    expect(await told({ text: 'x'.repeat(1000) })).toBeUndefined();
    expect(await told(null)).toBeUndefined();
    const circle: { self?: object } = {};
    circle.self = circle;
    expect(await told(circle)).toBeUndefined();
  });

  it('writes no more of a large object than it tells', async () => {
    let visited = 0;
    const item = { toJSON: () => (visited += 1) };
    const value = Array.from({ length: 100_000 }, () => item);
    const client = await clientOf(
      scripted(() => ({ value })),
      otelEvents({ logger, value: true }),
    );
    await client.getObjectValue('any', {});
    expect(logged()).toHaveLength(1);
    expect(visited).toBeLessThan(300);
  });

  it('is the targeting key with `contextId: plain`, or what the metadata say instead', async () => {
    let flagMetadata: object = {};
    const client = await clientOf(
      scripted(() => ({ value: true, flagMetadata })),
      otelEvents({ logger, contextId: 'plain' }),
    );
    await client.getBooleanValue('any', false, context);
    flagMetadata = { contextId: 'cohort-3' };
    await client.getBooleanValue('any', false, context);
    await client.getBooleanValue('any', false, {});
    expect(logged().map((attributes) => attributes['feature_flag.context.id'])).toEqual([
      'ana@example.com',
      'cohort-3',
      'cohort-3',
    ]);
  });

  it('is a pseudonym under a key, the one that the decision log writes with it', async () => {
    const key = 'a secret of sixteen bytes';
    const decisions: { unit?: string }[] = [];
    const decisionLogger = { ...quietLogger, info: (fields: object) => void decisions.push(fields) };
    const halyard = await open({ decisionLog: { sampleRate: 1, key, logger: decisionLogger } });
    const client = await clientOf(halyard.provider, otelEvents({ logger, contextId: { key } }));
    await client.getBooleanValue('payments', false, context);
    expect(logged()[0]?.['feature_flag.context.id']).toBe(decisions[0]?.unit);
    expect(decisions[0]?.unit).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keeps keys, names and messages short', async () => {
    const long = 'x'.repeat(100_000);
    const answer = { value: true, errorCode: long, errorMessage: long, flagMetadata: { flagSetId: long } };
    const client = await clientOf(
      scripted(() => answer),
      otelEvents({ logger, contextId: 'plain' }),
    );
    await client.getBooleanValue(long, false, { targetingKey: long });
    expect(JSON.stringify(logged()).length).toBeLessThan(1_500);
  });
});

describe('direct calls', () => {
  it('are told of a Halyard that is listened to, until that ends', async () => {
    const halyard = await open();
    const events = otelEvents({ logger, value: true, contextId: 'plain' });
    const end = events.listen(halyard);
    events.listen(halyard);
    halyard.boolean('half', true, { targetingKey: 'user-1' });
    halyard.boolean('nope', true);
    end();
    halyard.boolean('payments', false);
    const version = halyard.health().version;
    expect(logged()).toEqual([
      {
        'feature_flag.key': 'half',
        'feature_flag.provider.name': halyard.provider.metadata.name,
        'feature_flag.result.variant': 'off',
        'feature_flag.result.value': false,
        'feature_flag.result.reason': 'split',
        'feature_flag.context.id': 'user-1',
        'feature_flag.version': version,
      },
      {
        'feature_flag.key': 'nope',
        'feature_flag.provider.name': 'halyard',
        'feature_flag.result.value': true,
        'feature_flag.result.reason': 'error',
        'feature_flag.version': version,
        'error.type': 'flag_not_found',
        'error.message': 'The document has no flag with this key.',
      },
    ]);
  });

  it('of a request’s flags are told, with the request’s user', async () => {
    const halyard = await open();
    otelEvents({ logger, contextId: 'plain' }).listen(halyard);
    const app = express().use(flags(halyard, { context: () => ({ targetingKey: 'user-1' }) }), (request, response) => {
      response.json(request.flags.boolean('half', true));
    });
    const server = createServer(app).listen(0);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await response.json()).toBe(false);
    expect(logged()).toMatchObject([{ 'feature_flag.key': 'half', 'feature_flag.context.id': 'user-1' }]);
  });

  it('and clients are told once each, wherever the hook was added', async () => {
    const halyard = await open();
    const events = otelEvents({ logger });
    events.listen(halyard);
    const client = await clientOf(new MultiProvider([{ provider: halyard.provider }]), events);
    client.addHooks(events);
    await client.getBooleanValue('payments', false, {}, { hooks: [events] });
    expect(logged()).toHaveLength(1);
    halyard.boolean('payments', false);
    expect(logged()).toHaveLength(2);
    await client.getBooleanValue('nope', false);
    expect(logged()).toHaveLength(3);
  });

  it('are told of clients without the hook, and of a context that was kept', async () => {
    const halyard = await open();
    const events = otelEvents({ logger });
    events.listen(halyard);
    const client = await clientOf(halyard.provider);
    await client.getBooleanValue('payments', false);
    expect(logged()).toHaveLength(1);
    let kept: EvaluationContext = {};
    client.addHooks(events, { finally: ({ context }) => void (kept = context) });
    await client.getBooleanValue('payments', false);
    expect(logged()).toHaveLength(2);
    halyard.boolean('payments', false, kept);
    expect(logged()).toHaveLength(3);
    await client.getBooleanValue('payments', false, kept);
    expect(logged()).toHaveLength(4);
  });

  it('with a context that can’t be read are told as the error that they are', async () => {
    const halyard = await open();
    otelEvents({ logger, contextId: 'plain' }).listen(halyard);
    const context = new Proxy({}, { get: throwing(new Error('no')), getOwnPropertyDescriptor: throwing(1) });
    halyard.boolean('half', false, context);
    expect(logged()).toMatchObject([{ 'feature_flag.key': 'half', 'error.type': 'general' }]);
  });
});

describe('the hook', () => {
  it('harms nobody when OpenTelemetry fails, and one failing does not stop the other', async () => {
    const halyard = await open();
    const broken = { emit: throwing(new Error('exporter')) };
    const rejecting = { emit: () => Promise.reject(new Error('exporter')) };
    const brokenTrace = { getActiveSpan: throwing(new Error('no context')) };
    const hooks = [otelEvents({ logger: broken, trace }), otelEvents({ logger: rejecting, trace: brokenTrace })];
    for (const hook of hooks) hook.listen(halyard);
    const client = await clientOf(halyard.provider, ...hooks);
    const complaints: unknown[] = [];
    client.setLogger({ ...quietLogger, error: (...told: unknown[]) => void complaints.push(told) });
    await tracer.startActiveSpan('request', async (span) => {
      expect(await client.getBooleanValue('payments', false)).toBe(true);
      expect(halyard.boolean('payments', false)).toBe(true);
      span.end();
    });
    expect(complaints).toEqual([]);
    expect(spans.getFinishedSpans()[0]?.events).toHaveLength(2);
  });

  it('gets along with the Prometheus hook: each counts and tells once', async () => {
    const [ours, others] = [new Registry(), new Registry()];
    const halyard = await open({ registry: ours });
    const client = await clientOf(
      halyard.provider,
      prometheusHook(ours),
      otelEvents({ logger }),
      prometheusHook(others),
    );
    await client.getBooleanValue('payments', false);
    const once = { 'flag_key=payments,variant=on,reason=static': 1 };
    expect(await scrape(ours, EVALUATIONS)).toEqual(once);
    expect(await scrape(others, EVALUATIONS)).toEqual(once);
    expect(logged()).toHaveLength(1);
  });

  it('takes OpenTelemetry’s own objects, by their types too', () => {
    expectTypeOf<LogsLogger>().toExtend<Parameters<typeof otelEvents>[0]['logger']>();
    expectTypeOf(trace).toExtend<Parameters<typeof otelEvents>[0]['trace']>();
    expectTypeOf<ReturnType<typeof otelEvents>>().toExtend<Hook>();
  });

  it.each([
    [{}, 'otelEvents: expected `logger` or `trace`, found neither: the events would go nowhere.'],
    [{ logger: {} }, 'otelEvents: option `logger`: expected a logger of OpenTelemetry, with emit, found an object.'],
    [{ trace, loger: logger }, 'otelEvents: unknown option `loger`. Did you mean `logger`?'],
    [{ trace, value: 1 }, 'otelEvents: option `value`: expected true or false, found 1.'],
    [
      { trace, contextId: { key: 'hunter2' } },
      "otelEvents: option `contextId`: expected 'plain', or { key } with a text or bytes, at least 16 bytes long, found something else.",
    ],
  ])('refuses wrong options: %#', (options, message) => {
    expect(() => otelEvents(options as Parameters<typeof otelEvents>[0])).toThrow(new TypeError(message));
  });
});
