import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { checkOptions, isFunction, isPositive, isWholeNumber } from '../options/check-options.js';
import type { HttpRequest } from './http-request.js';
import { RequestProblem } from './request-problem.js';

/** How many requests a client may send to this instance. */
export interface RateLimitOptions<Native = unknown> {
  /** How many requests a second a client may send in the long run. */
  readonly perSecond: number;
  /** How many it may send at once. Default: twice `perSecond`, at least 1. */
  readonly burst?: number | undefined;
  /**
   * Who a client is; `undefined`: one of those whom nobody knows. Default: its address, as far as the framework trusts a
   * proxy, and of an IPv6 address its network (/64). A fetch `Request` has none.
   */
  readonly by?: ((request: Request, native: Native | undefined) => string | undefined) | undefined;
}

/** Above this many clients, the one that was longest quiet is forgotten. */
const MOST_CLIENTS = 10_000;

/** @throws TypeError for an option that is unknown or wrong */
export function checkRateLimitOptions<Native>(where: string, options: RateLimitOptions<Native>): void {
  checkOptions(where, options, {
    perSecond: { allowed: 'a number above 0', isRight: isPositive, isRequired: true },
    burst: { allowed: 'a whole number from 1', isRight: isWholeNumber(1) },
    by: { allowed: 'a function that returns a text', isRight: isFunction },
  });
}

/** What one client may still send, as of an instant. */
interface Allowance {
  readonly requests: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * A token bucket per client.
 * @param now milliseconds since the epoch
 * @returns a function that throws RequestProblem (429, with `Retry-After`) for one request too many
 */
export function createRateLimit<Native>(
  { perSecond, burst = Math.max(1, Math.ceil(perSecond * 2)), by }: RateLimitOptions<Native>,
  now: () => number,
): (request: HttpRequest) => void {
  // The order of a map is that of insertion: the first is the one that was longest quiet.
  const allowances = new Map<string, Allowance>();
  const clientOf = (request: HttpRequest): string =>
    (by === undefined
      ? subscriberOf(request.clientAddress)
      : by(request.toFetch(), request.native as Native | undefined)) ?? '';
  return (request) => {
    const client = clientOf(request);
    const at = now();
    const before = allowances.get(client) ?? { requests: burst, at };
    // A clock that stepped back gives nothing.
    const requests = Math.min(burst, before.requests + (Math.max(0, at - before.at) / 1_000) * perSecond);
    const isAllowed = requests >= 1;
    allowances.delete(client);
    allowances.set(client, { requests: isAllowed ? requests - 1 : requests, at });
    if (allowances.size > MOST_CLIENTS) for (const [quietest] of allowances) if (allowances.delete(quietest)) break;
    if (isAllowed) return;
    const seconds = Math.max(1, Math.ceil((1 - requests) / perSecond));
    throw new RequestProblem(429, 'Too many requests.', { 'Retry-After': String(seconds) });
  };
}

/** Whoever has one IPv6 address has 2^64 of them: all of the network that the first half names. IPv4-mapped IPv6 is IPv4. */
function subscriberOf(address: string | undefined): string | undefined {
  if (address === undefined || !isIPv6(address)) return address;
  const known = ipaddr.process(address);
  return known.kind() === 'ipv4' ? known.toString() : known.toByteArray().slice(0, 8).join('.');
}
