import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { pinnedOn } from './pinned-flags.js';
import type { RequestPrototypes } from './request-translation.js';

/** Under this key an `emit` tells that it runs listeners inside already, also one of another copy of this package. */
const INSIDE: unique symbol = Symbol.for('halyard.listeners-inside');

/**
 * Lets the listeners of a request and its response run inside the request's transaction. Otherwise they run where the
 * event is emitted, and Node emits a request's `end` and a response's `finish` outside. What is inside already, or
 * deeper, stays where it is.
 *
 * @param prototypes where the two inherit from objects of their application, it is enough to do this to these, once
 */
export function keepListenersInside(response: ServerResponse, prototypes: RequestPrototypes | undefined): void {
  keep(response.req, prototypes?.request, ownCarrier);
  keep(response, prototypes?.response, carrierOfResponse);
}

type CarrierOf = (emitter: EventEmitter) => object | undefined;

const ownCarrier: CarrierOf = (request) => request;
const carrierOfResponse: CarrierOf = (response) => (response as Partial<ServerResponse>).req;

function keep(emitter: EventEmitter, prototype: EventEmitter | undefined, carrierOf: CarrierOf): void {
  if (isInside(emitter)) return;
  if (prototype !== undefined && !isInside(prototype)) runInside(prototype, carrierOf);
  // Something else may have replaced this one's own `emit`, or the prototype is another application's.
  if (!isInside(emitter)) runInside(emitter, carrierOf);
}

type Emit = (this: EventEmitter, ...event: Parameters<EventEmitter['emit']>) => boolean;

function isInside(emitter: EventEmitter): boolean {
  return INSIDE in emitOf(emitter);
}

function emitOf(emitter: EventEmitter): Emit {
  return (emitter as { readonly emit: Emit }).emit;
}

function runInside(target: EventEmitter, carrierOf: CarrierOf): void {
  const emit = emitOf(target);
  const inside: Emit = function (...event) {
    const carrier = carrierOf(this);
    const transaction = carrier === undefined ? undefined : pinnedOn(carrier)?.transaction;
    if (transaction === undefined || transaction.isCurrent) return emit.apply(this, event);
    return transaction.run(() => emit.apply(this, event));
  };
  target.emit = Object.assign(inside, { [INSIDE]: true });
}
