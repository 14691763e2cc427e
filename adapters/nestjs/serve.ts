import type { IncomingMessage } from 'node:http';
import { checkHandler, type FetchHandler } from '../../src/http/fetch-handler.js';
import { createNodeListener, type NodeListener } from '../../src/http/node-listener.js';

/**
 * Serves a handler, such as `ofrepHandler(halyard)` of `halyard/ofrep`: `app.use(serve(handler))`, on Express and on Fastify.
 * What isn't the handler's goes on.
 * @throws TypeError if it is no handler
 */
export function serve(handler: FetchHandler<IncomingMessage>): NodeListener {
  checkHandler('serve', handler);
  return createNodeListener(handler);
}
