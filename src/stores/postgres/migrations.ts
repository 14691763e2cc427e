import { show } from '../../options/check-options.js';
import type { Database } from './database.js';
import { isRefusal, PostgresStoreError } from './postgres-error.js';
import { isSchemaName, schemaNameRule, schemaVersion1 } from './schema.js';
import { schemaVersion2 } from './schema-version-2.js';
import { schemaVersion3 } from './schema-version-3.js';
import { schemaVersion4 } from './schema-version-4.js';

/** What makes each version of the schema of the one before it, oldest first. */
const steps: readonly ((schema: string) => string)[] = [schemaVersion1, schemaVersion2, schemaVersion3, schemaVersion4];

/** The version of the schema that this package reads and writes. */
const knownVersion = steps.length;

/** Since this version flags are served whole. What came later, when flags were last evaluated, they do without. */
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
 * Makes sure that the schema is the one that this package knows, or one that it can serve from. Any number of processes may
 * do it at once.
 *
 * @throws PostgresStoreError if it is neither, and may or can't be brought up to date, and if it is newer.
 */
export async function prepareSchema(database: Database, { name, schema, migrate }: SchemaOptions): Promise<void> {
  const found = await versionOf(database, schema);
  if (found === knownVersion) return;
  const isEnough = found >= SERVING_VERSION && found < knownVersion;
  const state = found === 0 ? 'is not there' : `is at version ${found}`;
  if (found > knownVersion) {
    throw new PostgresStoreError(
      `${name}: the schema "${schema}" ${state}, made by a newer Halyard; this one knows versions up to ${knownVersion}. ` +
        'Install that newer version here too.',
    );
  }
  if (!migrate && isEnough) return;
  if (!migrate) {
    throw new PostgresStoreError(
      `${name}: the schema "${schema}" ${state}; this Halyard needs version ${knownVersion}, and \`migrate: false\` ` +
        `forbids it to make it. Run the SQL that \`postgresMigrations('${schema}')\` gives, as the schema's owner, or ` +
        '`halyard push FILES --migrate`.',
    );
  }
  try {
    await database.query(postgresMigrations(schema), [], migrationMs);
  } catch (error) {
    // A role that may only read must go on after an update of this package.
    if (!isEnough || !isRefusal(error)) throw error;
  }
}

/** 0: there is none. */
async function versionOf(database: Database, schema: string): Promise<number> {
  const table = tableOf(schema);
  const [found] = await database.query(`SELECT to_regclass($1)::text AS name`, [table]);
  if (found?.['name'] == null) return 0;
  const [row] = await database.query(`SELECT max(version)::text AS version FROM ${table}`);
  return Number(row?.['version'] ?? 0);
}
