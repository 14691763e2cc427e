import type { FlagStore, WritableFlagStore } from '../../src/stores/flag-store.js';

/** Which store can be written, and through which driver. */
export type WritableKind = keyof typeof opens;

/** Which store a service follows. */
export type StoreKind = WritableKind | 'http';

/** A store as an application would make it, and how it ends. */
export interface OpenStore<Store extends FlagStore = FlagStore> {
  readonly store: Store;
  readonly end: () => Promise<void>;
}

/** One in which the tests write. */
export type OpenWritableStore = OpenStore<WritableFlagStore & Required<Pick<WritableFlagStore, 'pushDocument'>>>;

/** How long a driver waits before it connects again, in milliseconds; `undefined`: as long as it does by default. */
type ReconnectMs = number | undefined;

/** What a Halyard that serves others wants to hear. */
export const token = 'the-first-token-of-the-tests';

/** Opens a store to follow, with the defaults that users get. */
export async function openStore(kind: StoreKind, url: string, reconnectMs?: number): Promise<OpenStore> {
  if (kind !== 'http') return await openWritable(kind, url, reconnectMs);
  const { httpStore } = await import('halyard');
  const store = httpStore(url, { token });
  return { store, end: () => store.close() };
}

/** Opens a store to write in, with the defaults that users get, except that nothing is dropped from the history. */
export function openWritable(kind: WritableKind, url: string, reconnectMs?: number): Promise<OpenWritableStore> {
  return opens[kind](url, reconnectMs);
}

/** Each loads what it needs alone: hundreds of processes start with this. */
const opens = {
  'redis (node-redis)': async (url: string, reconnectMs: ReconnectMs): Promise<OpenWritableStore> => {
    const { createClient } = await import('redis');
    const { redisStore } = await import('halyard/stores/redis');
    const client = createClient({
      url,
      ...(reconnectMs === undefined ? {} : { socket: { reconnectStrategy: () => reconnectMs } }),
    });
    client.on('error', () => undefined);
    await client.connect();
    const store = redisStore(client, redisOptions);
    return { store, end: () => store.close().then(() => client.destroy()) };
  },
  'redis (ioredis)': async (url: string, reconnectMs: ReconnectMs): Promise<OpenWritableStore> => {
    const { Redis } = await import('ioredis');
    const { redisStore } = await import('halyard/stores/redis');
    const client = new Redis(url, reconnectMs === undefined ? {} : { retryStrategy: () => reconnectMs });
    client.on('error', () => undefined);
    const store = redisStore(client, redisOptions);
    return { store, end: () => store.close().then(() => client.disconnect()) };
  },
  postgres: async (url: string, reconnectMs: ReconnectMs): Promise<OpenWritableStore> => {
    const { Pool } = await import('pg');
    const { postgresStore } = await import('halyard/stores/postgres');
    // Connections that are idle soon end, so that they don't hide some that stay.
    const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 5_000, idleTimeoutMillis: 1_000 });
    // A pool connects when it is asked.
    const pace = reconnectMs === undefined ? {} : { pollMs: reconnectMs };
    const store = postgresStore(pool, { environment: 'faults', ...pace });
    return { store, end: () => store.close().then(() => pool.end()) };
  },
} as const;

const redisOptions = { prefix: 'shop', environment: 'faults', historyLength: 1_000_000 };
