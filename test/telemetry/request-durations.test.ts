import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { NOOP_TRANSACTION_CONTEXT_PROPAGATOR, OpenFeature } from '@openfeature/server-sdk';
import express, { type RequestHandler } from 'express';
import { AggregatorRegistry, Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { flags, requireFlag } from '../../adapters/express/index.js';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import type { HalyardOptions } from '../../src/halyard-options.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { ask } from '../contracts/http-client.js';
import { quietLogger } from './quiet-logger.js';

const document: FlagDocument = {
  version: 1,
  flags: {
    checkout: { targets: { on: ['vip'] }, rollout: 100 },
    half: { rollout: { percentage: 0 } },
    ruled: { rules: [{ when: { plan: 'pro' }, rollout: 100 }], serve: 'off' },
    button: { kind: 'experiment', serve: 'on' },
    payments: { kind: 'operational' },
  },
};

const queryOf = ({ url }: { readonly url: string }) => new URL(url, 'http://localhost').searchParams;

describe('feature_flag_request_duration_seconds', () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
    OpenFeature.setTransactionContextPropagator(NOOP_TRANSACTION_CONTEXT_PROPAGATOR);
  });

  async function start(options: Partial<HalyardOptions> = {}): Promise<Halyard> {
    const halyard = await createHalyard({ store: memoryStore(document), logger: quietLogger, ...options });
    endings.push(() => halyard.close());
    return halyard;
  }

  /** A service that reads the flags named in the query and answers with the status named there. */
  async function serve(halyard: Halyard, ...before: RequestHandler[]) {
    const app = express();
    app.use(flags(halyard, { context: (request) => ({ targetingKey: queryOf(request).get('unit'), plan: 'pro' }) }));
    app.get('/', ...before, (request, response) => {
      const query = queryOf(request);
      for (const key of query.get('flags')?.split(',') ?? []) request.flags.boolean(key, false);
      response.status(Number(query.get('status') ?? 200)).json('done');
    });
    const server = app.listen(0);
    await once(server, 'listening');
    endings.push(() => server.close());
    const ended: unknown[] = [];
    halyard.on('request', (event) => ended.push(event));
    return async (query: string) => {
      await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?${query}`);
      // The client may have its answer before the server has noticed that it is out.
      while (ended.length === 0) await new Promise((resolve) => setImmediate(resolve));
      ended.length = 0;
    };
  }

  /** The series of one kind: values by their labels. */
  async function series(
    registry: Pick<Registry, 'metrics'>,
    suffix: '_bucket' | '_sum' | '_count',
  ): Promise<Record<string, number>> {
    const lines = (await registry.metrics()).split('\n');
    const found = lines.flatMap((line) => {
      const [, labels, value] =
        new RegExp(`^feature_flag_request_duration_seconds${suffix}\\{(.*)\\} (.*)$`).exec(line) ?? [];
      return labels === undefined ? [] : [[labels.replaceAll('"', ''), Number(value)] as const];
    });
    return Object.fromEntries(found);
  }

  it('counts each flag of a request once, by variant, assignment and outcome', async () => {
    const registry = new Registry();
    const get = await serve(await start({ registry }));
    await get('unit=a&flags=checkout,checkout,half');
    await get('unit=vip&flags=checkout&status=404');
    await get('unit=a&flags=ruled,button,payments&status=500');
    expect(await series(registry, '_count')).toEqual({
      'flag_key=checkout,variant=on,assignment=in,outcome=ok': 1,
      'flag_key=half,variant=off,assignment=out,outcome=ok': 1,
      'flag_key=checkout,variant=on,assignment=targeted,outcome=client_error': 1,
      'flag_key=ruled,variant=on,assignment=targeted,outcome=server_error': 1,
      'flag_key=button,variant=on,assignment=,outcome=server_error': 1,
    });
  });

  it('keeps what a guard answered out of every error rate', async () => {
    const registry = new Registry();
    const halyard = await start({ registry });
    const get = await serve(halyard, requireFlag(halyard, 'half'));
    await get('unit=a&flags=checkout');
    expect(await series(registry, '_count')).toEqual({ 'flag_key=half,variant=off,assignment=out,outcome=blocked': 1 });
  });

  it('is a histogram as Prometheus wants it', async () => {
    const registry = new Registry();
    const get = await serve(await start({ registry, requestMetrics: { buckets: [0.000_001, 30] } }));
    await get('unit=a&flags=checkout');
    await get('unit=a&flags=checkout');
    const labels = 'flag_key=checkout,variant=on,assignment=in,outcome=ok';
    expect(await series(registry, '_bucket')).toEqual({
      [`${labels},le=0.000001`]: 0,
      [`${labels},le=30`]: 2,
      [`${labels},le=+Inf`]: 2,
    });
    const { [labels]: sum } = await series(registry, '_sum');
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(60);
    expect(await registry.metrics()).toContain('# TYPE feature_flag_request_duration_seconds histogram');
  });

  it('measures the flags that it is told, or none', async () => {
    const [listed, all, none] = [new Registry(), new Registry(), new Registry()];
    for (const [registry, requestMetrics] of [
      [listed, { flags: ['payments'] }],
      [all, { flags: 'all' }],
      [none, false],
    ] as const) {
      const halyard = await start({ registry, requestMetrics });
      const get = await serve(halyard);
      await get('unit=a&flags=payments,half,no-such-flag');
    }
    const flagsOf = async (registry: Registry) =>
      Object.keys(await series(registry, '_count')).map((labels) => /flag_key=([^,]*)/.exec(labels)?.[1]);
    expect(await flagsOf(listed)).toEqual(['payments']);
    expect(await flagsOf(all)).toEqual(['payments', 'half']);
    expect(await flagsOf(none)).toEqual([]);
    expect(await none.metrics()).not.toContain('feature_flag_request_duration_seconds');
  });

  it('adds up over Halyards of one registry and over workers, and goes on after one is closed', async () => {
    const registry = new Registry();
    const first = await start({ registry });
    await (
      await serve(first)
    )('unit=a&flags=checkout');
    await first.close();
    await (
      await serve(await start({ registry }))
    )('unit=a&flags=checkout');
    const labels = 'flag_key=checkout,variant=on,assignment=in,outcome=ok';
    expect(await series(registry, '_count')).toEqual({ [labels]: 2 });
    const json = await registry.getMetricsAsJSON();
    const cluster = AggregatorRegistry.aggregate([json, json]);
    expect(await series(cluster, '_count')).toEqual({ [labels]: 4 });
  });

  it('refuses other buckets than the registry has', async () => {
    const registry = new Registry();
    await start({ registry });
    await expect(start({ registry, requestMetrics: { buckets: [1, 2] } })).rejects.toThrow(
      'Give both the same `requestMetrics.buckets`, or each a registry of its own.',
    );
  });

  it.each([
    [{ buckets: [] }, 'option `buckets`: expected a list of numbers above 0, rising, found []'],
    [{ buckets: [1, 1] }, 'option `buckets`'],
    [{ buckets: [Number.NaN] }, 'option `buckets`'],
    [{ flags: 'rolling' }, "option `flags`: expected 'rolling-out', 'all' or a list of flag keys, found \"rolling\""],
    [{ bucket: [1] }, 'unknown option `bucket`. Did you mean `buckets`?'],
  ])('refuses the options %j', async (requestMetrics, message) => {
    const options = { requestMetrics } as unknown as Partial<HalyardOptions>;
    await expect(start(options)).rejects.toThrow(message);
  });
});
