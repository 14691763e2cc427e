import { toVariantName } from '../flags/names.js';
import { sign, verify } from './signed-value.js';

/** The header that brings a token, unless the service says another. */
export const FORCED_HEADER = 'x-halyard-flags';

/** The cookie that brings a token, unless the service says another. */
export const FORCED_COOKIE = 'halyard-flags';

/** Longer tokens are not looked at: the header has to fit beside others. */
export const LONGEST_TOKEN = 4_096;

/** For how long a token may hold, in seconds: a day. */
export const LONGEST_LIFE_SECONDS = 86_400;

/** No cookie has this name, so that no signature of a cookie's is one of a token. */
const PURPOSE = 'halyard forced flags';

/** Base64url, a dot, and 32 bytes in base64url: whatever else comes was not issued for this, and costs no hash. */
const ISSUED = /^[\w-]+\.[\w-]{43}$/;

/** Variants by flag key, for whoever has the token, and for a while. */
export interface ForcedToken {
  readonly flags: ReadonlyMap<string, string>;
  /** Until when, in milliseconds since the epoch. */
  readonly until: number;
  /** The service that it is meant for; `undefined`: one that asks for none. */
  readonly audience: string | undefined;
}

/** What a token says, or why it says nothing. */
export type ReadToken =
  { readonly token: ForcedToken } | { readonly why: 'malformed' | 'forged' | 'expired' | 'long-lived' | 'for another' };

/** `payload.signature`: `{ flags, exp, aud? }` as JSON in base64url, `exp` in seconds since the epoch. */
export function writeForcedToken({ flags, until, audience }: ForcedToken, secret: string): string {
  const payload = { flags: Object.fromEntries(flags), exp: Math.ceil(until / 1000), aud: audience };
  return sign(Buffer.from(JSON.stringify(payload)).toString('base64url'), PURPOSE, secret);
}

/** @param now milliseconds since the epoch */
export function readForcedToken(
  text: string,
  { secrets, audience }: { readonly secrets: readonly string[]; readonly audience: string | undefined },
  now: number,
): ReadToken {
  if (text.length > LONGEST_TOKEN || !ISSUED.test(text)) return { why: 'malformed' };
  const verified = verify(text, PURPOSE, secrets);
  if (verified === undefined) return { why: 'forged' };
  const token = parsePayload(verified.value);
  if (token === undefined) return { why: 'malformed' };
  if (token.audience !== audience) return { why: 'for another' };
  if (now >= token.until) return { why: 'expired' };
  return token.until - now > LONGEST_LIFE_SECONDS * 1000 + ROUNDED_MS ? { why: 'long-lived' } : { token };
}

/** `exp` has whole seconds. */
const ROUNDED_MS = 1_000;

/** `undefined` if it is no payload: whoever has the secret may have made it by hand. */
function parsePayload(encoded: string): ForcedToken | undefined {
  const payload = parseObject(Buffer.from(encoded, 'base64url').toString());
  const { flags, exp, aud: audience } = payload ?? {};
  if (typeof exp !== 'number' || !isMapping(flags)) return undefined;
  if (audience !== undefined && typeof audience !== 'string') return undefined;
  const variants = Object.entries(flags);
  if (!variants.every(isForcedVariant)) return undefined;
  const named = variants.map(([key, variant]): [string, string] => [key, toVariantName(variant)]);
  return { flags: new Map(named), until: exp * 1000, audience };
}

const isForcedVariant = (entry: readonly [string, unknown]): entry is [string, string | boolean] =>
  typeof entry[1] === 'string' || typeof entry[1] === 'boolean';

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
