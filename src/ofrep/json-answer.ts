import type { HttpAnswer } from '../http/http-answer.js';

/** Nothing may be kept without asking again. */
const CACHE_CONTROL = 'private, no-cache';

/** Nothing of it is a page. */
const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': CACHE_CONTROL,
  'X-Content-Type-Options': 'nosniff',
};

export function jsonAnswer(status: number, value: object, headers?: Readonly<Record<string, string>>): HttpAnswer {
  const body = JSON.stringify(value);
  const length = { 'Content-Length': String(Buffer.byteLength(body)) };
  return { status, headers: { ...HEADERS, ...length, ...headers }, body };
}

/** The answer to a client that has it already. It says of caching what the whole answer says (RFC 9110, section 15.4.5). */
export function notModifiedAnswer(headers: Readonly<Record<string, string>>): HttpAnswer {
  return { status: 304, headers: { 'Cache-Control': CACHE_CONTROL, ...headers }, body: undefined };
}
