import { randomBytes } from 'node:crypto';
import { type FlagState, isSameKill, type Kill, isSameState } from '../../flags/flag-state.js';
import type { Query } from './database.js';
import { killRows } from './kill-rows.js';
import type { Place } from './schema.js';
import type { Snapshot } from './snapshot.js';
import { changedStateRows, columnOf, type StateEntries, type StateTable } from './state-rows.js';
import { type Entries, type Entry, type Table, type TableEntries, tables } from './stored-document.js';

type Kills = FlagState['kills'];

/** What an environment holds, or is to hold. What is the same object in two of them is the same row. */
export interface Content {
  readonly entries: TableEntries;
  readonly state: FlagState;
}

export const contentOf = ({ stored, state }: Pick<Snapshot, 'stored' | 'state'>): Content => ({
  entries: stored.entries,
  state,
});

export function isSameContent(before: Content, next: Content): boolean {
  const isSameTable = tables.every((table) => isSameRows(before.entries[table], next.entries[table]));
  return isSameTable && isSameState(before.state, next.state);
}

const isSameRows = (before: Entries, next: Entries): boolean =>
  before.size === next.size && Array.from(next).every(([key, entry]) => before.get(key) === entry);

/** Waits until nobody else changes the environment, and holds up the next until the transaction ends. */
export async function awaitTurn(query: Query, { schema, environment }: Place): Promise<void> {
  await query(`SELECT "${schema}".await_turn($1)::text AS turn`, [environment]);
}

/** Begins the next version; the first of an environment in a lineage of its own. */
export async function beginChange(
  query: Query,
  { schema, environment }: Place,
  isFirst: boolean,
): Promise<Pick<Snapshot, 'lineage' | 'counter'>> {
  const [row] = await query(`SELECT lineage, counter::text AS counter FROM "${schema}".begin_change($1, $2)`, [
    environment,
    isFirst ? `postgres-${randomBytes(4).toString('hex')}` : null,
  ]);
  return { lineage: row?.['lineage'] ?? '', counter: row?.['counter'] ?? '' };
}

/** Writes the rows that are different, and no others. */
export async function writeContent(query: Query, place: Place, before: Content, next: Content): Promise<void> {
  for (const table of tables) {
    const [old, wanted] = [before.entries[table], next.entries[table]];
    const written = [...wanted].filter(([key, entry]) => old.get(key) !== entry);
    const removed = [...old.keys()].filter((key) => !wanted.has(key));
    if (written.length > 0) await query(upsertEntries(place, table), [place.environment, entryRows(written)]);
    if (removed.length > 0) await query(removal(place, table, 'key'), [place.environment, JSON.stringify(removed)]);
  }
  await writeKills(query, place, before.state.kills, next.state.kills);
  await writeState(query, place, 'rollouts', before.state.rollouts, next.state.rollouts);
  await writeState(query, place, 'trips', before.state.trips, next.state.trips);
}

const isSame = (kill: Kill, former: Kill | undefined): boolean => former !== undefined && isSameKill(kill, former);

async function writeKills(query: Query, place: Place, before: Kills, next: Kills): Promise<void> {
  const begun = new Map([...next].filter(([key, kill]) => !isSame(kill, before.get(key))));
  const ended = [...before.keys()].filter((key) => !next.has(key));
  if (begun.size > 0) await query(upsertKills(place), [place.environment, killRows(begun)]);
  if (ended.length > 0) await query(removal(place, 'kills', 'flag_key'), [place.environment, JSON.stringify(ended)]);
}

async function writeState<Table extends StateTable>(
  query: Query,
  place: Place,
  table: Table,
  before: StateEntries<Table>,
  next: StateEntries<Table>,
): Promise<void> {
  const changed = changedStateRows(table, before, next);
  const ended = [...before.keys()].filter((key) => !next.has(key));
  if (changed !== undefined) await query(upsertState(place, table), [place.environment, changed]);
  if (ended.length > 0) await query(removal(place, table, 'flag_key'), [place.environment, JSON.stringify(ended)]);
}

/** $1: the environment. $2: rows as JSON, whose `definition` comes out as it went in, with its keys in their order. */
function upsertEntries({ schema }: Place, table: Table): string {
  if (table === 'documents') {
    return `INSERT INTO "${schema}".documents (environment, head)
      SELECT $1, definition FROM json_to_recordset($2::json) AS r(definition json)
      ON CONFLICT (environment) DO UPDATE SET head = EXCLUDED.head`;
  }
  return `INSERT INTO "${schema}".${table} (environment, key, position, definition)
    SELECT $1, key, position, definition
      FROM json_to_recordset($2::json) AS r(key text, position double precision, definition json)
    ON CONFLICT (environment, key) DO UPDATE SET position = EXCLUDED.position, definition = EXCLUDED.definition`;
}

function entryRows(entries: readonly (readonly [string, Entry])[]): string {
  const rows = entries.map(
    ([key, { position, text }]) => `{"key":${JSON.stringify(key)},"position":${position},"definition":${text}}`,
  );
  return `[${rows.join()}]`;
}

/** $1: the environment. $2: rows as JSON, with times in milliseconds since the epoch. */
const upsertKills = ({ schema }: Place): string => `
  INSERT INTO "${schema}".kills (environment, flag_key, by, reason, at, until)
    SELECT $1, flag_key, by, reason, to_timestamp(at / 1000), to_timestamp(until / 1000)
      FROM json_to_recordset($2::json)
        AS r(flag_key text, by text, reason text, at double precision, until double precision)
    ON CONFLICT (environment, flag_key)
      DO UPDATE SET by = EXCLUDED.by, reason = EXCLUDED.reason, at = EXCLUDED.at, until = EXCLUDED.until`;

/** $1: the environment. $2: rows as JSON. */
function upsertState({ schema }: Place, table: StateTable): string {
  const column = columnOf(table);
  return `
  INSERT INTO "${schema}".${table} (environment, flag_key, ${column})
    SELECT $1, flag_key, ${column} FROM json_to_recordset($2::json) AS r(flag_key text, ${column} json)
    ON CONFLICT (environment, flag_key) DO UPDATE SET ${column} = EXCLUDED.${column}`;
}

/** $1: the environment. $2: keys as JSON. */
const removal = ({ schema }: Place, table: Table | StateTable | 'kills', key: string): string =>
  `DELETE FROM "${schema}".${table} WHERE environment = $1 AND ${key} IN (SELECT json_array_elements_text($2::json))`;
