import type { RequestInfo } from '../runtime/events.js';
import type { RequestTranslation } from './request-translation.js';

/** What is taken for a request's id from a header that anyone can send: short, and nothing that breaks a line of a log. */
const SANE_ID = /^[\w.:/+=@-]{1,128}$/;

/** What the decision log may say about a request. Read when it is asked for: the route is known only when it is reached. */
export function describeRequest<Source>(
  source: Source,
  { route, header, id }: RequestTranslation<Source>,
  requestId: ((source: Source) => string | undefined) | undefined,
): RequestInfo {
  const readId = requestId ?? ((from: Source) => saneId(header(from, 'x-request-id')) ?? textOf(id?.(from)));
  return {
    get route() {
      return attempt(() => route(source));
    },
    get id() {
      return attempt(() => readId(source));
    },
  };
}

function saneId(value: string | undefined): string | undefined {
  return value !== undefined && SANE_ID.test(value) ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? saneId(String(value)) : undefined;
}

function attempt(read: () => unknown): string | undefined {
  try {
    const value = read();
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
