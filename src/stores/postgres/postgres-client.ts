import { hasMethods, show } from '../../options/check-options.js';

/** A `Pool` of `pg`, 8 or newer, or of a library that is made like it. */
export interface PgPool {
  /** How many connections it has; a `Client` has no such number. */
  readonly totalCount: number;
  /** What it makes connections of, and how. */
  readonly Client?: new (options: object) => PgListener;
  readonly options?: object;
  connect(): Promise<PgConnection>;
  on(event: 'error', listener: () => void): unknown;
  removeListener(event: 'error', listener: () => void): unknown;
}

/** A connection that a pool lends. */
export interface PgConnection {
  query(sql: string, parameters: (string | null)[]): Promise<{ readonly rows: readonly unknown[] }>;
  release(isBroken?: boolean): void;
  on(event: 'error', listener: () => void): unknown;
  removeListener(event: 'error', listener: () => void): unknown;
}

/** A `Client` of `pg` that isn't connected yet. */
export interface PgListener {
  connect(): Promise<unknown>;
  query(sql: string): Promise<unknown>;
  end(): Promise<unknown>;
  on(event: 'error' | 'end', listener: () => void): unknown;
  on(event: 'notification', listener: (message: { readonly payload?: string | undefined }) => void): unknown;
}

/** An instance of PGlite. */
export interface PgliteClient {
  query(sql: string, parameters: (string | null)[]): Promise<{ readonly rows: readonly unknown[] }>;
  transaction<Result>(work: (transaction: Pick<PgliteClient, 'query'>) => Promise<Result>): Promise<Result>;
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>>;
}

/** A `Pool` of `pg` 8 or newer, or an instance of PGlite. */
export type PostgresClient = PgPool | PgliteClient;

/** @throws TypeError for anything else. */
export function isPglite(client: PostgresClient): client is PgliteClient {
  if (hasMethods('query', 'transaction', 'listen')(client)) return true;
  if (hasMethods('connect', 'on', 'removeListener')(client) && 'totalCount' in client) return false;
  const isSingle = hasMethods('connect', 'query', 'end')(client);
  throw new TypeError(
    `postgresStore: expected a Pool of pg (8 or newer) or an instance of PGlite, found ${
      isSingle ? 'a single Client, which would not come back when its connection is lost' : show(client)
    }.`,
  );
}
