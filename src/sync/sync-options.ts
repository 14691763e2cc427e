import type { Authorise } from '../http/credentials.js';
import { checkRateLimitOptions, type RateLimitOptions } from '../http/rate-limit.js';
import { checkOptions, isFunction, isObject, isWholeNumber } from '../options/check-options.js';

/** What `syncHandler()` may be told. `Native` is the framework's own request. */
export interface SyncOptions<Native = unknown> {
  /**
   * What readers send as `Authorization: Bearer …`; at least 16 characters without white space. Several are for rotation.
   * Either this or `authorise` is required.
   */
  readonly token?: string | readonly string[] | undefined;
  /** Decides by itself who is let in, for example by a client certificate; only `true` lets in. */
  readonly authorise?: Authorise<Native> | undefined;
  /** Where the flags are served. Default: `/halyard`. */
  readonly path?: string | undefined;
  /** How many requests a client may send to this instance; 429 above. Default: no limit. */
  readonly rateLimit?: RateLimitOptions<Native> | undefined;
  /** Tells readers of changes at once. `false`: it doesn't, and they poll. */
  readonly eventStream?: SyncStreamOptions | false | undefined;
  /** Lists the readers among the instances of the fleet. `false`: it doesn't, and `waitForFleet` waits for none of them. */
  readonly fleet?: SyncFleetOptions | false | undefined;
}

export interface SyncStreamOptions {
  /** How often something is sent where nothing happens, in seconds, 1 to 300. Default: 15. */
  readonly heartbeatSeconds?: number | undefined;
  /** How many readers may listen to this instance at once; 503 above, and these poll. Default: 10,000. */
  readonly maxStreams?: number | undefined;
}

export interface SyncFleetOptions {
  /** How many readers that live may be on the list by way of this instance; 503 for more. Default: 10,000. */
  readonly maxInstances?: number | undefined;
}

const WHERE = 'syncHandler';
/** What a header can carry; short ones can be guessed. */
const TOKEN = /^[\x21-\x7e]{16,}$/;
/** No escapes, and no slash at the end. */
const PATH = /^(?:\/[\w.~-]+)+$/;

/** @throws TypeError that names the option, what came and what is allowed; it repeats no secret */
export function checkSyncOptions<Native>(options: SyncOptions<Native>): void {
  checkOptions(WHERE, options, {
    token: {
      allowed: 'a text of at least 16 letters, digits and signs without white space, or several',
      isRight: (value) => isListOfTokens([value].flat()),
      isSecret: true,
    },
    authorise: { allowed: 'a function that returns true or false', isRight: isFunction },
    path: {
      allowed: 'a path like /halyard, without a slash at its end',
      isRight: (value) => typeof value === 'string' && PATH.test(value),
    },
    rateLimit: { allowed: 'an object with `perSecond`', isRight: isObject },
    eventStream: optionsOrFalse,
    fleet: optionsOrFalse,
  });
  const { token, authorise, rateLimit, eventStream, fleet } = options;
  if ((token === undefined) === (authorise === undefined)) {
    throw new TypeError(`${WHERE}: expected either \`token\` or \`authorise\`: flags are served to nobody unknown.`);
  }
  if (rateLimit !== undefined) checkRateLimitOptions(`${WHERE}: option \`rateLimit\``, rateLimit);
  if (typeof eventStream === 'object') checkStreamOptions(eventStream);
  if (typeof fleet === 'object') checkFleetOptions(fleet);
}

const optionsOrFalse = {
  allowed: 'an object of options, or false',
  isRight: (value: unknown): boolean => value === false || isObject(value),
};

function isListOfTokens(values: readonly unknown[]): boolean {
  return values.length > 0 && values.every((value) => typeof value === 'string' && TOKEN.test(value));
}

function checkStreamOptions(options: SyncStreamOptions): void {
  checkOptions(`${WHERE}: option \`eventStream\``, options, {
    heartbeatSeconds: {
      allowed: 'a number of seconds from 1 to 300',
      isRight: (value) => typeof value === 'number' && value >= 1 && value <= 300,
    },
    maxStreams: { allowed: 'a whole number from 0', isRight: isWholeNumber(0) },
  });
}

function checkFleetOptions(options: SyncFleetOptions): void {
  checkOptions(`${WHERE}: option \`fleet\``, options, {
    maxInstances: { allowed: 'a whole number from 0', isRight: isWholeNumber(0) },
  });
}
