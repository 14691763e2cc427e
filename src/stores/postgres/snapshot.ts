import { emptyFlagState, type FlagState, type Kill } from '../../flags/flag-state.js';
import type { AuditHead } from './audit-chain.js';
import type { Query, Row } from './database.js';
import type { Place } from './schema.js';
import { killColumns, readKill } from './kill-rows.js';
import { applyStateRows } from './state-rows.js';
import {
  assembleDocument,
  type Entries,
  nothingStored,
  readEntry,
  type StoredDocument,
  type Table,
  tables,
} from './stored-document.js';

/** What an environment holds at one moment. Immutable. */
export interface Snapshot {
  readonly lineage: string;
  readonly counter: string;
  readonly stored: StoredDocument;
  readonly state: FlagState;
  /** The newest entry of the audit trail. */
  readonly head: (AuditHead & { readonly isUnsealedHandwork: boolean }) | undefined;
}

export const versionOf = ({ lineage, counter }: Pick<Snapshot, 'lineage' | 'counter'>): string =>
  `${lineage}:${counter}`;

/**
 * Reads an environment, in one statement, so all of it is of one moment. Of the document, only what has changed since
 * `known` is sent; all of it if the database has not come from there, as after a backup was restored.
 *
 * @returns `undefined` if there is no such environment.
 */
export async function readSnapshot(
  query: Query,
  { schema, environment }: Place,
  known: Snapshot | undefined,
): Promise<Snapshot | undefined> {
  const rows = await query(snapshotQuery(schema), [environment, known?.lineage ?? '', known?.counter ?? '-1']);
  const version = rows.find(({ kind }) => kind === 'version');
  if (version === undefined) return undefined;
  const [lineage, counter, since] = [textOf(version['key']), textOf(version['position']), version['body']];
  const base = since === null ? undefined : known;
  return {
    lineage,
    counter,
    stored: applyRows(rows, base?.stored ?? nothingStored),
    state: base?.counter === counter ? base.state : readState(rows, base),
    head: rowsOf(rows, 'audit').map(toHead)[0],
  };
}

/** $1: the environment. $2 and $3: lineage and counter that are known. Whatever is between them and now is `changed`. */
const snapshotQuery = (schema: string): string => `
WITH e AS (
  SELECT lineage, counter, CASE
    WHEN lineage = $2 AND (counter = $3::bigint OR EXISTS (
      SELECT FROM "${schema}".audit WHERE environment = $1 AND lineage = $2 AND counter = $3::bigint))
    THEN $3::bigint END AS since
  FROM "${schema}".environments WHERE name = $1)
SELECT 'version' AS kind, lineage AS key, counter::text AS position, since::text AS body FROM e
UNION ALL (SELECT 'audit', a.sequence::text, digest, CASE WHEN seal IS NULL AND source = 'sql' THEN '' END
  FROM "${schema}".audit a WHERE environment = $1 ORDER BY a.sequence DESC LIMIT 1)
UNION ALL SELECT 'kill', flag_key, NULL, ${killColumns} FROM "${schema}".kills WHERE environment = $1
UNION ALL SELECT 'documents', '', '0', d.head::text FROM e, "${schema}".documents d
  WHERE since IS NULL AND d.environment = $1
UNION ALL (SELECT 'flags', f.key, f.position::text, f.definition::text FROM e, "${schema}".flags f
  WHERE since IS NULL AND f.environment = $1 ORDER BY f.position, f.key)
UNION ALL (SELECT 'segments', s.key, s.position::text, s.definition::text FROM e, "${schema}".segments s
  WHERE since IS NULL AND s.environment = $1 ORDER BY s.position, s.key)
UNION ALL SELECT 'rollouts', r.flag_key, NULL, r.progress::text FROM e, "${schema}".rollouts r
  WHERE since IS NULL AND r.environment = $1
UNION ALL SELECT 'trips', t.flag_key, NULL, t.trip::text FROM e, "${schema}".trips t
  WHERE since IS NULL AND t.environment = $1
UNION ALL SELECT c.part, c.key, coalesce(f.position, s.position, 0)::text,
    coalesce(f.definition::text, s.definition::text, d.head::text, r.progress::text, t.trip::text)
  FROM e JOIN "${schema}".changed c ON c.environment = $1 AND c.counter > e.since
  LEFT JOIN "${schema}".flags f ON c.part = 'flags' AND f.environment = $1 AND f.key = c.key
  LEFT JOIN "${schema}".segments s ON c.part = 'segments' AND s.environment = $1 AND s.key = c.key
  LEFT JOIN "${schema}".documents d ON c.part = 'documents' AND d.environment = $1
  LEFT JOIN "${schema}".rollouts r ON c.part = 'rollouts' AND r.environment = $1 AND r.flag_key = c.key
  LEFT JOIN "${schema}".trips t ON c.part = 'trips' AND t.environment = $1 AND t.flag_key = c.key`;

/** All kills are sent, because they are few; of the rest, what has changed. */
const readState = (rows: readonly Row[], base: Snapshot | undefined): FlagState => ({
  kills: new Map(rowsOf(rows, 'kill').map(toKill)),
  rollouts: applyStateRows('rollouts', (base?.state ?? emptyFlagState).rollouts, rowsOf(rows, 'rollouts')),
  trips: applyStateRows('trips', (base?.state ?? emptyFlagState).trips, rowsOf(rows, 'trips')),
});

/** The rows are new, changed, or, without a body, gone. */
function applyRows(rows: readonly Row[], base: StoredDocument): StoredDocument {
  if (!tables.some((table) => rows.some(({ kind }) => kind === table))) return base;
  const entriesOf = (table: Table): Entries => applyTo(base.entries[table], rowsOf(rows, table));
  return assembleDocument({
    documents: entriesOf('documents'),
    flags: entriesOf('flags'),
    segments: entriesOf('segments'),
  });
}

function applyTo(base: Entries, changed: readonly Row[]): Entries {
  if (changed.length === 0) return base;
  const entries = new Map(base);
  for (const { key, position, body } of changed) {
    if (body === null || body === undefined) entries.delete(textOf(key));
    else entries.set(textOf(key), readEntry(body, Number(position)));
  }
  return entries;
}

const rowsOf = (rows: readonly Row[], kind: string): readonly Row[] => rows.filter((row) => row['kind'] === kind);

const toKill = (row: Row): readonly [string, Kill] => [textOf(row['key']), readKill(textOf(row['body']))];

function toHead(row: Row): AuditHead & { readonly isUnsealedHandwork: boolean } {
  return { sequence: Number(row['key']), digest: textOf(row['position']), isUnsealedHandwork: row['body'] !== null };
}

const textOf = (value: string | null | undefined): string => value ?? '';
