import { createHmac } from 'node:crypto';

/** Below this a key can be guessed. */
export const SHORTEST_KEY_BYTES = 16;

/** How much of the HMAC stands for a unit: 128 bits, which no two units share by chance. */
const PSEUDONYM_LENGTH = 32;

/**
 * What stands for a unit where nobody may read who it is: HMAC-SHA256, in hexadecimal, cut to 128 bits. The same key
 * gives the same pseudonyms everywhere.
 */
export function pseudonym(key: string | Uint8Array, unit: string): string {
  return createHmac('sha256', key).update(unit).digest('hex').slice(0, PSEUDONYM_LENGTH);
}

/** Whether a value is a text or bytes, long enough to be the secret under which units get pseudonyms. */
export function isLongKey(value: unknown): value is string | Uint8Array {
  if (typeof value === 'string') return Buffer.byteLength(value) >= SHORTEST_KEY_BYTES;
  return value instanceof Uint8Array && value.byteLength >= SHORTEST_KEY_BYTES;
}
