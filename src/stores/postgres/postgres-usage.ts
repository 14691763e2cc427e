import { type FleetRegister, MOST_USED, NoFleetListError, USAGE_LIFE_MS, USAGE_STEP_MS } from '../fleet-register.js';
import type { Query } from './database.js';
import { isSchemaMissing } from './postgres-error.js';
import type { Place } from './schema.js';

/** When flags were last evaluated anywhere, in a table; an older schema has none, and keeps no usage. */
export function postgresUsage(
  ask: Query,
  { schema, environment }: Place,
): Required<Pick<FleetRegister, 'noteUsage' | 'usage'>> {
  const table = `"${schema}".usage`;
  const query: Query = async (...asked) => {
    try {
      return await ask(...asked);
    } catch (error) {
      throw isSchemaMissing(error) ? new NoFleetListError(`The schema "${schema}"`) : error;
    }
  };
  return {
    noteUsage: async (lastEvaluated) => {
      if (lastEvaluated.size === 0) return;
      // In one order, so that processes that note the same flags at once wait for each other, and never in a circle.
      const written = await query(
        `INSERT INTO ${table} AS noted (environment, flag_key, last_evaluated)
         SELECT $1, given.key, least(to_timestamp(given.value::double precision / 1000), clock_timestamp())
         FROM json_each_text($2::json) AS given ORDER BY given.key COLLATE "C"
         ON CONFLICT (environment, flag_key) DO UPDATE SET last_evaluated = EXCLUDED.last_evaluated
         WHERE EXCLUDED.last_evaluated >= noted.last_evaluated + ${ms('$3')}
         RETURNING (xmax = 0)::text AS is_new`,
        [environment, JSON.stringify(Object.fromEntries(lastEvaluated)), String(USAGE_STEP_MS)],
      );
      if (written.some(({ is_new }) => is_new === 'true')) await forgetUnused();
    },
    usage: async () => {
      const rows = await query(
        `SELECT flag_key, round(extract(epoch FROM last_evaluated) * 1000)::bigint::text AS at
         FROM ${table} WHERE environment = $1`,
        [environment],
      );
      return new Map(rows.map(({ flag_key, at }) => [flag_key ?? '', Number(at)]));
    },
  };

  async function forgetUnused(): Promise<void> {
    // What another process notes at this moment stays: to wait for it could end in a circle.
    await query(
      `DELETE FROM ${table} WHERE environment = $1 AND flag_key IN (
         SELECT flag_key FROM ${table} WHERE environment = $1 AND (
           last_evaluated <= clock_timestamp() - ${ms('$2')}
           OR flag_key IN (
             SELECT flag_key FROM ${table} WHERE environment = $1 ORDER BY last_evaluated DESC OFFSET $3::bigint
           )
         ) FOR UPDATE SKIP LOCKED
       )`,
      [environment, String(USAGE_LIFE_MS), String(MOST_USED)],
    );
  }
}

const ms = (parameter: string): string => `${parameter}::double precision * interval '1 millisecond'`;
