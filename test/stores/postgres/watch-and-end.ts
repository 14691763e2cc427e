import { Pool } from 'pg';
import { postgresStore } from '../../../src/stores/postgres/postgres-store.js';

/** A process that watches, ends only its own pool, and has nothing else to do. */
const [url = '', schema = ''] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 5_000 });
const store = postgresStore(pool, { schema, pollMs: 50 });
await new Promise<void>((resolve) => {
  store.watch(resolve);
  void store.pushDocument('version: 1\nflags: { a: {} }\n', { by: 'test', reason: 'test' });
});
await pool.end();
console.log('told');
