import type { RedisCommands, Subscription, SubscriptionListener } from './redis-commands.js';
import { runScript } from './run-script.js';

/** A client of ioredis 5 or newer: `Redis` or `Cluster`. */
export interface IoredisClient {
  eval(script: string, numberOfKeys: number, ...parameters: string[]): Promise<unknown>;
  evalsha(sha1: string, numberOfKeys: number, ...parameters: string[]): Promise<unknown>;
  duplicate(): object;
}

/** What `duplicate` gives. */
interface Connection {
  readonly stream?: { unref?(): void };
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'connect' | 'ready' | 'error' | 'end', listener: () => void): unknown;
  subscribe(channel: string): Promise<unknown>;
  disconnect(): void;
}

export function ioredisCommands(client: IoredisClient): RedisCommands {
  return {
    run: (script, keys, parameters) =>
      runScript(
        script,
        (sha1) => client.evalsha(sha1, keys.length, ...keys, ...parameters),
        (text) => client.eval(text, keys.length, ...keys, ...parameters),
      ),
    subscribe: (channel, listener) => subscribe(client.duplicate() as Connection, channel, listener),
  };
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
  // It reconnects by itself; until then the poll finds what it would have told.
  connection.on('error', () => undefined);
  connection.on('connect', () => connection.stream?.unref?.());
  connection.on('ready', () => listener.onReady());
  connection.on('message', (_channel, message) => listener.onMessage(message));
  connection.on('end', lose);
  connection.subscribe(channel).catch(lose);
  return { close };
}
