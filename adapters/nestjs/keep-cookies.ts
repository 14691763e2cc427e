import type { ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';

/** Fastify's reply, as far as cookies go: it adds one to those that it has. */
interface FastifyReply {
  readonly raw: ServerResponse;
  header(name: 'Set-Cookie', value: string): unknown;
}

/**
 * Hands the cookies that middleware set to Fastify. It writes its own headers over those of Node's response, so that one
 * cookie of a handler's would drop them all.
 */
export function keepCookies(response: ServerResponse, execution: ExecutionContext): void {
  const reply = execution.getType() === 'http' ? execution.getArgByIndex<Partial<FastifyReply>>(1) : {};
  if (reply.raw !== response || reply.header === undefined) return;
  const cookies = [response.getHeader('Set-Cookie') ?? []].flat();
  response.removeHeader('Set-Cookie');
  for (const cookie of cookies) reply.header('Set-Cookie', String(cookie));
}
