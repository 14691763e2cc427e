import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';

/** How one framework's request is read: all that an adapter has to say about it. */
export interface RequestTranslation<Source> {
  /**
   * The object that this request, and no other, has everywhere: Node's request, where there is one. Guards and whatever
   * else comes later find the request's flags on it.
   */
  readonly carrier: (source: Source) => object;
  /** Node's response to that request; `undefined` for what is no HTTP request. */
  readonly response: (source: Source) => ServerResponse | undefined;
  /** Where all requests and responses of an application inherit from objects of its own: these. */
  readonly prototypes?: (source: Source) => RequestPrototypes | undefined;
  /** A header by its lower-case name. */
  readonly header: (source: Source, name: string) => string | undefined;
  /** Whether the client came over TLS, as far as the framework trusts what a proxy says. */
  readonly isSecure: (source: Source) => boolean;
  /** The pattern of the route that was reached, never the path; `undefined` before. */
  readonly route: (source: Source) => string | undefined;
  /** The id that something else gave the request. */
  readonly id?: (source: Source) => unknown;
}

/** What the requests and the responses of one application inherit from. */
export interface RequestPrototypes {
  readonly request: EventEmitter;
  readonly response: EventEmitter;
}
