import { show } from '../../options/check-options.js';
import type { Database } from './database.js';
import { isRefusal, PostgresStoreError } from './postgres-error.js';
import { isSchemaName, schemaNameRule, schemaVersion1 } from './schema.js';
import { schemaVersion2 } from './schema-version-2.js';
import { schemaVersion3 } from './schema-version-3.js';
import { schemaVersion4 } from './schema-version-4.js';
import { schemaVersion5 } from './schema-version-5.js';

/**
 * What makes each version of the schema of the one before it, oldest first. One that an older Halyard can't live with says
 * so: see {@link schemaVersion5}.
 */
const steps: readonly ((schema: string) => string)[] = [
  schemaVersion1,
  schemaVersion2,
  schemaVersion3,
  schemaVersion4,
  schemaVersion5,
];

/** The version of the schema that this package reads and writes. */
const knownVersion = steps.length;

/** Since this version flags are served whole. What came later, such as when flags were last evaluated, they do without. */
const SERVING_VERSION = 3;

/** How long migrations may take, in milliseconds, with those of other processes that go first. */
const migrationMs = 30_000;

/**
 * The SQL that makes the schema, or brings an older one up to date, for whoever keeps the database: with
 * `migrate: false`, Halyard doesn't run it itself. It is one statement, and does nothing where nothing is to be done;
 * several that run at once wait for each other.
 *
 * @param schema default: `halyard`
 * @throws TypeError for a name that can't be the schema's.
 */
export function postgresMigrations(schema = 'halyard'): string {
  if (!isSchemaName(schema))
    throw new TypeError(`postgresMigrations: expected ${schemaNameRule}, found ${show(schema)}.`);
  const table = tableOf(schema);
  return `DO $halyard$
BEGIN
PERFORM pg_advisory_xact_lock(hashtextextended('halyard migrations of ${schema}', 0));
-- Who waits for a table holds up all who come after: not for long, if a backup or a change without COMMIT keeps it.
PERFORM set_config('lock_timeout', '3s', true);
IF to_regnamespace('"${schema}"') IS NULL THEN
  CREATE SCHEMA "${schema}";
END IF;
IF to_regclass('${table}') IS NULL THEN
  CREATE TABLE ${table} (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
END IF;
${steps.map((step, index) => migration(table, index + 1, step(schema))).join('')}
END
$halyard$;
`;
}

const tableOf = (schema: string): string => `"${schema}".migrations`;

const migration = (table: string, version: number, sql: string): string => `
IF NOT EXISTS (SELECT FROM ${table} WHERE version >= ${version}) THEN
${sql}
INSERT INTO ${table} (version) VALUES (${version});
END IF;
`;

export interface SchemaOptions {
  /** The store's name, for errors. */
  readonly name: string;
  readonly schema: string;
  /** Whether a schema that is missing or old may be made. */
  readonly migrate: boolean;
}

/**
 * Makes sure that the schema is one that this package can serve from, and if it may, that it is no older than what the
 * package knows. Any number of processes may do it at once, also of different versions.
 *
 * @throws PostgresStoreError if it is too old and may or can't be brought up to date, or needs a newer Halyard.
 */
export async function prepareSchema(database: Database, { name, schema, migrate }: SchemaOptions): Promise<void> {
  let found = await recordOf(database, schema);
  if (migrate && found.version < knownVersion) {
    await bringUpToDate(database, schema, found);
    // Meanwhile a newer Halyard may have gone further.
    found = await recordOf(database, schema);
  }
  const { version, needs } = found;
  if (needs > knownVersion) {
    throw new PostgresStoreError(
      `${name}: the schema "${schema}" is at version ${version}, made by a newer Halyard, and needs one that knows ` +
        `version ${needs} or later; this one knows versions up to ${knownVersion}. Install the newer Halyard here too, or ` +
        'restore a backup from before it.',
    );
  }
  if (version < SERVING_VERSION) {
    throw new PostgresStoreError(
      `${name}: the schema "${schema}" ${version === 0 ? 'is not there' : `is at version ${version}`}; this Halyard ` +
        `needs version ${knownVersion}, and \`migrate: false\` forbids it to make it. Run the SQL that ` +
        `\`postgresMigrations('${schema}')\` gives, as the schema's owner, or \`halyard push FILES --migrate\`.`,
    );
  }
}

async function bringUpToDate(database: Database, schema: string, { version }: SchemaRecord): Promise<void> {
  try {
    await database.query(postgresMigrations(schema), [], migrationMs);
  } catch (error) {
    // A role that may only read must go on after an update of this package.
    if (version < SERVING_VERSION || !isRefusal(error)) throw error;
  }
}

/** What the schema says of itself. */
interface SchemaRecord {
  /** 0: there is none. */
  readonly version: number;
  /** The version that a Halyard must know at least to read and write it. */
  readonly needs: number;
}

async function recordOf(database: Database, schema: string): Promise<SchemaRecord> {
  const table = tableOf(schema);
  const [found] = await database.query(`SELECT to_regclass($1)::text AS name`, [table]);
  if (found?.['name'] == null) return { version: 0, needs: 0 };
  // As JSON, because versions before the fifth lack the column.
  const [row] = await database.query(
    `SELECT version::text AS version, to_jsonb(m)->>'needs_version' AS needs FROM ${table} m ORDER BY m.version DESC LIMIT 1`,
  );
  const version = Number(row?.['version'] ?? 0);
  return { version, needs: Number(row?.['needs'] ?? version) };
}
