import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { Client } from 'pg';
import { createClient } from 'redis';

/** Where the flags of the example are kept. */
export interface Server {
  /** For people, without its password. */
  readonly name: string;
  readonly url: string;
  /** Ends it, if it is one of the example's own. */
  readonly stop: () => Promise<void>;
}

/**
 * At `$REDIS_URL` or `$POSTGRES_URL`; without these in this machine's Redis or PostgreSQL, whichever answers; and where
 * neither does in a PGlite of its own, which other processes reach through a socket.
 */
export async function findServer(): Promise<Server> {
  const url = process.env['REDIS_URL'] ?? process.env['POSTGRES_URL'] ?? (await findLocally());
  return url === undefined ? await startPglite() : { name: nameOf(url), url, stop: () => Promise.resolve() };
}

function nameOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol.startsWith('redis') ? 'Redis' : 'PostgreSQL'} at ${host}`;
}

async function findLocally(): Promise<string | undefined> {
  const redis = 'redis://127.0.0.1:6379';
  if (await isRedis(redis)) return redis;
  const postgres = 'postgres://postgres@127.0.0.1:5432/postgres';
  return (await isPostgres(postgres)) ? postgres : undefined;
}

async function isRedis(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2_000 } });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
    await client.quit();
    return true;
  } catch {
    return false;
  }
}

async function isPostgres(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function startPglite(): Promise<Server> {
  const db = await PGlite.create();
  const server = new PGLiteSocketServer({ db, port: 0, maxConnections: 50 });
  await server.start();
  return {
    name: 'PGlite in this process: no Redis and no PostgreSQL answers',
    url: `postgres://postgres@${server.getServerConn()}/postgres`,
    stop: async () => {
      await server.stop();
      await db.close();
    },
  };
}
