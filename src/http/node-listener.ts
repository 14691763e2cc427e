import type { IncomingMessage, ServerResponse } from 'node:http';
import { isClientGone } from './client-gone.js';
import { ANSWER, checkHandler, type FetchHandler } from './fetch-handler.js';
import { type HttpAnswer, isOpenBody, type OpenBody } from './http-answer.js';
import { type NodeExchange, NodeRequest, pathOf } from './node-request.js';

/** Node's listener, and what Express, Connect and Nest call a middleware. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/**
 * Serves a handler. What isn't its own goes to `next`; without one it is answered with 404.
 * @throws TypeError if it is no handler
 */
export function createNodeListener(handler: FetchHandler<never>): NodeListener {
  checkHandler('createNodeListener', handler);
  return function halyardServe(incoming, outgoing, next) {
    if (handler.owns(pathOf(incoming.url ?? '/'))) void serveNode(handler, { incoming, outgoing });
    else if (next !== undefined) next();
    else outgoing.writeHead(404).end();
  };
}

/** Answers one request that is the handler's. Never rejects; a client that went away is answered with nothing. */
export async function serveNode(handler: FetchHandler<never>, exchange: NodeExchange): Promise<void> {
  const { incoming, outgoing } = exchange;
  try {
    write(await handler[ANSWER](new NodeRequest(exchange)), incoming, outgoing);
  } catch (error) {
    if (outgoing.headersSent || isClientGone(error)) outgoing.destroy();
    else outgoing.writeHead(500).end();
  }
}

/** What is left of a body that was refused is read up to this size, so that the connection can go on, and the answer arrives. */
const LONGEST_DRAINED_BYTES = 2 ** 20;

function write({ status, headers, body }: HttpAnswer, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  if (status === 413 && !(Number(incoming.headers['content-length']) <= LONGEST_DRAINED_BYTES)) {
    outgoing.shouldKeepAlive = false;
  }
  const { Vary: vary } = headers;
  if (vary === undefined || !outgoing.hasHeader('Vary')) outgoing.writeHead(status, headers as Record<string, string>);
  else outgoing.writeHead(status, { ...headers, Vary: `${String(outgoing.getHeader('Vary'))}, ${String(vary)}` });
  if (!isOpenBody(body)) outgoing.end(body);
  else if (incoming.method !== 'HEAD' && isNext(outgoing)) openBody(body, outgoing);
  else outgoing.end();
}

/**
 * Whether no other answer on the connection comes first. Behind one that doesn't end, thousands would be open for a client
 * that sent all its requests at once.
 */
function isNext({ socket }: ServerResponse): boolean {
  return socket !== null;
}

function openBody(body: OpenBody, outgoing: ServerResponse): void {
  outgoing.flushHeaders();
  const close = body.open({
    write(text) {
      outgoing.write(text);
      return outgoing.writableLength;
    },
    end: () => outgoing.end(),
    abort: () => outgoing.destroy(),
  });
  outgoing.once('close', close);
  // A client that is gone already makes no further event.
  if (outgoing.destroyed) close();
}
