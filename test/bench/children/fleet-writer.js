/**
 * `fleet-writer.js KIND PLACE FLAGS` puts a document of so many flags into a store, and sends its size. Asked for an edition,
 * it changes one flag, and sends when `update` had resolved. With the kind `http` it holds the flags itself and serves them,
 * and sends where.
 */
import '../loopback-only.js';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createHalyard, memoryStore } from '../../../dist/esm/src/index.js';
import { createNodeListener, syncHandler } from '../../../dist/esm/src/sync/index.js';
import { documentOf, now, openStore, TOKEN, withEdition } from '../fleet/stores.js';

const [kind, place, flags] = process.argv.slice(2);
const why = { by: 'bench', reason: 'measuring' };
const document = documentOf(Number(flags));
const text = JSON.stringify(document);

async function open() {
  if (kind !== 'http') {
    const store = await openStore(kind, JSON.parse(place));
    await store.pushDocument(text, why);
    return { store, url: JSON.parse(place).url };
  }
  const store = memoryStore(document);
  const halyard = await createHalyard({ store });
  const server = createServer(createNodeListener(syncHandler(halyard, { token: TOKEN }))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { store, url: `http://127.0.0.1:${server.address().port}/halyard` };
}

const { store, url } = await open();
process.send({ url, bytes: Buffer.byteLength(text) });
process.on('message', async ({ edition }) => {
  await store.update(withEdition(edition), why);
  process.send({ at: now() });
});
process.on('disconnect', () => process.exit());
