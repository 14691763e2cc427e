import type { RedisScript } from './redis-scripts.js';

/** What the store needs of Redis, whichever client it is given. */
export interface RedisCommands {
  /** Runs a script in one atomic step. */
  run(script: RedisScript, keys: readonly string[], parameters: readonly string[]): Promise<unknown>;
  /** Listens to a channel on a connection of its own, which comes back by itself after the network was away. */
  subscribe(channel: string, listener: SubscriptionListener): Subscription;
}

export interface SubscriptionListener {
  readonly onMessage: (message: string) => void;
  /** Connected, for the first time or again: messages may have been missed before. */
  readonly onReady: () => void;
  /** It will not come back by itself. */
  readonly onLost: () => void;
}

export interface Subscription {
  /** Ends it and its connection, whatever state that is in. May be called twice. */
  close(): void;
}
