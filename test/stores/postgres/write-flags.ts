import { Pool } from 'pg';
import { postgresStore } from '../../../src/stores/postgres/postgres-store.js';

/** One of several processes that change the same flags: flags and kills `NAME-0`, `NAME-1`, … */
const [url = '', schema = '', name = '', count = '0'] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 5_000 });
const store = postgresStore(pool, { schema, timeoutMs: 60_000 });
for (let index = 0; index < Number(count); index += 1) {
  const key = `${name}-${index}`;
  await store.update((document) => ({ ...document, flags: { ...document.flags, [key]: { rollout: index % 100 } } }), {
    by: name,
    reason: 'test',
    state: ({ kills, ...state }) => ({
      ...state,
      kills: new Map([...kills, [key, { at: 0, by: name, reason: 'test' }]]),
    }),
  });
}
await store.close();
await pool.end();
