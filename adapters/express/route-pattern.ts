import type { Request } from 'express';

/** A segment that somebody wrote into a route; anything else may be a user's, because a router can be mounted at `/tenants/:id`. */
const WRITTEN = /^(?:[a-z][a-z_-]{0,31}|v\d{1,3})$/i;

/**
 * The pattern of the route that a request reached, for example `/shop/orders/:id`. Express keeps the path where a router
 * is mounted, but not its pattern, so segments of it that don't look like words are left out as `:param`.
 */
export function routePattern({ route, baseUrl }: Request): string | undefined {
  const pattern = (route as { readonly path?: string | RegExp | (string | RegExp)[] } | undefined)?.path;
  if (pattern === undefined) return undefined;
  const mount = baseUrl.split('/').map((segment) => (segment === '' || WRITTEN.test(segment) ? segment : ':param'));
  return mount.join('/') + String(pattern);
}
