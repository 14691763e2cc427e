import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { type CorsOptions, checkCorsOptions } from '../http/cors.js';
import { type Authorise, checkCredentials, type Credentials } from '../http/credentials.js';
import { checkRateLimitOptions, type RateLimitOptions } from '../http/rate-limit.js';
import { checkOptions, isFunction, isObject, isPositive, isWholeNumber } from '../options/check-options.js';
import { secretCheck } from '../options/secret-check.js';

/** What `ofrepHandler()` may be told. `Native` is the framework's own request. */
export interface OfrepOptions<Native = unknown> {
  /**
   * What the server knows about the request's user, for example from its session. The client can't override it: an
   * attribute that is named here is the server's, also where its value is `undefined`. Default: nothing, so that all
   * attributes are what the client says, except the static ones of `createHalyard`.
   *
   * What it leaves out is the client's to say. Behind `flags()`, give it the same function that `context` is, and not
   * `native.flags.context`: this lacks what is missing, and everything where `context` failed.
   */
  readonly trusted?: Trusted<Native> | undefined;
  /**
   * Who is let in: secrets, or a function. 401 without valid credentials; 403 where the function says no to some.
   * Default: everyone.
   */
  readonly auth?: Credentials | Authorise<Native> | undefined;
  /** Which pages of other origins may call. Default: none. */
  readonly cors?: CorsOptions | undefined;
  /** How many requests a client may send to this instance; 429 above. Default: no limit. */
  readonly rateLimit?: RateLimitOptions<Native> | undefined;
  /** How long a request's body may be, in bytes. Default: 65,536. */
  readonly maxBodyBytes?: number | undefined;
  /**
   * The address of what comes before `/ofrep/v1/`, as clients reach it. Needed where a proxy changes the path. Default:
   * the path of the request, at the origin that the client knows.
   */
  readonly publicUrl?: string | undefined;
  /** Tells clients of changes, so that they don't poll. `false`: it doesn't. */
  readonly eventStream?: EventStreamOptions | false | undefined;
}

/** `undefined`: nothing is known. */
export type Trusted<Native> = (
  request: Request,
  native: Native | undefined,
) => EvaluationContext | undefined | null | Promise<EvaluationContext | undefined | null>;

export interface EventStreamOptions {
  /** How often something is sent where nothing happens, in seconds. Default: 15. */
  readonly heartbeatSeconds?: number | undefined;
  /** How many clients may listen to this instance at once; 503 above. Default: 10,000. */
  readonly maxStreams?: number | undefined;
  /** After how long in the background a client closes its stream, in seconds. Default: what the client thinks, mostly 120. */
  readonly inactivitySeconds?: number | undefined;
  /**
   * What the stream's address is signed with, so that only those who were let in know it: browsers send no headers to a
   * stream. At least 32 characters, and the same on all instances. Several are for rotation. Default: the secrets of `auth`;
   * an `auth` function is asked instead.
   */
  readonly secret?: string | readonly string[] | undefined;
}

const WHERE = 'ofrepHandler';
/** The longest that a timer can wait. */
const LONGEST_HEARTBEAT_SECONDS = 2_147_483;

/** @throws TypeError that names the option, what came and what is allowed */
export function checkOfrepOptions<Native>(options: OfrepOptions<Native>): void {
  checkOptions(WHERE, options, {
    trusted: { allowed: 'a function that returns an object of attributes', isRight: isFunction },
    auth: {
      allowed: 'an object with `bearer` or `apiKey`, or a function',
      isRight: (value) => isObject(value) || isFunction(value),
      isSecret: true,
    },
    cors: { allowed: 'an object with `origins`', isRight: isObject },
    rateLimit: { allowed: 'an object with `perSecond`', isRight: isObject },
    maxBodyBytes: { allowed: 'a whole number of bytes from 1', isRight: isWholeNumber(1) },
    publicUrl: {
      allowed: 'an address like https://api.example.com, without a query and without /ofrep/v1',
      isRight: isAddress,
    },
    eventStream: { allowed: 'an object of options, or false', isRight: (value) => value === false || isObject(value) },
  });
  const { auth, cors, rateLimit, eventStream } = options;
  if (auth !== undefined && typeof auth !== 'function') checkCredentials(`${WHERE}: option \`auth\``, auth);
  if (cors !== undefined) checkCorsOptions(`${WHERE}: option \`cors\``, cors);
  if (rateLimit !== undefined) checkRateLimitOptions(`${WHERE}: option \`rateLimit\``, rateLimit);
  if (typeof eventStream === 'object') checkEventStreamOptions(`${WHERE}: option \`eventStream\``, eventStream);
}

function checkEventStreamOptions(where: string, options: EventStreamOptions): void {
  checkOptions(where, options, {
    heartbeatSeconds: {
      allowed: 'a number of seconds above 0, of at most 24 days',
      isRight: (value) => isPositive(value) && (value as number) <= LONGEST_HEARTBEAT_SECONDS,
    },
    maxStreams: { allowed: 'a whole number from 0', isRight: isWholeNumber(0) },
    inactivitySeconds: { allowed: 'a whole number of seconds from 1', isRight: isWholeNumber(1) },
    secret: secretCheck,
  });
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, pathname, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && !/\/ofrep\/v1(?:\/|$)/.test(pathname) && search === '' && hash === '';
}
