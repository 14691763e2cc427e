import { createServer } from 'node:http';
import { createHalyard } from 'halyard';
import { createNodeListener, syncHandler } from 'halyard/sync';
import { openStore, type StoreKind } from '../open-store.js';
import { token } from '../open-store.js';

/** A Halyard that serves what it follows. It tells its parent when it listens, changes its token when told to, and ends with it. */
const [kind = '', url = '', port = '0'] = process.argv.slice(2);
process.on('disconnect', () => process.exit());

const silence = (): void => undefined;
const { store } = await openStore(kind as StoreKind, url);
const halyard = await createHalyard({
  store,
  startWithout: true,
  logger: { debug: silence, info: silence, warn: silence, error: silence },
});

let handler = serve(token);
const server = createServer((request, response) => createNodeListener(handler)(request, response));
server.listen(Number(port), '127.0.0.1', () => process.send?.('listening'));

process.on('message', ({ changed }: { readonly changed: string }) => {
  handler.close();
  handler = serve(changed);
  server.closeAllConnections();
  process.send?.('changed');
});

/** By default a reader is told something every 15 s; three of those that don't come are as many as it waits for. */
function serve(accepted: string): ReturnType<typeof syncHandler> {
  return syncHandler(halyard, { token: accepted, eventStream: { heartbeatSeconds: 1 } });
}
