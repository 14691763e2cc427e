import { serializeKill } from '../../flags/flag-state-text.js';
import type { FlagState, Kill } from '../../flags/flag-state.js';

/** What is read of a row of `kills`, in SQL: JSON. A hand may have written times that aren't finite. */
export const killColumns = `json_build_object(
  'at', CASE WHEN isfinite(at) THEN round(extract(epoch FROM at) * 1000)::bigint ELSE 0 END,
  'by', by,
  'reason', reason,
  'until', CASE WHEN isfinite(until) THEN round(extract(epoch FROM until) * 1000)::bigint WHEN until = '-infinity' THEN 0 END
)::text`;

export function readKill(text: string): Kill {
  // SQL has made it of the columns above.
  const { until, ...kill } = JSON.parse(text) as Omit<Kill, 'until'> & { readonly until: number | null };
  return until === null ? kill : { ...kill, until };
}

/** Kills as rows of JSON, for `json_to_recordset`; times in milliseconds since the epoch. */
export function killRows(kills: FlagState['kills']): string {
  const rows = Array.from(kills, ([flag_key, kill]) => {
    // As every other store writes it: with times that can be written.
    const { at, by, reason, until } = serializeKill(kill);
    return { flag_key, by, reason, at: Date.parse(at), until: until === undefined ? null : Date.parse(until) };
  });
  return JSON.stringify(rows);
}
