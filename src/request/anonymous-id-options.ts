import { checkOptions, isWholeNumber } from '../options/check-options.js';
import { COOKIE_NAME } from './cookies.js';
import { checkSecrets } from './secrets.js';

/** Ids for those who are not logged in. */
export interface AnonymousIdOptions {
  /** The cookie's name. Default: `halyard_id`. */
  readonly cookie?: string | undefined;
  /**
   * What the cookie is signed with, at least 32 characters. Of several the first signs and all are accepted: to rotate,
   * put the new one first, and drop the old one when the cookies that it signed may be forgotten.
   */
  readonly secret: string | readonly string[];
  /** How long a browser keeps the id, in seconds, from 1. Default: one year. */
  readonly maxAgeSeconds?: number | undefined;
  /** Whether the cookie travels over TLS alone. Default: `auto`, if it is issued over TLS, as the framework sees it. */
  readonly secure?: boolean | 'auto' | undefined;
  /** `none` needs `secure: true`. Default: `lax`. */
  readonly sameSite?: 'lax' | 'strict' | 'none' | undefined;
  /** Default: `/`. */
  readonly path?: string | undefined;
  /** Default: the host that issued it, alone. */
  readonly domain?: string | undefined;
}

const isAttribute = (value: unknown): boolean => typeof value === 'string' && /^[\x21-\x3a\x3c-\x7e]+$/.test(value);

/** @throws TypeError for an option that is unknown or wrong */
export function checkAnonymousIdOptions(where: string, options: AnonymousIdOptions): void {
  const place = `${where}: option \`anonymous\``;
  checkOptions(place, options, {
    cookie: { allowed: 'a cookie name', isRight: (value) => typeof value === 'string' && COOKIE_NAME.test(value) },
    secret: { allowed: '', isRight: () => true },
    maxAgeSeconds: { allowed: 'a whole number of seconds from 1', isRight: isWholeNumber(1) },
    secure: { allowed: "true, false or 'auto'", isRight: (value) => typeof value === 'boolean' || value === 'auto' },
    sameSite: {
      allowed: "'lax', 'strict' or 'none'",
      isRight: (value) => ['lax', 'strict', 'none'].includes(value as string),
    },
    path: { allowed: 'a path from `/`', isRight: (value) => isAttribute(value) && (value as string).startsWith('/') },
    domain: { allowed: 'a domain', isRight: isAttribute },
  });
  checkSecrets(place, options.secret);
  if (options.sameSite === 'none' && options.secure !== true) {
    throw new TypeError(`${place}: \`sameSite: 'none'\` needs \`secure: true\`: browsers drop the cookie otherwise.`);
  }
}
