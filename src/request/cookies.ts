/** A cookie's name is a token (RFC 6265, section 4.1.1). */
export const COOKIE_NAME: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** How a cookie is sent. */
export interface CookieAttributes {
  readonly maxAgeSeconds: number;
  readonly secure: boolean;
  readonly sameSite: 'lax' | 'strict' | 'none';
  readonly path: string;
  readonly domain: string | undefined;
}

/** All values that a `Cookie` header has for a name: a browser sends those of several paths and domains. */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

/** A `Set-Cookie` header. No script can read the cookie. */
export function formatCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { maxAgeSeconds, secure, sameSite, path, domain } = attributes;
  const sameSiteWord = { lax: 'Lax', strict: 'Strict', none: 'None' }[sameSite];
  return [
    `${name}=${value}`,
    `Max-Age=${maxAgeSeconds}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    'HttpOnly',
    ...(secure ? ['Secure'] : []),
    `SameSite=${sameSiteWord}`,
  ].join('; ');
}
