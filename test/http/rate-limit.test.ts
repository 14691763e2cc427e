import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/http/http-request.js';
import { createRateLimit } from '../../src/http/rate-limit.js';

const from = (clientAddress: string): HttpRequest => ({ clientAddress }) as HttpRequest;

const isAllowed = (limit: (request: HttpRequest) => void, client: string): boolean => {
  try {
    limit(from(client));
    return true;
  } catch {
    return false;
  }
};

describe('the rate limit', () => {
  it('lets a burst pass, then as many as a second brings', () => {
    let now = 0;
    const limit = createRateLimit({ perSecond: 2, burst: 3 }, () => now);
    const take = (): number => Array.from({ length: 5 }, () => isAllowed(limit, 'a')).filter(Boolean).length;
    expect(take()).toBe(3);
    now += 1_000;
    expect(take()).toBe(2);
    now -= 60_000;
    expect(take()).toBe(0);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', false],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', true],
    ['::ffff:192.0.2.1', '192.0.2.1', false],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', true],
    ['fe80::1%eth0', 'fe80::2%eth0', false],
  ])('takes addresses of one network for one client: %s, %s', (first, second, isAnother) => {
    const limit = createRateLimit({ perSecond: 1, burst: 1 }, () => 0);
    expect(isAllowed(limit, first)).toBe(true);
    expect(isAllowed(limit, second)).toBe(isAnother);
  });

  it('forgets who was quiet for longest, and keeps no more than it can hold', () => {
    const limit = createRateLimit({ perSecond: 0.001, burst: 1 }, () => 0);
    expect(isAllowed(limit, 'first')).toBe(true);
    for (let client = 0; client < 9_999; client += 1) isAllowed(limit, `client-${client}`);
    expect(isAllowed(limit, 'first')).toBe(false);
    for (let client = 0; client < 10_000; client += 1) isAllowed(limit, `other-${client}`);
    expect(isAllowed(limit, 'first')).toBe(true);
  });
});
