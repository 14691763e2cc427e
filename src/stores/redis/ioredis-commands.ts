import type {
  RedisCommands,
  ScriptConnection,
  ScriptRunner,
  Subscription,
  SubscriptionListener,
} from './redis-commands.js';
import { runScript } from './run-script.js';

interface Scripting {
  eval(script: string, numberOfKeys: number, ...parameters: string[]): Promise<unknown>;
  evalsha(sha1: string, numberOfKeys: number, ...parameters: string[]): Promise<unknown>;
}

/** A client of ioredis 5 or newer: `Redis` or `Cluster`. */
export interface IoredisClient extends Scripting {
  duplicate(): object;
}

/** What `duplicate` gives. */
interface Connection extends Scripting {
  readonly stream?: { unref?(): void };
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'connect' | 'ready' | 'error' | 'end', listener: () => void): unknown;
  subscribe(channel: string): Promise<unknown>;
  disconnect(): void;
}

export function ioredisCommands(client: IoredisClient): RedisCommands {
  return {
    ...runner(client),
    connect: () => connect(duplicate(client)),
    subscribe: (channel, listener) => subscribe(duplicate(client), channel, listener),
  };
}

function runner(client: Scripting): ScriptRunner {
  return {
    run: (script, keys, parameters) =>
      runScript(
        script,
        (sha1) => client.evalsha(sha1, keys.length, ...keys, ...parameters),
        (text) => client.eval(text, keys.length, ...keys, ...parameters),
      ),
  };
}

/** A connection that keeps no process alive. */
function duplicate(client: IoredisClient): Connection {
  const connection = client.duplicate() as Connection;
  // It reconnects by itself.
  connection.on('error', () => undefined);
  connection.on('connect', () => connection.stream?.unref?.());
  return connection;
}

function connect(connection: Connection): ScriptConnection {
  return { ...runner(connection), close: () => connection.disconnect() };
}

function subscribe(connection: Connection, channel: string, listener: SubscriptionListener): Subscription {
  let isOver = false;
  const close = (): void => {
    isOver = true;
    connection.disconnect();
  };
  const lose = (): void => {
    if (isOver) return;
    close();
    listener.onLost();
  };
  connection.on('ready', () => listener.onReady());
  connection.on('message', (_channel, message) => listener.onMessage(message));
  connection.on('end', lose);
  connection.subscribe(channel).catch(lose);
  return { close };
}
