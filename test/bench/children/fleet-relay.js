/** `fleet-relay.js KIND PLACE` serves what a store holds to others, and sends where. */
import '../loopback-only.js';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createHalyard } from '../../../dist/esm/src/index.js';
import { createNodeListener, syncHandler } from '../../../dist/esm/src/sync/index.js';
import { openStore, TOKEN } from '../fleet/stores.js';

const [kind, place] = process.argv.slice(2);
const halyard = await createHalyard({ store: await openStore(kind, JSON.parse(place)) });
const server = createServer(createNodeListener(syncHandler(halyard, { token: TOKEN }))).listen(0, '127.0.0.1');
await once(server, 'listening');
process.send({ url: `http://127.0.0.1:${server.address().port}/halyard` });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit());
