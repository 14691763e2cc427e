import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  checkOptions,
  isDuration,
  isObject,
  isText,
  isWholeNumber,
  type OptionChecks,
} from '../../../options/check-options.js';
import type { NotifyRollout, RolloutNotice } from './rollout-notice.js';

export interface RolloutWebhookOptions {
  /** Where notices are posted: `https://…`, or `http://…` inside your own network. It may hold a secret, and is never logged. */
  readonly url: string;
  /** Signs what is posted, so that whoever gets it can be sure: see `verifyWebhook`; at least 16 characters. Left out: unsigned. */
  readonly secret?: string;
  /** `halyard`: the notice as JSON. `slack`: `{ text }`, for Slack, Mattermost and others like it. Default: `halyard`. */
  readonly format?: 'halyard' | 'slack' | undefined;
  /** Which notices. Default: all but `start`. */
  readonly types?: readonly RolloutNotice['type'][] | undefined;
  /** Sent with each post, such as `authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How long one attempt may take, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number | undefined;
  /** How often it is tried, at growing distances of about 1 s, 4 s, 16 s, …: 1 to 10 times. Default: 5. */
  readonly attempts?: number | undefined;
}

const types: Readonly<Record<RolloutNotice['type'], true>> = {
  start: true,
  promote: true,
  rollback: true,
  complete: true,
  approval: true,
  hold: true,
  alarm: true,
  changed: true,
  trip: true,
};

const checks: OptionChecks<RolloutWebhookOptions> = {
  url: {
    allowed: 'an address that begins with https:// or http://',
    isRight: isAddress,
    isSecret: true,
    isRequired: true,
  },
  secret: { allowed: 'a text of at least 16 characters', isRight: isSecret, isSecret: true },
  format: { allowed: "'halyard' or 'slack'", isRight: (value) => value === 'halyard' || value === 'slack' },
  types: {
    allowed: `a list of ${Object.keys(types).join(', ')}`,
    isRight: (value) => Array.isArray(value) && value.every((type) => Object.hasOwn(types, String(type))),
  },
  headers: { allowed: 'an object of texts', isRight: isHeaders, isSecret: true },
  timeoutMs: { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration },
  attempts: { allowed: 'a whole number from 1 to 10', isRight: isWholeNumber(1, 10) },
};

const firstRetryMs = 1_000;

/**
 * Posts notices of rollouts and breakers, as `notify` of a controller. What can't be delivered is tried again, up to
 * `attempts` times and with the same `halyard-delivery` header, so a notice may come twice. A redirection is a failure.
 * @throws TypeError for a wrong option
 */
export function rolloutWebhook(options: RolloutWebhookOptions): NotifyRollout {
  checkOptions('rolloutWebhook', options, checks);
  expectSecret(options);
  const wanted = new Set(options.types ?? Object.keys(types).filter((type) => type !== 'start'));
  return async function notifyByWebhook(notice: RolloutNotice): Promise<void> {
    if (wanted.has(notice.type)) await deliver(notice, options);
  };
}

/** @throws Error if the last attempt failed too */
async function deliver(notice: RolloutNotice, options: RolloutWebhookOptions): Promise<void> {
  const { format = 'halyard', attempts = 5 } = options;
  const body = JSON.stringify(format === 'slack' ? { text: asSlackText(notice.text) } : notice, withMaps);
  const delivery = randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    const failure = await post(body, delivery, options);
    if (failure === undefined) return;
    if (attempt >= attempts || failure.isFinal) throw new Error(`The webhook ${failure.text}.`);
    await wait(firstRetryMs * 4 ** (attempt - 1) * (0.5 + Math.random() / 2), undefined, { ref: false });
  }
}

interface Failure {
  /** Without the address, which may hold a secret. */
  readonly text: string;
  /** Another attempt would end alike. */
  readonly isFinal: boolean;
}

async function post(
  body: string,
  delivery: string,
  { url, secret, headers = {}, timeoutMs = 5_000 }: RolloutWebhookOptions,
): Promise<Failure | undefined> {
  const seconds = Math.floor(Date.now() / 1000);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json; charset=utf-8',
        'halyard-delivery': delivery,
        ...(secret === undefined ? {} : { 'halyard-signature': `t=${seconds},v1=${sign(seconds, body, secret)}` }),
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const { status } = response;
    // Too many requests, and a time-out, pass.
    const isFinal = status < 500 && status !== 429 && status !== 408;
    return { text: `answered with status ${status}`, isFinal };
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { text: isLate ? `did not answer within ${timeoutMs} ms` : 'could not be reached', isFinal: false };
  }
}

/** HMAC-SHA256 of the time and the body, in hex. */
export function sign(seconds: number, body: string, secret: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
}

/** JSON has no maps; the failures of a rollout's progress are one. */
function withMaps(_name: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** A reason or an error is no markup: `<!channel>` in it must not call everybody. */
function asSlackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  return ['http:', 'https:'].includes(new URL(value).protocol);
}

/** A secret that is written and not there, mostly from an environment that lacks it, must not become none. */
function expectSecret(options: RolloutWebhookOptions): void {
  if (!Object.hasOwn(options, 'secret') || options.secret !== undefined) return;
  const { allowed } = checks.secret;
  throw new TypeError(
    `rolloutWebhook: option \`secret\`: expected ${allowed}, found undefined. Leave it out to post unsigned.`,
  );
}

/** A short one could be guessed. */
export function isSecret(value: unknown): boolean {
  return isText(value) && (value as string).length >= 16;
}

function isHeaders(value: unknown): boolean {
  return isObject(value) && Object.values(value as object).every((one) => typeof one === 'string');
}
