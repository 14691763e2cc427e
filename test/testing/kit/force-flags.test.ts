import { forceFlags } from 'halyard/testing';
import { describe, expect, it } from 'vitest';

const secret = 'a secret of more than 32 characters, first';

describe('forceFlags', () => {
  it('gives one token in the forms that clients take', () => {
    const { token, header, headers, cookie } = forceFlags({ 'new-checkout': true, 'button-color': 'a' }, { secret });
    expect(header).toEqual(['x-halyard-flags', token]);
    expect(headers).toEqual({ 'x-halyard-flags': token });
    expect(cookie).toBe(`halyard-flags=${token}`);
  });

  it('says in the token which variants, and until when', () => {
    const now = '2027-01-10T09:00:00Z';
    const { token } = forceFlags(
      { a: true, b: false, c: 'red' },
      { secret, now, audience: 'shop', expiresInSeconds: 60 },
    );
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString());
    expect(payload).toEqual({ flags: { a: 'on', b: 'off', c: 'red' }, exp: Date.parse(now) / 1000 + 60, aud: 'shop' });
  });

  it.each<[string, Record<string, unknown>, object, string]>([
    ['no secret', {}, {}, 'forceFlags: needs the `secret` of the service.'],
    ['a short secret', {}, { secret: 'hunter2' }, 'a text of at least 32 characters, found something else.'],
    [
      'a life of more than a day',
      {},
      { secret, expiresInSeconds: 90_000 },
      'a whole number of seconds from 1 to 86400',
    ],
    ['a number as a variant', { a: 1 }, { secret }, "`a`: expected true, false or a variant's name, found 1."],
    [
      'more than fits',
      Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`flag-${i}`, 'on'])),
      { secret },
      '4096',
    ],
  ])('throws for %s', (_, variants, options, message) => {
    expect(() => forceFlags(variants as Record<string, boolean>, options as { secret: string })).toThrow(message);
  });
});
