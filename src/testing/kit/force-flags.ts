import { toVariantName } from '../../flags/names.js';
import { checkOptions, isObject, isText, isWholeNumber, type OptionChecks, show } from '../../options/check-options.js';
import {
  FORCED_COOKIE,
  FORCED_HEADER,
  LONGEST_LIFE_SECONDS,
  LONGEST_TOKEN,
  writeForcedToken,
} from '../../request/forced-token.js';
import { type Instant, isInstant, toMs } from './test-clock.js';

export interface ForceFlagsOptions {
  /** The service's `forced.secret`, or one of them. */
  readonly secret: string;
  /** For how long the service accepts it, in whole seconds, up to a day. Default: 600. */
  readonly expiresInSeconds?: number | undefined;
  /** The service's `forced.audience`, if it has one. */
  readonly audience?: string | undefined;
  /** The service's `forced.header`. Default: `x-halyard-flags`. */
  readonly header?: string | undefined;
  /** The service's `forced.cookie`. Default: `halyard-flags`. */
  readonly cookie?: string | undefined;
  /** What the service's clock says, where a test has set it. Default: the system's time. */
  readonly now?: Instant | undefined;
}

/** A token that forces variants, in the forms that clients take. */
export interface ForceFlags {
  readonly token: string;
  /** The header's name and value. */
  readonly header: readonly [name: string, token: string];
  /** The header for what takes a mapping: `fetch`, Playwright's `setExtraHTTPHeaders`. */
  readonly headers: Readonly<Record<string, string>>;
  /** `name=token`, for a `Cookie` header. */
  readonly cookie: string;
}

const isSecret = (value: unknown): boolean => typeof value === 'string' && value.length >= 32;

const checks: OptionChecks<ForceFlagsOptions> = {
  secret: { allowed: 'a text of at least 32 characters', isRight: isSecret, isSecret: true },
  expiresInSeconds: {
    allowed: `a whole number of seconds from 1 to ${LONGEST_LIFE_SECONDS}`,
    isRight: isWholeNumber(1, LONGEST_LIFE_SECONDS),
  },
  audience: { allowed: 'a text', isRight: isText },
  header: { allowed: 'the name of a header', isRight: isText },
  cookie: { allowed: 'the name of a cookie', isRight: isText },
  now: { allowed: 'a Date, a text or milliseconds since the epoch', isRight: isInstant },
};

/**
 * A token with which a request to a running service gets these variants, if its `flags()` has the option `forced` with the
 * same secret. Keys and variants that the service doesn't know are ignored there, and a flag that is off or killed stays so.
 *
 * @param variants by flag key: `true` for `on`, `false` for `off`, or a variant's name
 * @throws TypeError for an option that is wrong, a variant that is neither, and more flags than fit into a token
 */
export function forceFlags(
  variants: Readonly<Record<string, string | boolean>>,
  options: ForceFlagsOptions,
): ForceFlags {
  checkOptions('forceFlags', options, checks);
  if ((options.secret as unknown) === undefined) throw new TypeError('forceFlags: needs the `secret` of the service.');
  const { secret, expiresInSeconds = 600, audience, header = FORCED_HEADER, cookie = FORCED_COOKIE } = options;
  const until = toMs(options.now ?? Date.now()) + expiresInSeconds * 1000;
  const token = writeForcedToken({ flags: namesOf(variants), until, audience }, secret);
  if (token.length > LONGEST_TOKEN) {
    throw new TypeError(
      `forceFlags: so many flags make ${token.length} characters, and ${LONGEST_TOKEN} are accepted.`,
    );
  }
  return { token, header: [header, token], headers: { [header]: token }, cookie: `${cookie}=${token}` };
}

function namesOf(variants: unknown): ReadonlyMap<string, string> {
  if (!isObject(variants)) throw new TypeError(`forceFlags: expected variants by flag key, found ${show(variants)}.`);
  const names = Object.entries(variants as object).map(([key, variant]: [string, unknown]): [string, string] => {
    if (typeof variant === 'string' || typeof variant === 'boolean') return [key, toVariantName(variant)];
    throw new TypeError(`forceFlags: \`${key}\`: expected true, false or a variant's name, found ${show(variant)}.`);
  });
  return new Map(names);
}
