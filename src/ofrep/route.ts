import { OfrepProblem } from './ofrep-problem.js';

/** Everything below is the protocol's, or ours. */
const PREFIX = '/ofrep/v1/';
const BULK = `${PREFIX}evaluate/flags`;
/** Clients take it from the answers and needn't know it. */
export const EVENTS: string = `${PREFIX}events`;

/** What a request asks for. */
export type Route =
  | { readonly type: 'bulk' }
  /** The key as it stands in the path, escapes and all. */
  | { readonly type: 'single'; readonly encodedKey: string }
  | { readonly type: 'events' };

export function isOfrepPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** @returns `undefined`: nothing that there is */
export function parseRoute(path: string): Route | undefined {
  if (path === BULK) return { type: 'bulk' };
  if (path === EVENTS) return { type: 'events' };
  // A key may have slashes, and not every client escapes them. None is empty.
  const encodedKey = path.startsWith(`${BULK}/`) ? path.slice(BULK.length + 1) : '';
  return encodedKey === '' ? undefined : { type: 'single', encodedKey };
}

/** @throws OfrepProblem for escapes that mean nothing */
export function decodeKey(encodedKey: string): string {
  try {
    return decodeURIComponent(encodedKey);
  } catch {
    throw new OfrepProblem('PARSE_ERROR', 'The escapes in the path are malformed.');
  }
}
