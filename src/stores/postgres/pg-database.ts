import { ConnectionQueue } from './connection-queue.js';
import { type Database, limitTransaction, type Parameters, type Query, type Row } from './database.js';
import type { PgConnection, PgPool } from './postgres-client.js';
import { isRefusal, postgresError, PostgresStoreError } from './postgres-error.js';
import { within } from './time-limit.js';

interface PgDatabaseOptions {
  /** The store's name, for errors. */
  readonly name: string;
  /** How long an answer may take, and the wait for a connection, in milliseconds. */
  readonly timeoutMs: number;
}

/** PostgreSQL through a pool. It borrows a connection for each query or transaction, and keeps none. */
export class PgDatabase implements Database {
  readonly #pool: PgPool;
  readonly #name: string;
  readonly #timeoutMs: number;
  readonly #inUse = new Set<BorrowedConnection>();
  readonly #connections: ConnectionQueue;
  #isClosed = false;

  constructor(pool: PgPool, { name, timeoutMs }: PgDatabaseOptions) {
    this.#pool = pool;
    this.#name = name;
    this.#timeoutMs = timeoutMs;
    this.#connections = new ConnectionQueue(pool, { timeoutMs, noConnection: () => this.#noConnection() });
    // The server ends idle connections when it restarts; a pool without a listener would end the process then.
    pool.on('error', ignore);
  }

  readonly query: Query = (sql, parameters = [], limitMs = this.#timeoutMs) =>
    this.#borrow((borrowed) => this.#run(borrowed, sql, parameters, limitMs));

  transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    return this.#borrow(async (borrowed) => {
      const query: Query = (sql, parameters = [], limitMs = this.#timeoutMs) =>
        this.#run(borrowed, sql, parameters, limitMs);
      await query('BEGIN ISOLATION LEVEL READ COMMITTED');
      try {
        await limitTransaction(query, this.#timeoutMs);
        const result = await work(query);
        await this.#commit(query);
        return result;
      } catch (error) {
        // A connection that can't even roll back is given up, and the server rolls back.
        if (!borrowed.isBroken) await query('ROLLBACK').catch(() => borrowed.breakOff());
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#connections.close(this.#closed());
    const ended = Promise.allSettled(Array.from(this.#inUse, (borrowed) => borrowed.ended));
    await within(this.#timeoutMs, ended, () => this.#tooLate(this.#timeoutMs)).catch(ignore);
    for (const borrowed of this.#inUse) borrowed.breakOff();
    this.#pool.removeListener('error', ignore);
  }

  async #commit(query: Query): Promise<void> {
    try {
      await query('COMMIT');
    } catch (error) {
      if (isRefusal(error)) throw error;
      const { message } = postgresError(this.#name, error);
      throw new PostgresStoreError(`${message} Whether the change was written is not known: load, and look.`, {
        cause: error,
      });
    }
  }

  async #borrow<Result>(work: (borrowed: BorrowedConnection) => Promise<Result>): Promise<Result> {
    const borrowed = new BorrowedConnection(await this.#connect());
    this.#inUse.add(borrowed);
    try {
      return await work(borrowed);
    } finally {
      this.#inUse.delete(borrowed);
      borrowed.giveBack();
    }
  }

  async #connect(): Promise<PgConnection> {
    if (this.#isClosed) throw this.#closed();
    try {
      return await this.#connections.take();
    } catch (error) {
      throw postgresError(this.#name, error);
    }
  }

  async #run(
    borrowed: BorrowedConnection,
    sql: string,
    parameters: Parameters,
    limitMs: number,
  ): Promise<readonly Row[]> {
    if (borrowed.isBroken) throw this.#closed();
    try {
      const result = borrowed.connection.query(sql, [...parameters]);
      return (await within(limitMs, result, () => this.#tooLate(limitMs))).rows as readonly Row[];
    } catch (error) {
      const wrapped = postgresError(this.#name, error);
      // What hangs, or has lost its connection, must not go back into the pool.
      if (!isRefusal(wrapped)) borrowed.breakOff();
      throw wrapped;
    }
  }

  #closed(): PostgresStoreError {
    return new PostgresStoreError(`${this.#name} is closed.`);
  }

  #tooLate(limitMs: number): PostgresStoreError {
    return new PostgresStoreError(`${this.#name}: PostgreSQL did not answer within ${limitMs} ms (timeoutMs).`);
  }

  #noConnection(): PostgresStoreError {
    return new PostgresStoreError(
      `${this.#name}: the pool had no connection within ${this.#timeoutMs} ms (timeoutMs): all of them are in use, ` +
        "or the server doesn't answer. Raise the pool's `max`, or look for clients that were never released.",
    );
  }
}

/** A connection that is borrowed from the pool, until it is given back or broken off. */
class BorrowedConnection {
  readonly connection: PgConnection;
  readonly ended: Promise<void>;
  #end: () => void = ignore;
  #isOver = false;

  constructor(connection: PgConnection) {
    this.connection = connection;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    // The query in progress is told too; without a listener the process would end.
    connection.on('error', ignore);
  }

  /** Whether the connection is given up. */
  get isBroken(): boolean {
    return this.#isOver;
  }

  giveBack(): void {
    if (!this.#isOver) this.connection.removeListener('error', ignore);
    this.#release(false);
  }

  /** Ends the connection, whatever it is doing. It may still raise errors, which nobody needs to hear. */
  breakOff(): void {
    this.#release(true);
  }

  #release(isBroken: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.connection.release(isBroken);
    this.#end();
  }
}

function ignore(): void {
  // Whoever needs to know is told in another way.
}
