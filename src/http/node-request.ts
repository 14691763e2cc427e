import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientGoneError } from './client-gone.js';
import type { HttpRequest, RequestBody } from './http-request.js';
import { bodyTooLong } from './json-body.js';

/** What a framework knows of a request beside what Node does. */
export interface NodeExchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** The framework's own request. Default: `incoming`. */
  readonly native?: unknown;
  /** What a body parser that ran before made of the body. Default: `incoming.body`. */
  readonly parsedBody?: unknown;
}

/** What frameworks add to Node's request. */
interface Decorated {
  /** The target before a router took its mount path off. */
  readonly originalUrl?: unknown;
  readonly body?: unknown;
  /** As far as the framework trusts what a proxy says. */
  readonly ip?: unknown;
  readonly protocol?: unknown;
}

/** Node's request as our handlers read it. */
export class NodeRequest implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly native: unknown;
  readonly #exchange: NodeExchange;
  readonly #search: string;

  constructor(exchange: NodeExchange) {
    const { incoming, native = incoming } = exchange;
    const target = incoming.url ?? '/';
    this.#exchange = exchange;
    this.method = incoming.method ?? 'GET';
    this.path = pathOf(target);
    this.native = native;
    this.#search = target.slice(this.path.length);
  }

  get mountPath(): string {
    const { originalUrl } = this.native as Decorated;
    const { url = '' } = this.#exchange.incoming;
    return typeof originalUrl === 'string' && originalUrl.endsWith(url) ? originalUrl.slice(0, -url.length) : '';
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.#search);
  }

  get clientAddress(): string | undefined {
    const { ip } = this.native as Decorated;
    return typeof ip === 'string' ? ip : this.#exchange.incoming.socket.remoteAddress;
  }

  header(name: string): string | undefined {
    const value = this.#exchange.incoming.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  async readBody(maxBytes: number): Promise<RequestBody> {
    const { incoming, parsedBody = (incoming as Decorated).body } = this.#exchange;
    // A parser that ran before may allow more.
    if (Number(incoming.headers['content-length']) > maxBytes) throw bodyTooLong(maxBytes);
    if (!incoming.readableDidRead && !incoming.readableEnded) return { bytes: await readBytes(incoming, maxBytes) };
    if (Buffer.isBuffer(parsedBody)) return { bytes: parsedBody };
    if (parsedBody !== undefined) return { parsed: parsedBody };
    if (!incoming.readableDidRead) return { bytes: Buffer.alloc(0) };
    throw new Error('Something read the body of the request before, and left nothing in its `body`.');
  }

  toFetch(): Request {
    const { incoming, outgoing } = this.#exchange;
    const { protocol = 'encrypted' in incoming.socket ? 'https' : 'http' } = this.native as Decorated;
    const origin = `${protocol === 'https' ? 'https' : 'http'}://${hostOf(incoming)}`;
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const headers = new Headers();
    for (const [name, values] of Object.entries(incoming.headers)) {
      // HTTP/2 has headers of its own.
      if (!name.startsWith(':')) for (const value of [values ?? []].flat()) headers.append(name, value);
    }
    return new Request(`${origin}${this.mountPath}${this.path}${this.#search}`, {
      method: this.method,
      headers,
      signal: gone.signal,
    });
  }
}

/** The path of a request's target. What is no path, as proxies are sent it, is nobody's. */
export function pathOf(target: string): string {
  const end = target.indexOf('?');
  return end === -1 ? target : target.slice(0, end);
}

/** A host that would lead the URL elsewhere, or that no URL can have, counts as none. */
function hostOf({ headers }: IncomingMessage): string {
  const host = headers.host ?? headers[':authority'];
  const isHost = typeof host === 'string' && /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`);
  return isHost ? host : 'localhost';
}

function readBytes(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      // What follows is read all the same: a client hears the answer when it has sent everything.
      else reject(bodyTooLong(maxBytes));
    };
    const finish = (): void => resolve(chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks));
    // Every request closes, most of them after their end.
    const fail = (): void => {
      if (!incoming.readableEnded) reject(new ClientGoneError());
    };
    if (incoming.destroyed) fail();
    else incoming.on('data', take).on('end', finish).on('close', fail).on('error', fail);
  });
}
