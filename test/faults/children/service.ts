import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createHalyard, type Logger } from 'halyard';
import { flags, killSwitch } from 'halyard/express';
import { Registry } from 'prom-client';
import { openStore, type StoreKind } from '../open-store.js';
import type { ServiceOptions } from '../service-process.js';
import type { Vitals } from '../vitals.js';

/** A service as a user would write it. It tells its parent its port, and ends with it. */
const [kind = '', url = '', options = '{}'] = process.argv.slice(2);
const { reconnectMs, cache } = JSON.parse(options) as ServiceOptions;
process.on('disconnect', () => process.exit());

const logged: string[] = [];
const note = (_fields: object, message = ''): void => void logged.push(message);
const logger: Logger = { debug: () => undefined, info: () => undefined, warn: note, error: note };

const registry = new Registry();
const { store } = await openStore(kind as StoreKind, url, reconnectMs);
const halyard = await createHalyard({ store, registry, logger, cache });

// From now on; a start that fails ends the process.
const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
process.on('uncaughtException', (error) => unhandled.push(String(error)));

const app = express();
app.use(flags(halyard, { context: () => ({ targetingKey: 'user-1' }) }));
app.get('/round', ({ flags: current }, response) => void response.json(current.string('round', 'none')));
app.post('/pay', killSwitch(halyard, 'payments'), (_request, response) => void response.json('paid'));
app.post('/kill', (_request, response, next) => {
  const done = (): unknown => response.json('killed');
  halyard.kill('payments', { by: 'service', reason: 'asked to' }).then(done, next);
});
app.get('/metrics', async (_request, response) => void response.send(await registry.metrics()));
app.get('/vitals', (_request, response) => {
  globalThis.gc?.();
  const { status, version } = halyard.health();
  const vitals: Vitals = {
    status,
    version,
    unhandled,
    logged,
    heapBytes: process.memoryUsage().heapUsed,
    resources: process.getActiveResourcesInfo().length,
    // Sockets that keep no process alive are no active resources.
    descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
  };
  response.json(vitals);
});

const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
