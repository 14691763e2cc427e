import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHalyard } from '../../../src/create-halyard.js';
import { redisStore } from '../../../src/stores/redis/redis-store.js';
import { type ClientName, openClient } from './clients.js';

/** A service of a fleet: prints its port, and answers whether payments are on. Ends in good order at SIGTERM. */
const [client = '', url = '', prefix = '', host = '', reportMs = ''] = process.argv.slice(2);
const redis = await openClient[client as ClientName](url);
const store = redisStore(redis.client, { prefix });
const halyard = await createHalyard({ store, fleet: { host, reportMs: Number(reportMs) } });

const server = createServer((_request, response) => response.end(halyard.boolean('payments', true) ? 'on' : 'off'));
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void halyard.close().then(redis.end);
});
