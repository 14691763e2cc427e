import { createHmac } from 'node:crypto';
import { createSecretCheck } from '../http/credentials.js';
import type { HttpRequest } from '../http/http-request.js';
import { RequestProblem } from '../http/request-problem.js';
import { EVENTS } from './route.js';

/** How the protocol names an event stream: by its address, or by its path at the origin that the client knows. */
export interface EventStreamEntry {
  readonly type: 'sse';
  readonly url?: string;
  readonly endpoint?: { readonly requestUri: string };
  readonly inactivityDelaySec?: number;
}

/** Where clients find the event stream, and whether they know it from us. */
export interface StreamAddress {
  /** Its address, or its path. The same for all requests, so that clients keep their connection. */
  of(request: HttpRequest): string;
  /** What an answer says about it. */
  describe(address: string): EventStreamEntry;
  /** @throws RequestProblem (401) if the address lacks its token */
  check(request: HttpRequest): void;
}

/** @param secrets what addresses are signed with, first the current one; none: the address has no token */
export function createStreamAddress(
  secrets: readonly string[],
  publicUrl: string | undefined,
  inactivitySeconds: number | undefined,
): StreamAddress {
  const tokens = secrets.map(tokenOf);
  const isToken = createSecretCheck(tokens);
  const target = tokens[0] === undefined ? EVENTS : `${EVENTS}?token=${tokens[0]}`;
  const publicAddress = publicUrl === undefined ? undefined : `${publicUrl.replace(/\/$/, '')}${target}`;
  const inactivity = inactivitySeconds === undefined ? {} : { inactivityDelaySec: inactivitySeconds };
  return {
    // Two slashes in front of a path would name another host; browsers take a backslash for one.
    of: ({ mountPath }) => publicAddress ?? `${mountPath}${target}`.replace(/^[\\/]+/, '/'),
    describe: (address) =>
      publicAddress === undefined
        ? { type: 'sse', endpoint: { requestUri: address }, ...inactivity }
        : { type: 'sse', url: address, ...inactivity },
    check({ query }) {
      if (tokens.length === 0 || isToken(query.get('token') ?? '')) return;
      throw new RequestProblem(401, 'The address of the stream is not valid any more. Evaluate the flags again.', {
        'WWW-Authenticate': 'Bearer',
      });
    },
  };
}

/** It lets somebody listen, and nothing else; the secret can't be found from it. */
function tokenOf(secret: string): string {
  return createHmac('sha256', secret).update('halyard:ofrep-events').digest('base64url');
}
