/**
 * Where a store keeps what in Redis. The braces are a hash tag: Redis Cluster keeps all keys of one environment on one
 * node, where a script can change them in one step.
 */
export interface RedisKeys {
  /** A hash: the document's text, the version, and the state as it was last recorded. */
  readonly flags: string;
  /** A hash of its own, for hands: a flag's key, and why and by whom it is killed. */
  readonly kills: string;
  /** A list of changes, newest first. */
  readonly history: string;
  /** The pub/sub channel on which changes are told. */
  readonly channel: string;
}

export function redisKeys(prefix: string, environment: string): RedisKeys {
  const tag = `{${prefix}:${environment}}`;
  return { flags: `${tag}:flags`, kills: `${tag}:kills`, history: `${tag}:history`, channel: `${tag}:changed` };
}

/** Whether this can be a part of a key: braces would end the hash tag early, and a colon would blur its two parts. */
export const isKeyPart = (value: unknown): boolean => typeof value === 'string' && /^[A-Za-z0-9._/-]+$/.test(value);
