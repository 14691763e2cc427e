/** Redis could not be asked, or did not answer in time. Holds no secret. */
export class RedisStoreError extends Error {
  override readonly name = 'RedisStoreError';
}

/** What failed, and what to do about it. */
export function redisError(name: string, error: unknown): RedisStoreError {
  const cause = plainCause(error);
  const [, hint] = hints.find(([pattern]) => pattern.test(cause.message)) ?? [];
  const message = `${name}: ${cause.message.replace(/\.$/, '')}.`;
  return new RedisStoreError(hint === undefined ? message : `${message} ${hint}`, { cause });
}

/** Whether the user whom the client is has no right to what was asked. Redis puts it otherwise within a script. */
export const isNoPermission = ({ message }: Error): boolean => noPermission.test(message);

const noPermission = /^NOPERM|The user executing the script can't/;

const hints: readonly (readonly [RegExp, string])[] = [
  [noPermission, 'The user of this client lacks a right: docs/redis.md lists what it needs.'],
  [/^(?:WRONGPASS|NOAUTH)/, "Check the client's user and password."],
  [/^READONLY/, 'This is a replica: writers need a client of the primary.'],
  [/client is closed|connection is closed/i, 'Connect the client first, and close it after the store.'],
];

/**
 * What the client threw, without what hangs on it: ioredis keeps the whole command on its errors, with the password of
 * an AUTH and the text of a document, and a logger would write all that down.
 */
function plainCause(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const plain = new Error(error.message);
  plain.name = error.name;
  if (error.stack !== undefined) plain.stack = error.stack;
  return plain;
}
