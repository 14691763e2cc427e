import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { OpenFeature } from '@openfeature/server-sdk';
import express from 'express';
import { createHalyard, type FlagDocument, type Halyard, type HalyardOptions, memoryStore } from 'halyard';
import { flags, killSwitch } from 'halyard/express';
import { Registry } from 'prom-client';
import { quietLogger } from '../../../telemetry/quiet-logger.js';

/** A request to the service: who makes it, which flags it reads, how it is to be answered. */
export interface Visit {
  readonly unit?: string;
  readonly flags?: string;
  readonly status?: number;
  /** Read by a client of OpenFeature's that knows this unit. */
  readonly unitOfClient?: string;
  readonly path?: '/' | '/guarded';
}

export interface WatchedService {
  readonly address: string;
  readonly registry: Registry;
  readonly halyard: Halyard;
  /** Resolves once the service has noticed that its answer is out. */
  visit(visit: Visit): Promise<void>;
  close(): Promise<void>;
}

/** A service behind Express that reads flags, and fails when it is told to. */
export async function startService(
  document: FlagDocument,
  options: Partial<HalyardOptions> = {},
  port = 0,
): Promise<WatchedService> {
  const registry = new Registry();
  const halyard = await createHalyard({ store: memoryStore(document), registry, logger: quietLogger, ...options });
  const domain = `service-${String(Math.random())}`;
  await OpenFeature.setProviderAndWait(domain, halyard.provider);
  const client = OpenFeature.getClient(domain);
  const app = express();
  app.get('/metrics', async (_request, response) => response.type('text/plain').send(await registry.metrics()));
  app.use(flags(halyard, { context: (request) => ({ targetingKey: request.header('x-unit'), plan: 'pro' }) }));
  app.get('/guarded', killSwitch(halyard, 'payments'), (_request, response) => response.json('paid'));
  app.get('/', async (request, response) => {
    const { flags: keys = 'checkout', status = '200', unitOfClient } = request.query as Record<string, string>;
    for (const key of keys.split(',')) {
      if (unitOfClient === undefined) request.flags.boolean(key, false);
      else await client.getBooleanValue(key, false, { targetingKey: unitOfClient });
    }
    response.status(Number(status)).json('done');
  });
  const server = app.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    registry,
    halyard,
    async visit({ unit, path = '/', ...query }) {
      const words = Object.entries(query).map(([name, value]) => [name, String(value)]);
      const over: unknown[] = [];
      const stop = halyard.on('request', (event) => over.push(event));
      const response = await fetch(`http://${address}${path}?${new URLSearchParams(words).toString()}`, {
        headers: unit === undefined ? {} : { 'x-unit': unit },
      });
      await response.arrayBuffer();
      while (over.length === 0) await new Promise((resolve) => setImmediate(resolve));
      stop();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await halyard.close();
    },
  };
}
