import { type Database, limitTransaction, type Query, type Row } from './database.js';
import type { PgliteClient } from './postgres-client.js';
import { postgresError, PostgresStoreError } from './postgres-error.js';
import { within } from './time-limit.js';

/** PostgreSQL in this process. It has one connection, and lets one transaction in at a time. */
export function pgliteDatabase(client: PgliteClient, name: string, timeoutMs: number): Database {
  let isClosed = false;
  const limited =
    (target: Pick<PgliteClient, 'query'>): Query =>
    async (sql, parameters = [], limitMs = timeoutMs) => {
      if (isClosed) throw new PostgresStoreError(`${name} is closed.`);
      try {
        const answer = target.query(sql, [...parameters]);
        return (await within(limitMs, answer, () => tooLate(limitMs))).rows as readonly Row[];
      } catch (error) {
        throw postgresError(name, error);
      }
    };
  const tooLate = (limitMs: number): Error =>
    new PostgresStoreError(`${name}: PGlite did not answer within ${limitMs} ms (timeoutMs).`);
  return {
    query: limited(client),
    transaction: (work) =>
      client.transaction(async (transaction) => {
        const query = limited(transaction);
        await limitTransaction(query, timeoutMs);
        return await work(query);
      }),
    close: () => {
      isClosed = true;
      return Promise.resolve();
    },
  };
}
