import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import type { OpenedRequest } from '../../src/request/opened-request.js';
import type { RequestPrototypes, RequestTranslation } from '../../src/request/request-translation.js';
import { isHttp } from './carrier.js';

/** Node's request with what the platforms leave on it: Express by inheritance, Fastify's middleware by copying. */
export interface PlatformRequest extends IncomingMessage {
  readonly protocol?: string;
  readonly id?: unknown;
  /** Express's application: it is what its requests and responses inherit from. */
  readonly app?: RequestPrototypes;
}

/** What is behind a request or message, as Nest tells more and more of it. */
export class FlagsSource {
  /** What opens it. */
  readonly binding: object;
  readonly carrier: object;
  /** `undefined`: a message. */
  readonly request: PlatformRequest | undefined;
  readonly response: ServerResponse | undefined;
  /** Where Nest was last seen with it. */
  execution: ExecutionContext;
  opened: OpenedRequest | undefined;

  constructor(
    binding: object,
    carrier: object,
    execution: ExecutionContext,
    request?: PlatformRequest,
    response?: ServerResponse,
  ) {
    this.binding = binding;
    this.carrier = carrier;
    this.execution = execution;
    this.request = request;
    this.response = response;
  }
}

export const translation: RequestTranslation<FlagsSource> = {
  carrier: ({ carrier }) => carrier,
  response: ({ response }) => response,
  prototypes: ({ request }) => request?.app,
  header: ({ request }, name) => request?.headers[name]?.toString(),
  isSecure: ({ request }) => request?.protocol === 'https',
  route: ({ execution }) => (isHttp(execution) ? routePattern(execution) : handlerName(execution)),
  id: ({ request }) => request?.id,
};

interface RoutedRequest {
  readonly route?: { readonly path?: string | RegExp };
  readonly routeOptions?: { readonly url?: string };
}

/** Nest registers whole paths, so that Express and Fastify know the whole pattern. */
function routePattern(execution: ExecutionContext): string | undefined {
  const { route, routeOptions } = execution.getArgByIndex<RoutedRequest>(0);
  const pattern = route?.path ?? routeOptions?.url;
  return pattern?.toString();
}

/** Patterns of messages may hold what a client sent; names in the code don't. */
function handlerName(execution: ExecutionContext): string {
  return `${execution.getClass().name}.${execution.getHandler().name}`;
}
