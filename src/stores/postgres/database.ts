/** A row, each column as text. `null`: the column is NULL. */
export type Row = Readonly<Record<string, string | null>>;

/** Texts alone, and only texts are selected: drivers, and what their users have set, agree on no other type. */
export type Parameters = readonly (string | null)[];

/**
 * Runs a statement.
 *
 * @param limitMs how long it may take, in milliseconds; default: the store's `timeoutMs`
 * @throws PostgresStoreError if it fails or takes too long.
 */
export type Query = (sql: string, parameters?: Parameters, limitMs?: number) => Promise<readonly Row[]>;

/** What the store needs of PostgreSQL, whichever client it is given. */
export interface Database {
  readonly query: Query;
  /** Runs statements in one transaction, READ COMMITTED. What `work` throws rolls it back, and is thrown on. */
  transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
  /** Lets go of everything that is still in use, after at most `timeoutMs`. The client itself stays the caller's. */
  close(): Promise<void>;
}

/**
 * The server gives up by itself too, a little earlier, because it can say why. It ends a transaction whose process was
 * stopped in the middle, so that the others can go on.
 */
export async function limitTransaction(query: Query, timeoutMs: number): Promise<void> {
  await query(
    `SELECT set_config('lock_timeout', $1, true) AS lock, set_config('statement_timeout', $2, true) AS statement,
       set_config('idle_in_transaction_session_timeout', '30000', true) AS idle`,
    [0.75, 0.9].map((share) => String(Math.max(1, Math.floor(timeoutMs * share)))),
  );
}
