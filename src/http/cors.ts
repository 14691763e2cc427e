import { checkOptions, isListOfTexts, isWholeNumber } from '../options/check-options.js';
import type { HttpAnswer } from './http-answer.js';
import type { HttpRequest } from './http-request.js';

/** Which pages of other origins may call. */
export interface CorsOptions {
  /** Origins like `https://shop.example.com`, or `'*'` for all. Cookies are never allowed. */
  readonly origins: readonly string[] | '*';
  /** How long a browser may remember that it may call, in seconds. Default: 600. */
  readonly maxAgeSeconds?: number | undefined;
  /** Request headers that pages may send beside those of the protocol. Default: none. */
  readonly headers?: readonly string[] | undefined;
}

/** As browsers write them: a capital, a port that goes without saying or a `*` in it would never match. */
const isOrigin = (text: string): boolean =>
  /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;

const isHeaderName = (text: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(text);

/** @throws TypeError for an option that is unknown or wrong */
export function checkCorsOptions(where: string, options: CorsOptions): void {
  checkOptions(where, options, {
    origins: {
      allowed: "'*' or a list of origins as browsers send them, like 'https://shop.example.com'",
      isRight: (value) => value === '*' || isListOf(value, isOrigin),
      isRequired: true,
    },
    maxAgeSeconds: { allowed: 'a whole number of seconds from 0', isRight: isWholeNumber(0) },
    headers: { allowed: 'a list of header names', isRight: (value) => isListOf(value, isHeaderName) },
  });
}

/** What pages of other origins are told. */
export interface Cors {
  /** The answer to a preflight; `undefined` if the request is none. */
  preflight(request: HttpRequest, methods: readonly string[]): HttpAnswer | undefined;
  /** The headers that every other answer has. */
  headers(request: HttpRequest): Readonly<Record<string, string>>;
}

const PROTOCOL_HEADERS = ['Content-Type', 'If-None-Match', 'Authorization', 'X-API-Key', 'Last-Event-ID'];

/** @param exposed response headers that pages may read */
export function createCors(options: CorsOptions, exposed: readonly string[]): Cors {
  const { origins, maxAgeSeconds = 600, headers: ownHeaders = [] } = options;
  const allowedHeaders = [...PROTOCOL_HEADERS, ...ownHeaders].join(', ');
  const exposedHeaders = { 'Access-Control-Expose-Headers': exposed.join(', ') };
  const toEveryone = { 'Access-Control-Allow-Origin': '*', ...exposedHeaders };
  // What one origin was told must not be shown to another.
  const toNobody = { Vary: 'Origin' };

  const allows = (origin: string | undefined): origin is string =>
    origin !== undefined && (origins === '*' || origins.includes(origin));
  const headersFor = (request: HttpRequest): Readonly<Record<string, string>> => {
    if (origins === '*') return toEveryone;
    const origin = request.header('origin');
    return allows(origin) ? { 'Access-Control-Allow-Origin': origin, ...exposedHeaders, ...toNobody } : toNobody;
  };
  return {
    headers: headersFor,
    preflight(request, methods) {
      if (request.method !== 'OPTIONS' || request.header('access-control-request-method') === undefined)
        return undefined;
      const headers = headersFor(request);
      if (!allows(request.header('origin'))) return { status: 204, headers, body: undefined };
      const allowed = {
        'Access-Control-Allow-Methods': methods.join(', '),
        'Access-Control-Allow-Headers': allowedHeaders,
        'Access-Control-Max-Age': String(maxAgeSeconds),
      };
      return { status: 204, headers: { ...headers, ...allowed }, body: undefined };
    },
  };
}

function isListOf(value: unknown, isRight: (text: string) => boolean): boolean {
  return isListOfTexts(value) && value.every(isRight);
}
