/** Redis could not be asked, or did not answer in time. Holds no secret. */
export class RedisStoreError extends Error {
  override readonly name = 'RedisStoreError';
}

/**
 * What the client threw, without what hangs on it: ioredis keeps the whole command on its errors, with the password of
 * an AUTH and the text of a document, and a logger would write all that down.
 */
export function plainCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const plain = new Error(error.message);
  plain.name = error.name;
  if (error.stack !== undefined) plain.stack = error.stack;
  return plain;
}
