import type { ParameterizedContext } from 'koa';

/** The id that another middleware gave a request: in the state, on Koa's context, or, as pino-http does, on Node's request. */
export function requestId(context: ParameterizedContext<unknown, unknown>): unknown {
  return idOf(context.state) ?? idOf(context) ?? idOf(context.req);
}

function idOf(holder: unknown): unknown {
  return (holder as { readonly id?: unknown }).id;
}
