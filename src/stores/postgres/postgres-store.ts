import { ChangeFeed } from '../change-feed.js';
import type { ChangeOptions, StoredFlags, WritableFlagStore } from '../flag-store.js';
import type { FleetRegister } from '../fleet-register.js';
import { type AuditHead, type AuditOptions, type AuditReport, AuditSeals } from './audit-chain.js';
import type { Database } from './database.js';
import { PgDatabase } from './pg-database.js';
import { pgliteDatabase } from './pglite-database.js';
import { isPglite, type PgPool, type PostgresClient } from './postgres-client.js';
import { postgresFleet } from './postgres-fleet.js';
import { postgresLeases } from './postgres-leases.js';
import { checkPostgresOptions, type PostgresStoreOptions } from './postgres-options.js';
import { PostgresRecords } from './postgres-records.js';
import { listenerMaker, type ListenOption, noPush, pglitePush, pgPush, type Push } from './push.js';
import type { Place } from './schema.js';
import { StoreInPostgres } from './store-in-postgres.js';

export type { AuditFault, AuditHead, AuditOptions, AuditReport } from './audit-chain.js';
export { postgresMigrations } from './migrations.js';
export type { PgConnection, PgListener, PgliteClient, PgPool, PostgresClient } from './postgres-client.js';
export { PostgresStoreError } from './postgres-error.js';
export type { PostgresStoreOptions } from './postgres-options.js';
export type { ListenOption } from './push.js';

/** A store in PostgreSQL, for a fleet. */
export interface PostgresStore extends WritableFlagStore {
  readonly fleet: FleetRegister;
  /** Whether PostgreSQL tells of changes at this moment; otherwise they are found by asking, within `pollMs`. */
  readonly isListening: boolean;
  /**
   * Replaces the document by a text, YAML or JSON. The state stays. This is how the first document gets into PostgreSQL,
   * and how a deploy brings the next. The flags become rows: comments are not kept.
   *
   * @throws FlagDocumentError if the document has errors: then the former one stays; VersionConflictError.
   */
  pushDocument(text: string, options: ChangeOptions): Promise<StoredFlags>;
  /**
   * Checks the whole audit trail, entry by entry, and names the first that was altered or is missing.
   *
   * @throws TypeError for a head that can't be one.
   */
  verifyAudit(options?: AuditOptions): Promise<AuditReport>;
}

/**
 * Flags in PostgreSQL, a row for each, which many processes follow and change. A change of flags or kills is one
 * transaction, together with its version and its entry in the audit trail; it is told by NOTIFY, and found by asking
 * where that was lost. Kills are a table of their own, for `INSERT INTO halyard.kills` in an emergency.
 *
 * @param client a `Pool` of `pg` 8 or newer, or an instance of PGlite. It stays the caller's: the store borrows a
 * connection for each query, opens one of its own to listen, and closes that one only.
 * @throws TypeError for another client, and for options that can't be meant.
 */
export function postgresStore(client: PostgresClient, options: PostgresStoreOptions = {}): PostgresStore {
  checkPostgresOptions(options);
  const { schema = 'halyard', environment = 'default', pollMs = 1_000, timeoutMs = 4_000 } = options;
  const { migrate = true, auditKey = [], maxBytes = 10_000_000 } = options;
  const { listen, onAuditHead, onWarning } = options;
  const name = `postgres:${schema}:${environment}`;
  const place = { schema, environment };
  const seals = new AuditSeals([auditKey].flat());
  const tellHead = (head: AuditHead): void => callSafely(() => onAuditHead?.(head));
  const warn: Warn = (message, code) =>
    onWarning === undefined ? emitWarning(message, code) : callSafely(() => onWarning(message));
  const { database, push } = isPglite(client)
    ? { database: pgliteDatabase(client, name, timeoutMs), push: pglitePush(client, place, listen) }
    : connect(client, { name, place, timeoutMs, listen, warn });
  const records = new PostgresRecords(database, { name, place, migrate, seals, onAuditHead: tellHead });
  const feed = new ChangeFeed({ pollMs, ask: () => records.ask(), listen: (listener) => push.open(listener) });
  const fleet = postgresFleet(records.query, place);
  const leases = postgresLeases(records.query, place);
  return new StoreInPostgres({ name, place, database, records, feed, push, fleet, leases, maxBytes, timeoutMs });
}

interface Connecting {
  readonly name: string;
  readonly place: Place;
  readonly timeoutMs: number;
  readonly listen: ListenOption | undefined;
  readonly warn: Warn;
}

type Warn = (message: string, code: WarningCode) => void;

type WarningCode = 'HALYARD_NOT_LISTENING' | 'HALYARD_NO_CONNECTION_TIMEOUT';

function connect(
  pool: PgPool,
  { name, place, timeoutMs, listen, warn }: Connecting,
): { database: Database; push: Push } {
  const makeClient = listenerMaker(pool, listen);
  if (isPatientForEver(pool)) {
    warn(
      `${name}: the pool has no \`connectionTimeoutMillis\`: when the network is gone, its connections may hang for a ` +
        'quarter of an hour, and keep their places in it. Give it one, such as `connectionTimeoutMillis: 5_000`.',
      'HALYARD_NO_CONNECTION_TIMEOUT',
    );
  }
  const database = new PgDatabase(pool, { name, timeoutMs });
  const onWarning = (reason: string): void =>
    warn(`${name}: changes are found by asking alone (\`pollMs\`), because ${reason}.`, 'HALYARD_NOT_LISTENING');
  const { query } = database;
  const push = makeClient === undefined ? noPush : pgPush(makeClient, { place, timeoutMs, query, onWarning });
  return { database, push };
}

/** Other pools than pg's don't tell. */
function isPatientForEver({ options }: PgPool): boolean {
  return options !== undefined && !('connectionTimeoutMillis' in options && Boolean(options.connectionTimeoutMillis));
}

function emitWarning(message: string, code: WarningCode): void {
  process.emitWarning(message, { type: 'HalyardWarning', code });
}

/** What the application does when it is told something is no concern of the store's. */
function callSafely(call: () => void): void {
  try {
    call();
  } catch {
    // It does no harm to the store.
  }
}
