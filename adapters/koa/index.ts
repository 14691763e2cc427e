import type { DefaultContext, DefaultState, Middleware, Next, ParameterizedContext } from 'koa';
import type { BooleanFlagKey, Current, Expired } from '../../src/flags/known-flags.js';
import type { Halyard } from '../../src/halyard.js';
import { checkHandler, type FetchHandler } from '../../src/http/fetch-handler.js';
import { serveNode } from '../../src/http/node-listener.js';
import type { FlagsOptions } from '../../src/request/flags-options.js';
import { createKillSwitchGuard, type KillSwitchOptions } from '../../src/request/kill-switch-guard.js';
import type { ProblemResponse } from '../../src/request/problem-response.js';
import type { RequestFlags } from '../../src/request/request-flags.js';
import { createRequestOpener } from '../../src/request/request-opener.js';
import type { RequestTranslation } from '../../src/request/request-translation.js';
import { createRequireFlagGuard, type RequireFlagOptions } from '../../src/request/require-flag-guard.js';
import { runtimeOf } from '../../src/request/runtime-of.js';
import { requestId } from './request-id.js';
import { routePattern } from './route-pattern.js';
import { keepStreamInside } from './streamed-body.js';

export type { FlagsOptions, KillSwitchOptions, RequestFlags, RequireFlagOptions };
export type { AnonymousIdOptions } from '../../src/request/anonymous-id-options.js';
export type { ForcedFlagsOptions } from '../../src/request/forced-flags-options.js';

/** What `flags()` adds to `ctx.state`. For applications with a state of their own: `new Koa<ShopState & FlagsState>()`. */
export interface FlagsState {
  /** The flags of this request, once `flags()` of `halyard/koa` was called. */
  flags: RequestFlags;
}

declare module 'koa' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- where Koa's types are open for additions
  interface DefaultState extends FlagsState {}
}

type AnyContext = ParameterizedContext<unknown, unknown>;

const translation: RequestTranslation<AnyContext> = {
  carrier: (context) => context.req,
  response: (context) => context.res,
  header: (context, name) => context.req.headers[name]?.toString(),
  isSecure: (context) => context.secure,
  route: routePattern,
  id: requestId,
};

/**
 * Puts `ctx.state.flags` on each request, and runs the rest of it inside OpenFeature's transaction context.
 * @throws TypeError for an option that is unknown or wrong
 */
export function flags<State = DefaultState, Context = DefaultContext>(
  halyard: Halyard,
  options: FlagsOptions<ParameterizedContext<State, Context>> = {},
): Middleware<State & FlagsState, Context> {
  const open = createRequestOpener(runtimeOf('flags', halyard), options, translation);
  return async function halyardFlags(context, next) {
    const opened = open(context);
    context.state.flags = opened.flags;
    if (opened.setCookie !== undefined) context.append('Set-Cookie', opened.setCookie);
    const settled = opened.settle();
    if (settled !== undefined) await settled;
    await opened.run(next);
    keepStreamInside(context.body, opened);
  };
}

/**
 * Guards what comes after it with a kill switch: 503 while the flag is off or its breaker open. In any doubt the request
 * passes.
 * @throws TypeError for an option or key that is wrong; Error for a key that the document lacks, with `strictKeys`
 */
export function killSwitch<State = DefaultState, Context = DefaultContext, Key extends BooleanFlagKey = BooleanFlagKey>(
  halyard: Halyard,
  flagKey: Current<Key>,
  options?: KillSwitchOptions<Middleware<State, Context>>,
): Middleware<State, Context>;
/** @deprecated The flag should be gone: remove it from the code, then from the document. */
export function killSwitch<State = DefaultState, Context = DefaultContext>(
  halyard: Halyard,
  flagKey: Expired<BooleanFlagKey>,
  options?: KillSwitchOptions<Middleware<State, Context>>,
): Middleware<State, Context>;
export function killSwitch<State = DefaultState, Context = DefaultContext>(
  halyard: Halyard,
  flagKey: string,
  options: KillSwitchOptions<Middleware<State, Context>> = {},
): Middleware<State, Context> {
  const guard = createKillSwitchGuard(halyard, flagKey, options);
  return function halyardKillSwitch(context, next) {
    return enforce(guard(context.req, context.res), options.fallback, context, next);
  };
}

/**
 * Lets a request pass only if the flag is `true` for it: 404 otherwise, and in any doubt.
 * @throws TypeError for an option or key that is wrong; Error for a key that the document lacks, with `strictKeys`
 */
export function requireFlag<
  State = DefaultState,
  Context = DefaultContext,
  Key extends BooleanFlagKey = BooleanFlagKey,
>(
  halyard: Halyard,
  flagKey: Current<Key>,
  options?: RequireFlagOptions<Middleware<State, Context>>,
): Middleware<State, Context>;
/** @deprecated The flag should be gone: remove it from the code, then from the document. */
export function requireFlag<State = DefaultState, Context = DefaultContext>(
  halyard: Halyard,
  flagKey: Expired<BooleanFlagKey>,
  options?: RequireFlagOptions<Middleware<State, Context>>,
): Middleware<State, Context>;
export function requireFlag<State = DefaultState, Context = DefaultContext>(
  halyard: Halyard,
  flagKey: string,
  options: RequireFlagOptions<Middleware<State, Context>> = {},
): Middleware<State, Context> {
  const guard = createRequireFlagGuard(halyard, flagKey, options);
  return function halyardRequireFlag(context, next) {
    return enforce(guard(context.req, context.res), options.fallback, context, next);
  };
}

/**
 * Serves a handler, such as `ofrepHandler(halyard)` of `halyard/ofrep`. It may stand before or behind body parsers; what
 * isn't the handler's goes on.
 * @throws TypeError if it is no handler
 */
export function serve(handler: FetchHandler<ParameterizedContext>): Middleware {
  checkHandler('serve', handler);
  return function halyardServe(context, next) {
    if (!handler.owns(context.path)) return next();
    // The handler writes to Node's response itself: its event streams don't end.
    context.respond = false;
    const { body } = context.request as { readonly body?: unknown };
    return serveNode(handler, { incoming: context.req, outgoing: context.res, native: context, parsedBody: body });
  };
}

/** Answers through Koa, not over its head: what is mounted around a guard sees and may change the answer. */
function enforce<State, Context>(
  answer: ProblemResponse | undefined,
  fallback: Middleware<State, Context> | undefined,
  context: ParameterizedContext<State, Context>,
  next: Next,
): unknown {
  if (answer === undefined) return next();
  if (fallback !== undefined) return fallback(context, next);
  context.status = answer.status;
  context.set(answer.headers);
  context.body = answer.body;
  return undefined;
}
