import { describe, expect, it } from 'vitest';
import { createAnonymousIds } from '../../src/request/anonymous-ids.js';

const secret = 'a secret of more than 32 characters';

describe('createAnonymousIds', () => {
  it('formats the cookie as its options say', () => {
    const read = createAnonymousIds({
      secret,
      cookie: 'visitor',
      maxAgeSeconds: 60,
      secure: true,
      sameSite: 'none',
      path: '/shop',
      domain: 'example.com',
    });
    expect(read(undefined, false).setCookie).toMatch(
      /^visitor=\S+; Max-Age=60; Path=\/shop; Domain=example\.com; HttpOnly; Secure; SameSite=None$/,
    );
  });

  it.each([
    [true, false, true],
    [false, true, false],
    ['auto', true, true],
    ['auto', false, false],
  ] as const)('with secure: %s, issued over TLS: %s, marks the cookie: %s', (secure, isSecure, expected) => {
    const { setCookie } = createAnonymousIds({ secret, secure })(undefined, isSecure);
    expect(setCookie?.includes('; Secure')).toBe(expected);
  });

  it('takes the first cookie of its name that it signed itself', () => {
    const read = createAnonymousIds({ secret });
    const { id, setCookie } = read(undefined, false);
    const mine = setCookie!.split(';')[0]!;
    const foreign = createAnonymousIds({ secret: `${secret}, another` })(undefined, false).setCookie!.split(';')[0]!;
    expect(read(`${foreign}; ${mine}`, false)).toEqual({ id, setCookie: undefined });
  });

  it('does not take a cookie that was signed for another name', () => {
    const { id, setCookie } = createAnonymousIds({ secret, cookie: 'one' })(undefined, false);
    const moved = setCookie!.split(';')[0]!.replace('one=', 'other=');
    expect(createAnonymousIds({ secret, cookie: 'other' })(moved, false).id).not.toBe(id);
  });

  it('does not take an id whose signature was changed in one place', () => {
    const read = createAnonymousIds({ secret });
    const { id, setCookie } = read(undefined, false);
    const mine = setCookie!.split(';')[0]!;
    const places = [...mine.matchAll(/[\w-]/g)]
      .map(({ index }) => index)
      .filter((index) => index > 'halyard_id='.length);
    for (const place of places) {
      const changed = mine.slice(0, place) + (mine[place] === '1' ? '2' : '1') + mine.slice(place + 1);
      const found = read(changed, false).id;
      // The last character of base64url has two bits that stand for nothing.
      if (place < mine.length - 1) expect(found).not.toBe(id);
    }
  });

  it('gives everyone another id', () => {
    const read = createAnonymousIds({ secret });
    expect(new Set(Array.from({ length: 100 }, () => read(undefined, false).id)).size).toBe(100);
  });
});
