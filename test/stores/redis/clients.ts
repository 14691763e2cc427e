import { Redis as Redis6 } from 'ioredis';
import { Redis as Redis5 } from 'ioredis5';
import { createClient as createClient6 } from 'redis';
import { createClient as createClient4 } from 'redis4';
import type { RedisClient } from '../../../src/stores/redis/redis-store.js';

/** A client as an application would have it, and how the application ends it. */
export interface OpenClient {
  readonly client: RedisClient;
  readonly end: () => void;
}

/** Connects the clients that the store is for, by name. */
export const openClient = {
  'node-redis 4': async (url: string): Promise<OpenClient> => {
    const client = createClient4({ url });
    client.on('error', () => undefined);
    await client.connect();
    return { client, end: () => void client.disconnect().catch(() => undefined) };
  },
  'node-redis 6': async (url: string): Promise<OpenClient> => {
    const client = createClient6({ url });
    client.on('error', () => undefined);
    await client.connect();
    return { client, end: () => client.destroy() };
  },
  'ioredis 5': (url: string): Promise<OpenClient> => openIoredis(new Redis5(url)),
  'ioredis 6': (url: string): Promise<OpenClient> => openIoredis(new Redis6(url)),
} as const;

export type ClientName = keyof typeof openClient;

export const clientNames = Object.keys(openClient) as readonly ClientName[];

/** What both versions have in common. */
type Ioredis = RedisClient & {
  on(event: 'error', listener: () => void): unknown;
  disconnect(): void;
};

function openIoredis(client: Ioredis): Promise<OpenClient> {
  client.on('error', () => undefined);
  return Promise.resolve({ client, end: () => client.disconnect() });
}
