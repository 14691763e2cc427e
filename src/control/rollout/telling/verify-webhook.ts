import { timingSafeEqual } from 'node:crypto';
import { isSecret, sign } from './webhook.js';

export interface VerifyOptions {
  /** How old a post may be, in seconds: against one that somebody recorded and sends again. Default: 300. */
  readonly toleranceSeconds?: number | undefined;
  /** Milliseconds since the epoch. Default: now. */
  readonly now?: number | undefined;
}

/**
 * Whether a post came from somebody who has the secret, and is fresh: for the receiving end of `rolloutWebhook`.
 *
 * @param body as it arrived, before it was parsed
 * @param signature the header `halyard-signature`
 * @param secrets one, or several while they are changed
 * @throws TypeError for a secret that is too short, such as one that is not set
 */
export function verifyWebhook(
  body: string | Uint8Array,
  signature: string | undefined,
  secrets: string | readonly string[],
  { toleranceSeconds = 300, now = Date.now() }: VerifyOptions = {},
): boolean {
  const known = Array.isArray(secrets) ? (secrets as readonly string[]) : [secrets as string];
  if (known.length === 0 || known.some((secret) => !isSecret(secret))) {
    throw new TypeError('verifyWebhook: expected a secret of at least 16 characters, or several.');
  }
  if (typeof body !== 'string' && !((body as unknown) instanceof Uint8Array)) return false;
  const [, time, digest] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature ?? '') ?? [];
  if (time === undefined || digest === undefined) return false;
  const seconds = Number(time);
  if (!(Math.abs(now / 1000 - seconds) <= toleranceSeconds)) return false;
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const given = Buffer.from(digest, 'hex');
  return known.some((secret) => timingSafeEqual(Buffer.from(sign(seconds, text, secret), 'hex'), given));
}
