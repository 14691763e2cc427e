import { show } from '../options/check-options.js';
import { FetchedRequest } from './fetched-request.js';
import type { HttpAnswer } from './http-answer.js';
import type { HttpRequest } from './http-request.js';
import { toResponse } from './to-response.js';

/** The way in without a `Request` and a `Response`, also for a handler that another copy of this package made. */
export const ANSWER: unique symbol = Symbol.for('halyard.http-answer');

/**
 * A part of a service: `Request` in, `Response` out, and the same behind `serve()` of an adapter. `Native` is the
 * framework's own request, where there is one.
 */
export interface FetchHandler<Native = unknown> {
  (request: Request, native?: Native): Promise<Response>;
  /** Whether a path is this handler's. Mounted as a middleware, it passes everything else on. */
  owns(path: string): boolean;
  /** Ends what it holds open, so that the server's `close()` can finish. */
  close(): void;
  /** Never rejects, except with ClientGoneError. */
  readonly [ANSWER]: (request: HttpRequest) => Promise<HttpAnswer>;
}

/** What a handler is made of. */
export interface HandlerParts {
  readonly owns: (path: string) => boolean;
  readonly close: () => void;
  /** Must not reject, except with ClientGoneError. */
  readonly answer: (request: HttpRequest) => Promise<HttpAnswer>;
}

export function createFetchHandler<Native>({ owns, close, answer }: HandlerParts): FetchHandler<Native> {
  const handle = async (request: Request, native?: Native): Promise<Response> => {
    const described = new FetchedRequest(request, native);
    return toResponse(await answer(described), described);
  };
  return Object.assign(handle, { owns, close, [ANSWER]: answer });
}

/**
 * @param where the function that was called, for the message
 * @throws TypeError if it is no handler
 */
export function checkHandler(where: string, handler: FetchHandler<never>): void {
  if ((handler as Partial<FetchHandler> | null | undefined)?.[ANSWER] !== undefined) return;
  throw new TypeError(`${where}: expected a handler, such as ofrepHandler(halyard), found ${show(handler)}.`);
}
