import type { RequestInfo } from '../runtime/events.js';
import type { RequestTranslation } from './request-translation.js';

/** What is taken for a request's id from a header that anyone can send: short, and nothing that breaks a line of a log. */
const SANE_ID = /^[\w.:/+=@-]{1,128}$/;

/** Describes requests for the decision log. */
export function createRequestDescriber<Source>(
  { route, header, id }: RequestTranslation<Source>,
  requestId: ((source: Source) => string | undefined) | undefined,
): (source: Source) => RequestInfo {
  const readId = requestId ?? ((from: Source) => saneId(header(from, 'x-request-id')) ?? textOf(id?.(from)));
  return (source) => new DescribedRequest(source, route, readId);
}

/** Read when it is asked for, which is seldom: the route is known only when it is reached. */
class DescribedRequest<Source> implements RequestInfo {
  readonly #source: Source;
  readonly #readRoute: (source: Source) => unknown;
  readonly #readId: (source: Source) => unknown;

  constructor(source: Source, readRoute: (source: Source) => unknown, readId: (source: Source) => unknown) {
    this.#source = source;
    this.#readRoute = readRoute;
    this.#readId = readId;
  }

  get route(): string | undefined {
    return attempt(() => this.#readRoute(this.#source));
  }

  get id(): string | undefined {
    return attempt(() => this.#readId(this.#source));
  }
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
