import type { FleetInstance, FleetRegister } from '../fleet-register.js';
import type { Query, Row } from './database.js';
import { postgresUsage } from './postgres-usage.js';
import type { Place } from './schema.js';

/** The instances in a table, by the database's clock. Whoever reports removes those that have not for too long. */
export function postgresFleet(query: Query, place: Place): FleetRegister {
  const { schema, environment } = place;
  const table = `"${schema}".instances`;
  const now = 'clock_timestamp()';
  return {
    report: async ({ id, host, pid, startedAt, version }, ttlMs) => {
      await query(
        // Who comes back at this moment stays: to wait for each other could end in a circle.
        `WITH forgotten AS (DELETE FROM ${table} WHERE environment = $1 AND id IN (
           SELECT id FROM ${table} WHERE environment = $1 AND expires <= ${now} AND id <> $2 FOR UPDATE SKIP LOCKED
         ))
         INSERT INTO ${table} (environment, id, host, pid, started_at, version, last_contact, expires)
         VALUES ($1, $2, $3, $4::bigint, $5::double precision, $6, ${now},
           ${now} + $7::double precision * interval '1 millisecond')
         ON CONFLICT (environment, id) DO UPDATE SET host = EXCLUDED.host, pid = EXCLUDED.pid,
           started_at = EXCLUDED.started_at, version = EXCLUDED.version, last_contact = EXCLUDED.last_contact,
           expires = EXCLUDED.expires`,
        [environment, id, host, String(pid), String(startedAt), version ?? null, String(ttlMs)],
      );
    },
    remove: async (id) => {
      await query(`DELETE FROM ${table} WHERE environment = $1 AND id = $2`, [environment, id]);
    },
    list: async () => {
      const rows = await query(
        `SELECT id, host, pid::text AS pid, started_at::text AS started_at, version,
           floor(extract(epoch FROM last_contact) * 1000)::bigint::text AS last_contact
         FROM ${table} WHERE environment = $1 AND expires > ${now} ORDER BY host COLLATE "C", id COLLATE "C"`,
        [environment],
      );
      return rows.map(toInstance);
    },
    ...postgresUsage(query, place),
  };
}

function toInstance({ id, host, pid, started_at, version, last_contact }: Row): FleetInstance {
  return {
    id: id ?? '',
    host: host ?? '',
    pid: Number(pid),
    startedAt: Number(started_at),
    version: version ?? undefined,
    lastContact: Number(last_contact),
  };
}
