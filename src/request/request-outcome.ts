import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestOutcome } from '../runtime/events.js';

/** What a closed response tells of its end. */
export type ClosedResponse = Pick<ServerResponse, 'statusCode' | 'writableEnded' | 'writableFinished' | 'req'>;

/** How a response ended, by its status and by who cut it off. To be asked once it is closed. */
export function outcomeOf(response: ClosedResponse): RequestOutcome {
  const { statusCode, req } = response;
  // Reading half a request fails, and what answers such failures with 500 still did nothing wrong.
  if (!req.complete && isClientGone(req)) return 'client_error';
  if (statusCode >= 500) return 'server_error';
  if (isCutOff(response)) return isClientGone(req) ? 'client_error' : 'server_error';
  return statusCode >= 400 ? 'client_error' : 'ok';
}

/** Of two outcomes of one request the worse; what a guard answered is no outcome of what it guards. */
export function worse(a: RequestOutcome, b: RequestOutcome): RequestOutcome {
  return severity[a] >= severity[b] ? a : b;
}

const severity: Readonly<Record<RequestOutcome, number>> = { ok: 0, client_error: 1, server_error: 2, blocked: 3 };

/** What stands for a request in an application's own tests may have no socket, and no end of its own. */
type AnyRequest = Omit<IncomingMessage, 'socket'> & { readonly socket?: Partial<Socket> | null };

function isCutOff({ writableEnded, writableFinished, req }: ClosedResponse): boolean {
  if (writableFinished) return false;
  // HTTP/2 responses don't tell when they are finished.
  return !writableEnded || (req as AnyRequest).socket?.destroyed === true;
}

/** Whether it was the client that ended the connection before its time: by closing or resetting it. */
function isClientGone(request: AnyRequest): boolean {
  // HTTP/2 ends a stream, not the connection.
  const { stream } = request as { readonly stream?: { readonly aborted?: boolean } };
  const { readableEnded, errored } = request.socket ?? {};
  // What the system reports is the network's doing; an error without a system call is the server's own.
  const isReset = typeof errored === 'object' && errored !== null && 'syscall' in errored;
  return stream?.aborted === true || readableEnded === true || isReset;
}
