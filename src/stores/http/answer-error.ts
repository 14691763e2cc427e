import type { IncomingHttpHeaders } from 'node:http';
import { FLAGS_TYPE } from './flag-lines.js';
import { HttpStoreError } from './http-store-error.js';

/** The longest time that the serving side may ask for, in seconds. */
const LONGEST_RETRY_AFTER = 300;

/** The serving side doesn't let us in. */
export function refusal(where: string, status: 401 | 403, token: string | undefined): HttpStoreError {
  const advice =
    token === undefined
      ? 'It wants to know who asks: give httpStore the option `token`.'
      : 'The token is not one that its syncHandler accepts.';
  return new HttpStoreError(`${where} answered ${status}. ${advice}`, { status });
}

/** What an answer that brings no flags means. Of what it says, only numbers and its origin get into the message. */
export function answerError(where: string, status: number, headers: IncomingHttpHeaders): HttpStoreError {
  const retryAfter = Number(headers['retry-after']);
  const retryAfterMs = retryAfter > 0 ? Math.min(retryAfter, LONGEST_RETRY_AFTER) * 1_000 : undefined;
  const more = { status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  return new HttpStoreError(`${where} answered ${status}${explain(status, headers)}`, more);
}

/** A 200 that comes from something else. */
export function typeError(where: string, status: number, headers: IncomingHttpHeaders): HttpStoreError {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const found = /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type.slice(0, 100) : 'no media type';
  return new HttpStoreError(
    `${where} answered ${status} with ${found}, where a syncHandler answers with ${FLAGS_TYPE}. Is this its address, and nothing in between that wants a login?`,
    { status },
  );
}

function explain(status: number, headers: IncomingHttpHeaders): string {
  if (status === 304) return ' to a question that was not asked.';
  if (status >= 300 && status < 400) return `, a redirect${targetOf(headers)}. It is not followed: give its target.`;
  if (status === 404) return ': there is no syncHandler at this address.';
  if (status === 429) return ': too many requests. Its `rateLimit` is too low for the readers behind one address.';
  if (status === 503) return ': it has no flags yet, or no room for more readers.';
  return '.';
}

function targetOf({ location = '' }: IncomingHttpHeaders): string {
  return URL.canParse(location) ? ` to ${new URL(location).origin}` : '';
}
