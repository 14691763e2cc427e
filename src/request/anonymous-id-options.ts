import { checkOptions, isWholeNumber } from '../options/check-options.js';
import { secretCheck } from '../options/secret-check.js';
import { COOKIE_NAME } from './cookies.js';

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

const isPath = (value: unknown): boolean => typeof value === 'string' && /^\/[\x21-\x3a\x3c-\x7e]*$/.test(value);

const isDomain = (value: unknown): boolean => typeof value === 'string' && /^[\w.-]+$/.test(value);

/** @throws TypeError for an option that is unknown or wrong */
export function checkAnonymousIdOptions(where: string, options: AnonymousIdOptions): void {
  const place = `${where}: option \`anonymous\``;
  checkOptions(place, options, {
    cookie: { allowed: 'a cookie name', isRight: (value) => typeof value === 'string' && COOKIE_NAME.test(value) },
    secret: { ...secretCheck, isRequired: true },
    maxAgeSeconds: { allowed: 'a whole number of seconds from 1', isRight: isWholeNumber(1) },
    secure: { allowed: "true, false or 'auto'", isRight: (value) => typeof value === 'boolean' || value === 'auto' },
    sameSite: {
      allowed: "'lax', 'strict' or 'none'",
      isRight: (value) => ['lax', 'strict', 'none'].includes(value as string),
    },
    path: { allowed: 'a path from `/`', isRight: isPath },
    domain: { allowed: 'a domain like example.com', isRight: isDomain },
  });
  const missing = missingForBrowsers(options);
  if (missing !== undefined) throw new TypeError(`${place}: ${missing}: browsers drop the cookie otherwise.`);
}

/** What a browser wants of such a cookie. It would come without one each time, and be somebody else each time. */
function missingForBrowsers({
  cookie = '',
  secure,
  sameSite,
  path = '/',
  domain,
}: AnonymousIdOptions): string | undefined {
  if (sameSite === 'none' && secure !== true) return "`sameSite: 'none'` needs `secure: true`";
  if (/^__(?:Secure|Host)-/i.test(cookie) && secure !== true) return `\`cookie: '${cookie}'\` needs \`secure: true\``;
  if (/^__Host-/i.test(cookie) && (path !== '/' || domain !== undefined))
    return `\`cookie: '${cookie}'\` needs \`path: '/'\` and no \`domain\``;
  return undefined;
}
