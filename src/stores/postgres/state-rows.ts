import { type FlagState, isSameProgress } from '../../flags/flag-state.js';
import { readProgress, serializeProgress } from '../../flags/rollout-progress-text.js';
import { sameJson } from '../../flags/same-json.js';
import { readTrip, serializeTrip } from '../../flags/trip-text.js';
import type { Row } from './database.js';

/** A part of the state of which each entry is JSON, in a table of its own. */
export type StateTable = 'rollouts' | 'trips';

type Entry<Table extends StateTable> = FlagState[Table] extends ReadonlyMap<string, infer Value> ? Value : never;

/** The entries by the flags' keys. */
export type StateEntries<Table extends StateTable> = ReadonlyMap<string, Entry<Table>>;

interface StateRows<Table extends StateTable> {
  /** The column that holds an entry. */
  readonly column: string;
  /** The entry, or why it is none. */
  readonly read: (value: unknown) => Entry<Table> | string;
  readonly write: (entry: Entry<Table>) => unknown;
  readonly isSame: (a: Entry<Table>, b: Entry<Table>) => boolean;
}

const stateRows: { readonly [Table in StateTable]: StateRows<Table> } = {
  rollouts: { column: 'progress', read: readProgress, write: serializeProgress, isSame: isSameProgress },
  trips: { column: 'trip', read: readTrip, write: serializeTrip, isSame: sameJson },
};

export const columnOf = (table: StateTable): string => stateRows[table].column;

/**
 * Reads rows that are new, changed, or, without a body, gone. What a hand wrote there and nobody can understand is no
 * entry, as everywhere.
 */
export function applyStateRows<Table extends StateTable>(
  table: Table,
  base: StateEntries<Table>,
  changed: readonly Row[],
): StateEntries<Table> {
  if (changed.length === 0) return base;
  const entries = new Map(base);
  for (const { key, body } of changed) {
    const entry = stateRows[table].read(JSON.parse(body ?? 'null'));
    if (typeof entry === 'string') entries.delete(key ?? '');
    else entries.set(key ?? '', entry);
  }
  return entries;
}

/** The entries of `next` that are new or others, as rows of JSON for `json_to_recordset`; `undefined`: there are none. */
export function changedStateRows<Table extends StateTable>(
  table: Table,
  before: StateEntries<Table>,
  next: StateEntries<Table>,
): string | undefined {
  const { column, write, isSame } = stateRows[table];
  const changed = [...next].filter(([key, entry]) => {
    const former = before.get(key);
    return former === undefined || !isSame(former, entry);
  });
  if (changed.length === 0) return undefined;
  return JSON.stringify(changed.map(([key, entry]) => ({ flag_key: key, [column]: write(entry) })));
}
