import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
import { createHalyard } from 'halyard';
import { type PostgresStoreOptions, postgresStore, PostgresStoreError } from 'halyard/stores/postgres';
import { Client, Pool } from 'pg';

const why = { by: 'consumer', reason: 'test' };

async function main(): Promise<void> {
  const pglite = await PGlite.create();
  const store = postgresStore(pglite);
  await store.pushDocument('version: 1\nflags: { payments: { kind: operational } }', why);
  const halyard = await createHalyard({ store });
  assert.equal(halyard.boolean('payments', false), true);
  await halyard.kill('payments', why);
  assert.equal(halyard.boolean('payments', true), false);
  assert.equal((await store.verifyAudit()).isIntact, true);
  await halyard.close();
  await pglite.close();

  // Nothing answers there.
  const pool = new Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 5_000 });
  const options: PostgresStoreOptions = { listen: () => new Client({ host: '127.0.0.1', port: 1 }) };
  const unreachable = postgresStore(pool, options);
  await assert.rejects(unreachable.load(), PostgresStoreError);
  await unreachable.close();
  await pool.end();
  console.log('answered');
}

void main();
