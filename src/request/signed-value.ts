import { createHmac, timingSafeEqual } from 'node:crypto';

/** `value.signature`, HMAC-SHA256 in base64url over purpose and value, so that a signature for one purpose fits no other. */
export function sign(value: string, purpose: string, secret: string): string {
  return `${value}.${signature(value, purpose, secret).toString('base64url')}`;
}

/** The value that was signed, and with which secret (0 is the first); `undefined`: with none of them. */
export function verify(
  signed: string,
  purpose: string,
  secrets: readonly string[],
): { readonly value: string; readonly secretIndex: number } | undefined {
  const dot = signed.lastIndexOf('.');
  if (dot === -1) return undefined;
  const value = signed.slice(0, dot);
  const given = Buffer.from(signed.slice(dot + 1), 'base64url');
  const secretIndex = secrets.findIndex((secret) => isEqual(given, signature(value, purpose, secret)));
  return secretIndex === -1 ? undefined : { value, secretIndex };
}

function signature(value: string, purpose: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${purpose}:${value}`).digest();
}

/** In constant time: how long it takes says nothing about how much was right. */
function isEqual(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
