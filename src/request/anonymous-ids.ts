import { randomUUID } from 'node:crypto';
import type { AnonymousIdOptions } from './anonymous-id-options.js';
import { cookieValues, formatCookie } from './cookies.js';
import { sign, verify } from './signed-value.js';

/** Who sent a request, as far as a cookie tells. */
export interface AnonymousId {
  readonly id: string;
  /** The `Set-Cookie` header that the answer needs: for a new id, or one that an older secret signed. */
  readonly setCookie: string | undefined;
}

/** A UUID, a dot, and 32 bytes in base64url: whatever else comes was not issued here, and costs no hash. */
const ISSUED = /^[0-9a-f-]{36}\.[\w-]{43}$/;

/** Above this many cookies of one name no more are looked at. */
const MOST_CANDIDATES = 4;

const ONE_YEAR = 365 * 24 * 60 * 60;

/**
 * Reads the anonymous id of a request from its `Cookie` header, and issues one where there is none or it is forged.
 * @param options checked before
 */
export function createAnonymousIds(
  options: AnonymousIdOptions,
): (cookieHeader: string | undefined, isSecure: boolean) => AnonymousId {
  const {
    cookie = 'halyard_id',
    maxAgeSeconds = ONE_YEAR,
    secure = 'auto',
    sameSite = 'lax',
    path = '/',
    domain,
  } = options;
  const secrets = [options.secret].flat() as [string, ...string[]];

  const issue = (id: string, isSecure: boolean): AnonymousId => {
    const attributes = { maxAgeSeconds, secure: secure === 'auto' ? isSecure : secure, sameSite, path, domain };
    return { id, setCookie: formatCookie(cookie, sign(id, cookie, secrets[0]), attributes) };
  };

  return (cookieHeader, isSecure) => {
    const candidates = cookieValues(cookieHeader, cookie).filter((value) => ISSUED.test(value));
    for (const candidate of candidates.slice(0, MOST_CANDIDATES)) {
      const verified = verify(candidate, cookie, secrets);
      if (verified === undefined) continue;
      const { value, secretIndex } = verified;
      return secretIndex === 0 ? { id: value, setCookie: undefined } : issue(value, isSecure);
    }
    return issue(randomUUID(), isSecure);
  };
}
