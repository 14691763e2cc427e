import { randomBytes } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import { Pool } from 'pg';
import { afterAll } from 'vitest';
import { type PostgresClient, type PostgresStore, postgresStore } from '../../../src/stores/postgres/postgres-store.js';
import type { FlagDocument } from '../../../src/flags/flag-document.js';
import { holdsTheContract } from '../../contracts/store.js';
import { withPostgres } from './with-postgres.js';

/** Runs the contract on a database, each test in a schema of its own. */
function contractOn(name: string, client: PostgresClient, run: (sql: string) => Promise<unknown>): void {
  const open = (schema: string, environment = 'default'): PostgresStore =>
    postgresStore(client, { schema, environment });

  const fill = async (store: PostgresStore, document: FlagDocument): Promise<PostgresStore> => {
    await store.pushDocument(JSON.stringify(document), { by: 'test', reason: 'test' });
    return store;
  };

  holdsTheContract(`postgresStore with ${name}`, {
    create: async (document) => {
      const schema = `halyard_${randomBytes(6).toString('hex')}`;
      await (await fill(open(schema), document)).close();
      await run(`ALTER TABLE ${schema}.audit DISABLE TRIGGER append_only`);
      await run(`DELETE FROM ${schema}.audit`);
      return schema;
    },
    open: (schema) => open(schema),
    openEnvironment: (schema, document) => fill(open(schema, 'staging'), document),
    empty: (schema) => run(`DROP SCHEMA ${schema} CASCADE`),
    remove: (schema) => run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`),
    pushesDocuments: true,
    keepsFleet: true,
    keepsUsage: true,
    keepsLeases: true,
  });
}

await withPostgres((url) => {
  const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 5_000 });
  afterAll(() => pool.end());
  contractOn('a Pool of pg', pool, (sql) => pool.query(sql));
});

const pglite = await PGlite.create();
afterAll(() => pglite.close());
contractOn('PGlite', pglite, (sql) => pglite.exec(sql));
