import type { WritableFlagStore } from 'halyard';
import { postgresStore } from 'halyard/stores/postgres';
import { redisStore } from 'halyard/stores/redis';
import { Pool } from 'pg';
import { createClient } from 'redis';

/** A store on a server that may hold other things, and the connection that belongs to it. */
export interface OpenStore {
  readonly store: WritableFlagStore & Required<Pick<WritableFlagStore, 'pushDocument'>>;
  /** How to switch payments off by hand. */
  readonly byHand: string;
  /** Ends the connection. The store was closed by then. */
  readonly end: () => Promise<unknown>;
  /** Removes everything that the run has put there. */
  readonly remove: () => Promise<unknown>;
}

/**
 * @param url of Redis or PostgreSQL
 * @param run each run of the example has flags of its own
 */
export async function openStore(url: string, run: string): Promise<OpenStore> {
  return url.startsWith('redis') ? await openInRedis(url, run) : openInPostgres(url, run);
}

async function openInRedis(url: string, run: string): Promise<OpenStore> {
  const client = createClient({ url });
  client.on('error', (error: Error) => console.error(`Redis: ${error.message}`));
  await client.connect();
  const keyOf = (name: string): string => `{halyard-example:${run}}:${name}`;
  return {
    store: redisStore(client, { prefix: 'halyard-example', environment: run }),
    byHand: `redis-cli -u ${withoutPassword(url)} HSET '${keyOf('kills')}' payments 'by hand'`,
    end: () => client.quit(),
    remove: () => client.del(['flags', 'kills', 'history', 'fleet'].map(keyOf)),
  };
}

function openInPostgres(url: string, run: string): OpenStore {
  const schema = `halyard_example_${run}`;
  const pool = new Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5_000 });
  pool.on('error', (error) => console.error(`PostgreSQL: ${error.message}`));
  return {
    // PGlite's socket passes no notifications on. Changes are found by asking then.
    store: postgresStore(pool, { schema, onWarning: () => undefined }),
    byHand: `psql '${withoutPassword(url)}' -c "INSERT INTO ${schema}.kills (flag_key, reason) VALUES ('payments', 'by hand')"`,
    end: () => pool.end(),
    remove: () => pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`),
  };
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}
