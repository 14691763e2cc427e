/** How the error is known, also one that another copy of this package threw. */
const CLIENT_GONE = Symbol.for('halyard.client-gone');

/** The client went away before it had sent everything: there is nobody to answer. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';

  constructor() {
    super('The client went away before its request was complete.');
    Object.defineProperty(this, CLIENT_GONE, { value: true });
  }
}

export function isClientGone(error: unknown): error is ClientGoneError {
  return error instanceof Error && CLIENT_GONE in error;
}
