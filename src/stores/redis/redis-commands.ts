import type { RedisScript } from './redis-scripts.js';

/** Runs scripts on a connection, whichever client it is of. */
export interface ScriptRunner {
  /** Runs a script in one atomic step. */
  run(script: RedisScript, keys: readonly string[], parameters: readonly string[]): Promise<unknown>;
}

/** What the store needs of Redis, whichever client it is given. */
export interface RedisCommands extends ScriptRunner {
  /** Another connection like the client's, to run scripts on. Until it is made, what it is to run waits. */
  connect(): ScriptConnection;
  /** Listens to a channel on a connection of its own, which comes back by itself after the network was away. */
  subscribe(channel: string, listener: SubscriptionListener): Subscription;
}

export interface ScriptConnection extends ScriptRunner {
  /** Ends it, whatever state it is in: what it still has to run rejects. May be called twice. */
  close(): void;
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
