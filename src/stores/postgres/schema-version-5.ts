import { asOwner } from './schema.js';

/**
 * The fifth version: what the newest entry of each audit trail is, beside the trail, so that an end that was cut off stays
 * missed; and which Halyards can use the schema as it is, so that a deploy that is rolled back starts on what the newer one
 * has made.
 *
 * `needs_version` is the version that a Halyard must know at least to read and write the schema. The versions to come get it
 * by default. One that only adds leaves that alone; one that an older Halyard can't live with sets the default to its own
 * number.
 */
export function schemaVersion5(schema: string): string {
  const s = `"${schema}"`;
  return `
-- NULL: nothing was changed since this environment came.
ALTER TABLE ${s}.environments ADD COLUMN audit_sequence bigint, ADD COLUMN audit_digest text;
UPDATE ${s}.environments e SET (audit_sequence, audit_digest) = (
  SELECT a.sequence, a.digest FROM ${s}.audit a WHERE a.environment = e.name ORDER BY a.sequence DESC LIMIT 1);

-- As before, and the entry goes on from the one that the environment knows, be it cut off from the trail or another there:
-- then its place or its digest shows that for ever.
CREATE OR REPLACE FUNCTION ${s}.append_audit(
  of_environment text, by text, reason text, difference json, OUT sequence bigint, OUT digest text
) ${asOwner} AS $function$
DECLARE
  previous text;
  made record;
  source text;
  content text;
BEGIN
  SELECT * INTO STRICT made FROM ${s}.environments WHERE name = of_environment FOR NO KEY UPDATE;
  IF pg_trigger_depth() = 0 AND NOT made.is_changing THEN
    RAISE EXCEPTION 'an entry of the audit trail needs a change to tell of' USING ERRCODE = 'insufficient_privilege';
  END IF;
  source := CASE WHEN made.is_changing THEN 'halyard' ELSE 'sql' END;
  SELECT a.sequence, a.digest INTO append_audit.sequence, previous FROM ${s}.audit a
    WHERE a.environment = of_environment ORDER BY a.sequence DESC LIMIT 1;
  IF made.audit_sequence >= coalesce(sequence, 0) THEN
    sequence := made.audit_sequence;
    previous := made.audit_digest;
  END IF;
  sequence := coalesce(sequence, 0) + 1;
  content := json_build_object(
    'environment', of_environment,
    'sequence', sequence,
    'version', made.lineage || ':' || made.counter,
    'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'by', CASE WHEN made.is_changing THEN by ELSE session_user END,
    'reason', reason,
    'source', source,
    'session', session_user,
    'difference', difference
  )::text;
  digest := encode(sha256(convert_to(coalesce(previous, '') || E'\\n' || content, 'UTF8')), 'hex');
  INSERT INTO ${s}.audit VALUES (of_environment, sequence, made.lineage, made.counter, source, content, digest);
  UPDATE ${s}.environments
    SET is_changing = false, audit_sequence = append_audit.sequence, audit_digest = append_audit.digest
    WHERE name = of_environment;
END
$function$;

ALTER TABLE ${s}.migrations ADD COLUMN needs_version integer NOT NULL DEFAULT 5;
`;
}
