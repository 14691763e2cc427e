import type { EventEmitter } from 'node:events';

/** How one framework's request is read: all that an adapter has to say about it. */
export interface RequestTranslation<Source> {
  /** A header by its lower-case name. */
  readonly header: (source: Source, name: string) => string | undefined;
  /** Whether the client came over TLS, as far as the framework trusts what a proxy says. */
  readonly isSecure: (source: Source) => boolean;
  /** The pattern of the route that was reached, never the path; `undefined` before. */
  readonly route: (source: Source) => string | undefined;
  /** Whose listeners belong to the request: Node's request and response, where there are any. */
  readonly emitters: (source: Source) => readonly EventEmitter[];
  /** The id that something else gave the request. */
  readonly id?: (source: Source) => unknown;
}
