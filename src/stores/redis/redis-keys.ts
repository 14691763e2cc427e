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
  /** A hash of the instances that follow the flags, which goes when they have gone. */
  readonly fleet: string;
  /** A hash of when flags were last evaluated anywhere, which goes when none is for long. */
  readonly usage: string;
  /** A hash of fences by the leases' names, which never goes. */
  readonly fences: string;
  /** The holder of the lease with this name, with its fence; it goes when the lease ends. */
  readonly lease: (name: string) => string;
  /** The change that goes first while several writers want to; it ends by itself. */
  readonly turn: string;
  /** The pub/sub channel on which changes are told. */
  readonly channel: string;
}

export function redisKeys(prefix: string, environment: string): RedisKeys {
  const tag = `{${prefix}:${environment}}`;
  return {
    flags: `${tag}:flags`,
    kills: `${tag}:kills`,
    history: `${tag}:history`,
    fleet: `${tag}:fleet`,
    usage: `${tag}:usage`,
    fences: `${tag}:fences`,
    lease: (name) => `${tag}:lease:${name}`,
    turn: `${tag}:turn`,
    channel: `${tag}:changed`,
  };
}

/** Whether this can be a part of a key: braces would end the hash tag early, and a colon would blur its two parts. */
export const isKeyPart = (value: unknown): boolean => typeof value === 'string' && /^[A-Za-z0-9._/-]+$/.test(value);
