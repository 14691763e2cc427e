import { Pool } from 'pg';
import { postgresStore } from '../../../src/stores/postgres/postgres-store.js';

/** A process that watches, ends only its own pool, and has nothing else to do. */
const [url = '', schema = ''] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 5_000 });
const store = postgresStore(pool, { schema, pollMs: 50 });
const told = new Promise<void>((resolve) => void store.watch(resolve));
await store.pushDocument('version: 1\nflags: { a: {} }\n', { by: 'test', reason: 'test' });
await told;
await pool.end();
console.log('told');
