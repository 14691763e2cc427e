import type { Request, RequestHandler } from 'express';
import type { BooleanFlagKey, Current, Expired } from '../../src/flags/known-flags.js';
import type { Halyard } from '../../src/halyard.js';
import { checkHandler, type FetchHandler } from '../../src/http/fetch-handler.js';
import { createNodeListener } from '../../src/http/node-listener.js';
import type { FlagsOptions } from '../../src/request/flags-options.js';
import { createKillSwitchGuard, type KillSwitchOptions } from '../../src/request/kill-switch-guard.js';
import type { ProblemResponse } from '../../src/request/problem-response.js';
import type { RequestFlags } from '../../src/request/request-flags.js';
import { createRequestOpener } from '../../src/request/request-opener.js';
import type { RequestTranslation } from '../../src/request/request-translation.js';
import { createRequireFlagGuard, type RequireFlagOptions } from '../../src/request/require-flag-guard.js';
import { runtimeOf } from '../../src/request/runtime-of.js';
import { applicationPrototypes } from './application-prototypes.js';
import { exposeFlags } from './expose-flags.js';
import { routePattern } from './route-pattern.js';

export type { FlagsOptions, KillSwitchOptions, RequestFlags, RequireFlagOptions };
export type { FetchHandler };
export type { AnonymousIdOptions } from '../../src/request/anonymous-id-options.js';
export type { ForcedFlagsOptions } from '../../src/request/forced-flags-options.js';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- where Express's types are open for additions
  namespace Express {
    interface Request {
      /** The flags of this request, once `flags()` of `halyard/express` was called. */
      flags: RequestFlags;
    }
  }
}

type HandlerCall = Parameters<RequestHandler>;

const translation: RequestTranslation<Request> = {
  carrier: (request) => request,
  response: (request) => request.res,
  prototypes: applicationPrototypes,
  header: (request, name) => request.headers[name]?.toString(),
  isSecure: (request) => request.secure,
  route: routePattern,
  id: (request) => (request as { readonly id?: unknown }).id,
};

/**
 * Puts `req.flags` on each request, and runs the rest of it inside OpenFeature's transaction context.
 * @throws TypeError for an option that is unknown or wrong
 */
export function flags(halyard: Halyard, options: FlagsOptions<Request> = {}): RequestHandler {
  const open = createRequestOpener(runtimeOf('flags', halyard), options, translation);
  return function halyardFlags(request, response, next) {
    const opened = open(request);
    exposeFlags(request, opened.flags);
    if (opened.setCookie !== undefined) response.append('Set-Cookie', opened.setCookie);
    const settled = opened.settle();
    if (settled === undefined) opened.run(next);
    else settled.then(() => opened.run(next)).catch(next);
  };
}

/**
 * Guards what comes after it with a kill switch: 503 while the flag is off or its breaker open. In any doubt the request
 * passes.
 * @throws TypeError for an option or key that is wrong; Error for a key that the document lacks, with `strictKeys`
 */
export function killSwitch<Key extends BooleanFlagKey>(
  halyard: Halyard,
  flagKey: Current<Key>,
  options?: KillSwitchOptions<RequestHandler>,
): RequestHandler;
/** @deprecated The flag should be gone: remove it from the code, then from the document. */
export function killSwitch(
  halyard: Halyard,
  flagKey: Expired<BooleanFlagKey>,
  options?: KillSwitchOptions<RequestHandler>,
): RequestHandler;
export function killSwitch(
  halyard: Halyard,
  flagKey: string,
  options: KillSwitchOptions<RequestHandler> = {},
): RequestHandler {
  const guard = createKillSwitchGuard(halyard, flagKey, options);
  return function halyardKillSwitch(request, response, next) {
    enforce(guard(request, response), options.fallback, [request, response, next]);
  };
}

/**
 * Lets a request pass only if the flag is `true` for it: 404 otherwise, and in any doubt.
 * @throws TypeError for an option or key that is wrong; Error for a key that the document lacks, with `strictKeys`
 */
export function requireFlag<Key extends BooleanFlagKey>(
  halyard: Halyard,
  flagKey: Current<Key>,
  options?: RequireFlagOptions<RequestHandler>,
): RequestHandler;
/** @deprecated The flag should be gone: remove it from the code, then from the document. */
export function requireFlag(
  halyard: Halyard,
  flagKey: Expired<BooleanFlagKey>,
  options?: RequireFlagOptions<RequestHandler>,
): RequestHandler;
export function requireFlag(
  halyard: Halyard,
  flagKey: string,
  options: RequireFlagOptions<RequestHandler> = {},
): RequestHandler {
  const guard = createRequireFlagGuard(halyard, flagKey, options);
  return function halyardRequireFlag(request, response, next) {
    enforce(guard(request, response), options.fallback, [request, response, next]);
  };
}

/**
 * Serves a handler, such as `ofrepHandler(halyard)` of `halyard/ofrep`. It may stand before or behind body parsers; what
 * isn't the handler's goes on.
 * @throws TypeError if it is no handler
 */
export function serve(handler: FetchHandler<Request>): RequestHandler {
  checkHandler('serve', handler);
  return createNodeListener(handler);
}

function enforce(answer: ProblemResponse | undefined, fallback: RequestHandler | undefined, call: HandlerCall): void {
  const [, response, next] = call;
  if (answer === undefined) next();
  else if (fallback === undefined) response.writeHead(answer.status, answer.headers).end(answer.body);
  // Express 4 doesn't look at what a handler returns.
  else void Promise.resolve(fallback(...call)).catch(next);
}
