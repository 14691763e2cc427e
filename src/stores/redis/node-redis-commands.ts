import type { RedisCommands, Subscription, SubscriptionListener } from './redis-commands.js';
import { runScript } from './run-script.js';

interface ScriptInput {
  keys: string[];
  arguments: string[];
}

/** A client of node-redis 4 or newer: of `createClient` or `createCluster`. It must be connected. */
export interface NodeRedisClient {
  eval(script: string, input: ScriptInput): Promise<unknown>;
  evalSha(sha1: string, input: ScriptInput): Promise<unknown>;
  duplicate(): object;
}

/** What `duplicate` gives. */
interface Connection {
  on(event: 'ready' | 'error' | 'reconnecting' | 'end', listener: () => void): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Not on a cluster. */
  unref?(): void;
  /** From 5 on. */
  destroy?(): void;
  /** Up to 4. */
  disconnect?(): Promise<unknown>;
}

export function nodeRedisCommands(client: NodeRedisClient): RedisCommands {
  return {
    run: (script, keys, parameters) => {
      const input = { keys: [...keys], arguments: [...parameters] };
      return runScript(
        script,
        (sha1) => client.evalSha(sha1, input),
        (text) => client.eval(text, input),
      );
    },
    subscribe: (channel, listener) => subscribe(client.duplicate() as Connection, channel, listener),
  };
}

function subscribe(connection: Connection, channel: string, listener: SubscriptionListener): Subscription {
  let isOver = false;
  // Ended while it connects, node-redis connects all the same, and then can't be ended any more.
  let isConnecting = true;
  const settle = (): void => {
    isConnecting = false;
    if (isOver) void end(connection);
  };
  const close = (): void => {
    isOver = true;
    if (!isConnecting) void end(connection);
  };
  const lose = (): void => {
    if (isOver) return;
    close();
    listener.onLost();
  };
  const start = async (): Promise<void> => {
    await connection.connect();
    connection.unref?.();
    settle();
    await connection.subscribe(channel, (message) => listener.onMessage(message));
  };
  // It reconnects by itself; until then the poll finds what it would have told.
  connection.on('reconnecting', () => (isConnecting = true));
  connection.on('error', settle);
  connection.on('ready', () => {
    settle();
    listener.onReady();
  });
  connection.on('end', lose);
  start().catch(lose);
  return { close };
}

async function end(connection: Connection): Promise<void> {
  try {
    if (connection.destroy === undefined) await connection.disconnect?.();
    else connection.destroy();
  } catch {
    // It was not open.
  }
}
