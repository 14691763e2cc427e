import { parseChange } from '../change-text.js';
import type { Change, ChangeOptions, Difference } from '../flag-store.js';
import type { AuditEntry, AuditHead, AuditReport, AuditSeals } from './audit-chain.js';
import { type AuditAnchor, AuditWalk } from './audit-walk.js';
import type { Query, Row } from './database.js';
import type { Place } from './schema.js';

/** How many entries are read at once while the trail is walked. */
const pageLength = 500;

/** Appends the entry of a change that was begun, which ends it, and seals it where there is a key. */
export async function appendEntry(
  query: Query,
  place: Place,
  { by, reason }: ChangeOptions,
  difference: readonly Difference[],
  seals: AuditSeals,
): Promise<AuditHead> {
  const [row] = await query(
    `SELECT sequence::text AS sequence, digest FROM "${place.schema}".append_audit($1, $2, $3, $4::json)`,
    [place.environment, by, reason, JSON.stringify(difference)],
  );
  const head = { sequence: Number(row?.['sequence']), digest: row?.['digest'] ?? '' };
  if (seals.areUsed) await sealEntry(query, place, head, seals);
  return head;
}

/** Seals an entry, and with it all before. One that has a seal keeps it. */
export async function sealEntry(
  query: Query,
  { schema, environment }: Place,
  { sequence, digest }: AuditHead,
  seals: AuditSeals,
): Promise<void> {
  await query(
    `UPDATE "${schema}".audit SET seal = $4
      WHERE environment = $1 AND sequence = $2::bigint AND digest = $3 AND seal IS NULL`,
    [environment, String(sequence), digest, seals.seal(digest) ?? null],
  );
}

/** Newest first. */
export async function readHistory(query: Query, place: Place, limit: number): Promise<readonly Change[]> {
  const rows = await query(
    `SELECT content FROM "${place.schema}".audit a WHERE environment = $1 ORDER BY a.sequence DESC LIMIT $2::bigint`,
    [place.environment, String(limit)],
  );
  return rows.map(({ content }) => parseChange(content ?? '')).filter((change) => change !== undefined);
}

export interface AuditWalkStart {
  readonly seals: AuditSeals;
  /** The entry that must still be there as it was. */
  readonly head: AuditHead | undefined;
}

/** Walks the trail from its first entry to its last, page by page. */
export async function verifyTrail(query: Query, place: Place, { seals, head }: AuditWalkStart): Promise<AuditReport> {
  const { environment } = place;
  const known = await readKnown(query, place);
  const passed = head === undefined ? [] : [{ ...head, keptBy: 'the head that was passed' }];
  const anchors = [...passed, ...known.anchors];
  const walk = new AuditWalk({ seals, environment, version: known.version, anchors });
  let page: readonly AuditEntry[];
  let last = 0;
  do {
    page = await readPage(query, place, last);
    for (const entry of page) walk.next(entry);
    last = page.at(-1)?.sequence ?? last;
  } while (page.length === pageLength && walk.fault === undefined);
  walk.end();
  const { fault, sealedUpTo } = walk;
  return { isIntact: fault === undefined, fault, head: walk.head, sealedUpTo };
}

/** What the environment itself knows of its trail. */
async function readKnown(
  query: Query,
  { schema, environment }: Place,
): Promise<{ readonly version: string | undefined; readonly anchors: readonly AuditAnchor[] }> {
  // As JSON, because versions before the fifth lack the columns.
  const [row] = await query(
    `SELECT lineage || ':' || counter AS version,
       to_jsonb(e)->>'audit_sequence' AS sequence, to_jsonb(e)->>'audit_digest' AS digest
      FROM "${schema}".environments e WHERE name = $1`,
    [environment],
  );
  const { version, sequence, digest } = row ?? {};
  const isAnchored = sequence != null && digest != null;
  const keptBy = 'the table "environments"';
  return {
    version: version ?? undefined,
    anchors: isAnchored ? [{ sequence: Number(sequence), digest, keptBy }] : [],
  };
}

async function readPage(query: Query, { schema, environment }: Place, after: number): Promise<readonly AuditEntry[]> {
  const rows = await query(
    `SELECT a.sequence::text AS sequence, lineage || ':' || counter AS version, source, content, digest, seal
      FROM "${schema}".audit a WHERE environment = $1 AND a.sequence > $2::bigint
      ORDER BY a.sequence LIMIT ${pageLength}`,
    [environment, String(after)],
  );
  return rows.map(toEntry);
}

function toEntry({ sequence, version, source, content, digest, seal }: Row): AuditEntry {
  return {
    sequence: Number(sequence),
    version: version ?? '',
    source: source ?? '',
    content: content ?? '',
    digest: digest ?? '',
    seal: seal ?? undefined,
  };
}
