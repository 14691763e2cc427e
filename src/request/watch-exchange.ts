import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type PinnedFlags, pinnedOn } from './pinned-flags.js';
import { type ClosedResponse, outcomeOf } from './request-outcome.js';

/** Under this key an `emit` tells that it is watched already, also by another copy of this package. */
const WATCHED: unique symbol = Symbol.for('halyard.watched-emit');

/** What is watched of an exchange. */
export interface ExchangeWatch {
  /** Keeps a request's listeners inside its transaction. */
  request(request: EventEmitter, prototype: EventEmitter | undefined): void;
  /** Does the same with a response's, and writes down how it ended. */
  response(response: ServerResponse, prototype: EventEmitter | undefined): void;
}

/**
 * Sees every event of a response and of its request, without being one of their listeners.
 *
 * Listeners run inside the request's transaction. Otherwise they run where the event is emitted, and Node emits a
 * request's `end` and a response's `finish` outside. What is inside already, or deeper, stays where it is. And when the
 * response is closed, that is written down.
 *
 * Where an emitter inherits from an object of its application, its prototype, it is enough to watch that, once.
 */
export function createExchangeWatch(): ExchangeWatch {
  return { request: createWatch(emitOfRequest), response: createWatch(emitOfResponse) };
}

type Emit = (this: EventEmitter, ...event: Parameters<EventEmitter['emit']>) => boolean;

function createWatch(
  watched: (emit: Emit) => Emit,
): (emitter: EventEmitter, prototype: EventEmitter | undefined) => void {
  // Nearly all emitters have the same `emit`.
  let latest: { readonly emit: Emit; readonly watched: Emit } | undefined;
  const replaceEmit = (target: EventEmitter): void => {
    const emit = emitOf(target);
    if (latest?.emit !== emit) latest = { emit, watched: Object.assign(watched(emit), { [WATCHED]: true }) };
    target.emit = latest.watched;
  };
  return (emitter, prototype) => {
    if (isWatched(emitter)) return;
    if (prototype !== undefined && !isWatched(prototype)) replaceEmit(prototype);
    // Something else may have replaced this one's own `emit`, or the prototype is another application's.
    if (!isWatched(emitter)) replaceEmit(emitter);
  };
}

function isWatched(emitter: EventEmitter): boolean {
  return WATCHED in emitOf(emitter);
}

function emitOf(emitter: EventEmitter): Emit {
  return (emitter as { readonly emit: Emit }).emit;
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
  for (let flags = latest; flags !== undefined; flags = flags.outer) flags.record?.end(outcomeOf(response), flags);
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
