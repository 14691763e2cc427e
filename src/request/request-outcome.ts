import type { ServerResponse } from 'node:http';
import type { RequestOutcome } from '../runtime/events.js';

/** How a response ended, by its status and by who cut it off. To be asked once it is closed. */
export function outcomeOf(response: ServerResponse): RequestOutcome {
  const { statusCode, writableFinished, writableEnded } = response;
  if (statusCode >= 500) return 'server_error';
  // HTTP/2 responses don't tell when they are finished.
  const isWhole = (writableFinished as boolean | undefined) ?? writableEnded;
  if (!isWhole) return isClientGone(response) ? 'client_error' : 'server_error';
  return statusCode >= 400 ? 'client_error' : 'ok';
}

/** Of two outcomes of one request the worse; what a guard answered is no outcome of what it guards. */
export function worse(a: RequestOutcome, b: RequestOutcome): RequestOutcome {
  return severity[a] >= severity[b] ? a : b;
}

const severity: Readonly<Record<RequestOutcome, number>> = { ok: 0, client_error: 1, server_error: 2, blocked: 3 };

/** Whether it was the client that ended the connection before its time: by closing or resetting it. */
function isClientGone({ req }: ServerResponse): boolean {
  // HTTP/2 ends a stream, not the connection.
  const { stream } = req as { readonly stream?: { readonly aborted?: boolean } };
  if (stream?.aborted === true) return true;
  const { readableEnded, errored } = req.socket;
  // What the system reports is the network's doing; an error without a system call is the server's own.
  return readableEnded || (errored !== null && 'syscall' in errored);
}
