import { ClientGoneError } from './client-gone.js';
import type { HttpRequest, RequestBody } from './http-request.js';
import { bodyTooLong } from './json-body.js';

/** A fetch `Request` as our handlers read it. */
export class FetchedRequest implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly mountPath = '';
  readonly query: URLSearchParams;
  readonly clientAddress = undefined;
  readonly native: unknown;
  readonly #request: Request;

  constructor(request: Request, native: unknown) {
    const { pathname, searchParams } = new URL(request.url);
    this.method = request.method;
    this.path = pathname;
    this.query = searchParams;
    this.native = native;
    this.#request = request;
  }

  /** Aborted when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    return this.#request.signal;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  async readBody(maxBytes: number): Promise<RequestBody> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      const body: AsyncIterable<Uint8Array> | null = this.#request.body;
      for await (const chunk of body ?? []) {
        length += chunk.byteLength;
        if (length > maxBytes) break;
        chunks.push(chunk);
      }
    } catch {
      throw new ClientGoneError();
    }
    if (length > maxBytes) throw bodyTooLong(maxBytes);
    return { bytes: Buffer.concat(chunks) };
  }

  toFetch(): Request {
    const { url, method, headers, signal } = this.#request;
    return new Request(url, { method, headers, signal });
  }
}
