import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import { pinnedOn } from '../../src/request/pinned-flags.js';

/** Marks the carrier of a message among its arguments, also for another copy of this package. */
const MESSAGE: unique symbol = Symbol.for('halyard.nestjs.message');

/**
 * The one object that carries a request's flags wherever Nest asks: Node's request; for a GraphQL operation that no request
 * with flags brought, its context; for a message what `addCarrier` added. `undefined`: a message that has none yet.
 */
export function carrierOf(execution: ExecutionContext): object | undefined {
  if (isHttp(execution)) return nodeRequest(execution.getArgByIndex<object>(0));
  if (execution.getType<string>() === 'graphql') return carrierOfOperation(graphqlContext(execution));
  return execution.getArgs().find(isMessageCarrier);
}

/**
 * Whether an HTTP request is behind it, and a response. Nest also says `http` of what has no type of its own: commands and
 * jobs that a package calls through its `ExternalContextCreator`. To us, these are messages.
 */
export function isHttp(host: ArgumentsHost): boolean {
  if (host.getType() !== 'http') return false;
  const response = host.getArgByIndex<AnyResponse | undefined>(1);
  return typeof (response?.raw ?? response)?.setHeader === 'function';
}

/** Node's response to an HTTP request. */
export function nodeResponse(host: ArgumentsHost): ServerResponse {
  const response = host.getArgByIndex<ServerResponse & AnyResponse>(1);
  return response.raw ?? response;
}

/** Node's request, of a platform's or Node's own. What applications themselves call `raw` is mostly a body. */
export function nodeRequest(request: object): IncomingMessage {
  const { raw } = request as { readonly raw?: IncomingMessage };
  return raw?.headers === undefined ? (request as IncomingMessage) : raw;
}

/** Node's response, or Fastify's reply. */
interface AnyResponse extends Partial<ServerResponse> {
  readonly raw?: ServerResponse;
}

/**
 * Gives a message a carrier. A message has no object of its own (its client is the connection's, its data may be a text),
 * and parameter decorators get a copy of the arguments; so it is added to these, which guards, interceptors and the handler
 * share. The last one of a WebSocket message must stay the last: Nest reads its pattern there.
 */
export function addCarrier(execution: ExecutionContext): object {
  const args = execution.getArgs<unknown[]>();
  const carrier = { [MESSAGE]: true };
  args.splice(execution.getType() === 'ws' ? args.length - 1 : args.length, 0, carrier);
  return carrier;
}

function isMessageCarrier(value: unknown): value is object {
  return typeof value === 'object' && value !== null && MESSAGE in value;
}

interface GraphqlContext {
  readonly req?: object;
  /** Of Mercurius. */
  readonly reply?: { readonly request?: object };
}

/** Resolvers get (parent, args, context, info); those of references (reference, context, info). */
function graphqlContext(execution: ExecutionContext): GraphqlContext {
  const args = execution.getArgs<unknown[]>();
  return args[args.length - 2] as GraphqlContext;
}

function carrierOfOperation(context: GraphqlContext): object {
  const request = context.req ?? context.reply?.request;
  const carrier = request && nodeRequest(request);
  // The request that opened a WebSocket brings many operations, and none of our middleware saw it.
  return carrier !== undefined && pinnedOn(carrier) !== undefined ? carrier : context;
}
