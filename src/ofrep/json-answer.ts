import type { HttpAnswer } from '../http/http-answer.js';

/** Nothing may be kept without asking again, and nothing of it is a page. */
const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'private, no-cache',
  'X-Content-Type-Options': 'nosniff',
};

export function jsonAnswer(status: number, value: object, headers?: Readonly<Record<string, string>>): HttpAnswer {
  const body = JSON.stringify(value);
  const length = { 'Content-Length': String(Buffer.byteLength(body)) };
  return { status, headers: { ...HEADERS, ...length, ...headers }, body };
}
