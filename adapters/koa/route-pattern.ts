import type { ParameterizedContext } from 'koa';

/**
 * The pattern of the route that a request reached, for example `/shop/orders/:id`, as @koa/router tells it: with the
 * prefixes of the routers around it, without the path where koa-mount mounted them.
 */
export function routePattern(context: ParameterizedContext<unknown, unknown>): string | undefined {
  const { _matchedRoute: pattern } = context as RoutedContext;
  return pattern === undefined ? undefined : String(pattern);
}

/** What @koa/router, and koa-router before it, leave on the context. */
interface RoutedContext {
  readonly _matchedRoute?: string | RegExp;
}
