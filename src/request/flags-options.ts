import { type AnonymousIdOptions, checkAnonymousIdOptions } from './anonymous-id-options.js';
import {
  checkOptions,
  isBoolean,
  isDuration,
  isFunction,
  isObject,
  type OptionChecks,
} from '../options/check-options.js';
import { checkForcedFlagsOptions, type ForcedFlagsOptions } from './forced-flags-options.js';
import type { ContextFactory } from './context-factory.js';

/** What `flags()` may be told. `Source` is the framework's request. */
export interface FlagsOptions<Source> {
  /**
   * What is known about the request's user. Default: nothing.
   *
   * A plain function is called once, at the first read of a flag that needs it, so `flags()` may be mounted before
   * authentication. A function written `async` is called and awaited in the middleware, at most `contextTimeoutMs`: mount
   * `flags()` after whatever it needs. A plain function must not return a promise: at the first read it is too late to wait.
   *
   * `undefined` means that nothing is known. One that throws, rejects, takes too long or returns something else lets the
   * request go on with an empty context; that is counted, and `contextError` tells why.
   */
  readonly context?: ContextFactory<Source> | undefined;
  /** How long an `async` context is waited for, in milliseconds above 0. Default: 1,000. */
  readonly contextTimeoutMs?: number | undefined;
  /**
   * Runs the rest of the request inside OpenFeature's transaction context, so that OpenFeature's clients see the request's
   * context everywhere. `false` saves what Node's AsyncLocalStorage costs, where no client of OpenFeature is used:
   * OpenFeature's transaction context is then neither read nor set. Default: true.
   */
  readonly transactionContext?: boolean | undefined;
  /** The request's id, for the decision log. Default: the header `x-request-id` if it is short and plain, else `id` on the request. */
  readonly requestId?: (source: Source) => string | undefined;
  /**
   * Gives everyone an id in a signed, http-only cookie. It is the targeting key where nothing else is, and stays in the
   * context as `anonymousId` after login, for flags with `by: anonymousId`. Default: no cookie.
   */
  readonly anonymous?: AnonymousIdOptions | undefined;
  /**
   * Lets requests with a signed, expiring token have variants of their choice: for tests from the outside, in a staging
   * service. `forceFlags` of `halyard/testing` makes tokens. A flag that is off or killed stays so. Default: nobody can.
   */
  readonly forced?: ForcedFlagsOptions | undefined;
}

/** Also for an adapter that takes them among options of its own. */
export const flagsChecks: OptionChecks<FlagsOptions<never>> = {
  context: { allowed: 'a function that returns an object of attributes', isRight: isFunction },
  contextTimeoutMs: { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration },
  transactionContext: { allowed: 'true or false', isRight: isBoolean },
  requestId: { allowed: 'a function that returns a text', isRight: isFunction },
  anonymous: { allowed: 'an object of options, with a `secret`', isRight: isObject },
  forced: { allowed: 'an object of options, with a `secret`', isRight: isObject },
};

/**
 * @param where what the options were given to, for the message
 * @throws TypeError for an option that is unknown or wrong
 */
export function checkFlagsOptions<Source>(where: string, options: FlagsOptions<Source>): void {
  checkOptions<FlagsOptions<never>>(where, options, flagsChecks);
  if (options.anonymous !== undefined) checkAnonymousIdOptions(where, options.anonymous);
  if (options.forced !== undefined) checkForcedFlagsOptions(where, options.forced, process.env['NODE_ENV']);
}
