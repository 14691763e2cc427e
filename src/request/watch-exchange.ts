import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type PinnedFlags, pinnedOn } from './pinned-flags.js';
import { type ClosedResponse, outcomeOf } from './request-outcome.js';
import type { RequestPrototypes } from './request-translation.js';

/** Under this key an `emit` tells that it is watched already, also by another copy of this package. */
const WATCHED: unique symbol = Symbol.for('halyard.watched-emit');

/**
 * Sees every event of a response and of its request, without being one of their listeners.
 *
 * Listeners run inside the request's transaction. Otherwise they run where the event is emitted, and Node emits a
 * request's `end` and a response's `finish` outside. What is inside already, or deeper, stays where it is. And when the
 * response is closed, that is written down.
 *
 * @param prototypes where the two inherit from objects of their application, it is enough to watch these, once
 */
export function watchExchange(response: ServerResponse, prototypes: RequestPrototypes | undefined): void {
  watch(response.req, prototypes?.request, emitOfRequest);
  watch(response, prototypes?.response, emitOfResponse);
}

type Emit = (this: EventEmitter, ...event: Parameters<EventEmitter['emit']>) => boolean;

function watch(emitter: EventEmitter, prototype: EventEmitter | undefined, watched: (emit: Emit) => Emit): void {
  if (isWatched(emitter)) return;
  if (prototype !== undefined && !isWatched(prototype)) replaceEmit(prototype, watched);
  // Something else may have replaced this one's own `emit`, or the prototype is another application's.
  if (!isWatched(emitter)) replaceEmit(emitter, watched);
}

function isWatched(emitter: EventEmitter): boolean {
  return WATCHED in emitOf(emitter);
}

function emitOf(emitter: EventEmitter): Emit {
  return (emitter as { readonly emit: Emit }).emit;
}

function replaceEmit(target: EventEmitter, watched: (emit: Emit) => Emit): void {
  target.emit = Object.assign(watched(emitOf(target)), { [WATCHED]: true });
}

function emitOfRequest(emit: Emit): Emit {
  return function (...event) {
    return emitInside(pinnedOn(this), this, emit, event);
  };
}

function emitOfResponse(emit: Emit): Emit {
  return function (...event) {
    const response = this as unknown as ClosedResponse;
    const flags = pinnedOn(response.req);
    if (event[0] === 'close') endAll(flags, response);
    return emitInside(flags, this, emit, event);
  };
}

/** Each Halyard that gave the request flags has a record of its own; of two middlewares with one the record is the same. */
function endAll(latest: PinnedFlags | undefined, response: ClosedResponse): void {
  for (let flags = latest; flags !== undefined; flags = flags.outer) flags.record?.end(outcomeOf(response));
}

function emitInside(
  flags: PinnedFlags | undefined,
  emitter: EventEmitter,
  emit: Emit,
  event: Parameters<Emit>,
): boolean {
  const transaction = flags?.transaction;
  const isOutside = transaction !== undefined && emitter.listenerCount(event[0]) > 0 && !transaction.isCurrent;
  return isOutside ? transaction.run(() => emit.apply(emitter, event)) : emit.apply(emitter, event);
}
