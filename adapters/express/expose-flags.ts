import type { Request } from 'express';
import { pinnedOn } from '../../src/request/pinned-flags.js';
import type { RequestFlags } from '../../src/request/request-flags.js';
import { applicationPrototypes } from './application-prototypes.js';

/**
 * Makes the flags that a request has its `req.flags`, by way of what all requests of the application inherit from.
 * Express gives each request a hidden class of its own, so that every property of its own costs it a microsecond.
 */
export function exposeFlags(request: Request, flags: RequestFlags): void {
  // Inherited, from the second request on.
  if (request.flags === flags) return;
  const prototype = applicationPrototypes(request)?.request;
  if (prototype !== undefined && !('flags' in prototype)) Object.defineProperty(prototype, 'flags', inherited);
  if (request.flags !== flags) own(request, flags);
}

const inherited: PropertyDescriptor = {
  configurable: true,
  get(this: Request) {
    return pinnedOn(this);
  },
  set(this: Request, value: unknown) {
    own(this, value);
  },
};

function own(request: Request, flags: unknown): void {
  Object.defineProperty(request, 'flags', { value: flags, configurable: true, enumerable: true, writable: true });
}
