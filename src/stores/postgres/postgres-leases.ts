import { expectLeaseRequest, type Lease, LeaseLostError, type LeaseRegister } from '../lease-register.js';
import type { Query } from './database.js';
import type { Place } from './schema.js';

/**
 * Leases in a table, by the database's clock. A fence is the time at which its lease was taken, in milliseconds, or one
 * more than before: a database that was emptied, or loses its latest changes, doesn't give one twice.
 */
export function postgresLeases(query: Query, { schema, environment }: Place): LeaseRegister {
  const table = `"${schema}".leases`;
  const now = 'clock_timestamp()';
  const end = `${now} + $4::double precision * interval '1 millisecond'`;
  const time = `floor(extract(epoch FROM ${now}) * 1000)::bigint`;
  return {
    take: async (name, holder, forMs) => {
      expectLeaseRequest(name, holder, forMs);
      const [row] = await query(
        `INSERT INTO ${table} AS l (environment, name, holder, fence, until) VALUES ($1, $2, $3, ${time}, ${end})
         ON CONFLICT (environment, name) DO UPDATE SET holder = EXCLUDED.holder, until = ${end},
           fence = CASE WHEN l.holder = EXCLUDED.holder AND l.until > ${now} THEN l.fence ELSE greatest(l.fence + 1, ${time}) END
         WHERE l.until <= ${now} OR l.holder = EXCLUDED.holder
         RETURNING fence::text AS fence`,
        [environment, name, holder, String(forMs)],
      );
      return row === undefined ? undefined : { name, holder, fence: Number(row['fence']) };
    },
    release: async ({ name, fence }) => {
      await query(
        `UPDATE ${table} SET until = '-infinity' WHERE environment = $1 AND name = $2 AND fence = $3::bigint`,
        [environment, name, String(fence)],
      );
    },
  };
}

/**
 * Keeps a lease from being taken until the transaction ends.
 *
 * @throws LeaseLostError if it is no longer the one that counts.
 */
export async function holdLease(query: Query, { schema, environment }: Place, lease: Lease): Promise<void> {
  const [row] = await query(
    `SELECT fence::text AS fence FROM "${schema}".leases WHERE environment = $1 AND name = $2 FOR SHARE`,
    [environment, lease.name],
  );
  if (row?.['fence'] !== String(lease.fence)) throw new LeaseLostError(lease);
}
