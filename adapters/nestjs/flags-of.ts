import type { ExecutionContext } from '@nestjs/common';
import { pinnedOn } from '../../src/request/pinned-flags.js';
import type { RequestFlags } from '../../src/request/request-flags.js';
import { carrierOf, nodeRequest } from './carrier.js';

/**
 * The flags of a request or message, in guards, interceptors, pipes and middleware.
 * @param of Nest's ExecutionContext, or a request of Express, Fastify or Node
 * @throws Error if it has none
 */
export function flagsOf(of: ExecutionContext | object): RequestFlags {
  const carrier = 'getArgByIndex' in of ? carrierOf(of) : nodeRequest(of);
  const flags = carrier && pinnedOn(carrier);
  if (flags !== undefined) return flags;
  throw new Error(
    'No flags here. Import `HalyardModule.forRoot(…)` in the application’s module. Where Nest runs no global interceptors ' +
      '(gateways of Nest 11, hybrid applications without `inheritAppConfig`), add `@UseInterceptors(HalyardInterceptor)`.',
  );
}
