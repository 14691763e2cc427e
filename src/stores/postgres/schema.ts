/** Whether this can be the schema's name. It is quoted all the same wherever it stands in SQL. */
export const isSchemaName = (value: unknown): boolean =>
  typeof value === 'string' && /^[a-z_][a-z0-9_]{0,49}$/.test(value);

export const schemaNameRule = 'a name of at most 50 small letters, digits and _, no digit first';

/** Whether this can be an environment's name. */
export const isEnvironmentName = (value: unknown): boolean =>
  typeof value === 'string' && /^[A-Za-z0-9._/-]{1,128}$/.test(value);

export const environmentNameRule = 'a text of at most 128 letters, digits and ._-/';

/** Where flags are kept. */
export interface Place {
  readonly schema: string;
  readonly environment: string;
}

/** On which channel of LISTEN a schema tells of changes: `ENVIRONMENT VERSION`. */
export const channelOf = (schema: string): string => `${schema}_changes`;

/**
 * The first version. All that holds for whoever writes is done by triggers: a change of the flags by hand, in SQL, gets
 * its version, its place in the audit trail and its notification like one by Halyard.
 *
 * They run as the owner of the schema, so that a role which may only write `kills` needs no right to anything else.
 */
export function schemaVersion1(schema: string): string {
  const s = `"${schema}"`;
  const environment = `environment text NOT NULL REFERENCES ${s}.environments ON DELETE CASCADE`;
  const now = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
  return `
CREATE TABLE ${s}.environments (
  name text PRIMARY KEY CHECK (name ~ '^[A-Za-z0-9._/-]{1,128}$'),
  lineage text NOT NULL,
  counter bigint NOT NULL,
  -- True only within a transaction that writes its own entry of the audit trail.
  is_changing boolean NOT NULL DEFAULT false
);

-- What a document says beside its flags and segments.
CREATE TABLE ${s}.documents (
  ${environment},
  head json NOT NULL CHECK (json_typeof(head) = 'object'),
  PRIMARY KEY (environment)
);

-- json keeps the order of variants, which jsonb would lose.
CREATE TABLE ${s}.flags (
  ${environment},
  key text NOT NULL ${keyCheck('key')},
  position double precision NOT NULL DEFAULT 'Infinity',
  definition json NOT NULL,
  PRIMARY KEY (environment, key)
);

CREATE TABLE ${s}.segments (LIKE ${s}.flags INCLUDING ALL);
ALTER TABLE ${s}.segments ADD FOREIGN KEY (environment) REFERENCES ${s}.environments ON DELETE CASCADE;

CREATE TABLE ${s}.kills (
  environment text NOT NULL DEFAULT 'default' REFERENCES ${s}.environments ON DELETE CASCADE,
  flag_key text NOT NULL ${keyCheck('flag_key')},
  reason text NOT NULL DEFAULT '',
  by text NOT NULL DEFAULT session_user,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  until timestamptz,
  PRIMARY KEY (environment, flag_key)
);

-- In which version a row was written last, or removed: what a follower has to be sent.
CREATE TABLE ${s}.changed (
  ${environment},
  part text NOT NULL,
  key text NOT NULL,
  counter bigint NOT NULL,
  PRIMARY KEY (environment, part, key)
);
CREATE INDEX changed_since ON ${s}.changed (environment, counter);

CREATE TABLE ${s}.audit (
  environment text NOT NULL,
  sequence bigint NOT NULL,
  lineage text NOT NULL,
  counter bigint NOT NULL,
  -- 'halyard', or 'sql' for what was changed by hand.
  source text NOT NULL,
  -- JSON, and exactly the text that is digested.
  content text NOT NULL,
  digest text NOT NULL,
  seal text,
  PRIMARY KEY (environment, sequence)
);
CREATE INDEX audit_version ON ${s}.audit (environment, lineage, counter);

CREATE UNLOGGED TABLE ${s}.instances (
  environment text NOT NULL,
  id text NOT NULL,
  host text NOT NULL,
  pid bigint NOT NULL,
  started_at double precision NOT NULL,
  version text,
  last_contact timestamptz NOT NULL,
  expires timestamptz NOT NULL,
  PRIMARY KEY (environment, id)
);

-- Waits until nobody else changes an environment, and holds up the next until the transaction ends.
CREATE FUNCTION ${s}.await_turn(of_environment text) RETURNS void ${asOwner} AS $function$
BEGIN
  PERFORM FROM ${s}.environments WHERE name = of_environment FOR NO KEY UPDATE;
END
$function$;

-- Begins the next version: what is written from now on is audited by Halyard, with append_audit in this transaction.
-- new_lineage is that of an environment which isn't there yet; if it has come meanwhile, the change has to be planned anew.
-- The counter is the time, so that no version is ever given twice, though a database may lose its latest changes.
CREATE FUNCTION ${s}.begin_change(of_environment text, new_lineage text, OUT lineage text, OUT counter bigint)
  ${asOwner} AS $function$
BEGIN
  IF new_lineage IS NULL THEN
    UPDATE ${s}.environments e SET counter = greatest(e.counter + 1, ${now}), is_changing = true
      WHERE e.name = of_environment RETURNING e.lineage, e.counter INTO STRICT lineage, counter;
  ELSE
    INSERT INTO ${s}.environments AS e (name, lineage, counter, is_changing)
      VALUES (of_environment, new_lineage, ${now}, true) RETURNING e.lineage, e.counter INTO lineage, counter;
  END IF;
END
$function$;

-- Appends an entry that tells of the environment's version of this moment. Its digest covers the entry before. Halyard says
-- who made its changes; those by hand are the session's user's.
CREATE FUNCTION ${s}.append_audit(
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
  UPDATE ${s}.environments SET is_changing = false WHERE name = of_environment AND is_changing;
END
$function$;

-- At the end of each transaction: whoever began a change has told of it.
CREATE FUNCTION ${s}.refuse_unaudited() RETURNS trigger ${asOwner} AS $function$
BEGIN
  IF EXISTS (SELECT FROM ${s}.environments WHERE name = NEW.name AND is_changing) THEN
    RAISE EXCEPTION 'a change needs an entry in the audit trail' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END
$function$;
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON ${s}.environments DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.is_changing) EXECUTE FUNCTION ${s}.refuse_unaudited();

-- Hands take their locks in the order in which Halyard does: the environment first, then its rows.
CREATE FUNCTION ${s}.lock_environments() RETURNS trigger ${asOwner} AS $function$
BEGIN
  IF NOT EXISTS (SELECT FROM ${s}.environments WHERE is_changing) THEN
    PERFORM FROM ${s}.environments ORDER BY name FOR NO KEY UPDATE;
  END IF;
  RETURN NULL;
END
$function$;

-- After each statement that writes flags, segments, kills or the rest of a document.
CREATE FUNCTION ${s}.record_change() RETURNS trigger ${asOwner} AS $function$
DECLARE
  before json;
  after json;
  change record;
BEGIN
  IF TG_OP <> 'INSERT' THEN SELECT json_agg(r) INTO before FROM old_rows r; END IF;
  IF TG_OP <> 'DELETE' THEN SELECT json_agg(r) INTO after FROM new_rows r; END IF;
  FOR change IN
    SELECT environment, array_agg(key) AS keys, json_agg(
      CASE
        WHEN o.value IS NULL THEN json_build_object('path', ${s}.path_of(TG_TABLE_NAME, key), 'after', n.value)
        WHEN n.value IS NULL THEN json_build_object('path', ${s}.path_of(TG_TABLE_NAME, key), 'before', o.value)
        ELSE json_build_object('path', ${s}.path_of(TG_TABLE_NAME, key), 'before', o.value, 'after', n.value)
      END ORDER BY key) FILTER (WHERE o.value::text IS DISTINCT FROM n.value::text) AS difference
    FROM ${s}.values_of(TG_TABLE_NAME, before) o FULL JOIN ${s}.values_of(TG_TABLE_NAME, after) n
      USING (environment, key)
    WHERE o.line IS DISTINCT FROM n.line
    GROUP BY environment ORDER BY environment
  LOOP
    UPDATE ${s}.environments SET counter = greatest(counter + 1, ${now})
      WHERE name = change.environment AND NOT is_changing;
    IF FOUND THEN
      PERFORM ${s}.append_audit(
        change.environment, NULL, 'changed by hand in SQL', coalesce(change.difference, '[]'));
    END IF;
    INSERT INTO ${s}.changed (environment, part, key, counter)
      SELECT e.name, TG_TABLE_NAME, k, e.counter
        FROM ${s}.environments e, unnest(change.keys) k
        WHERE e.name = change.environment AND TG_TABLE_NAME <> 'kills'
      ON CONFLICT (environment, part, key) DO UPDATE SET counter = EXCLUDED.counter;
    PERFORM pg_notify('${channelOf(schema)}', e.name || ' ' || e.lineage || ':' || e.counter)
      FROM ${s}.environments e WHERE e.name = change.environment;
  END LOOP;
  RETURN NULL;
END
$function$;

CREATE FUNCTION ${s}.path_of(part text, key text) RETURNS text LANGUAGE sql IMMUTABLE AS $function$
  SELECT CASE part WHEN 'documents' THEN 'document' WHEN 'kills' THEN 'state.kills.' || key ELSE part || '.' || key END
$function$;

-- Of rows of one table as JSON: what they are about, what they say of it, and the whole row.
CREATE FUNCTION ${s}.values_of(part text, lines json, OUT environment text, OUT key text, OUT value json, OUT line text)
  RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $function$
  SELECT l->>'environment', coalesce(l->>'key', l->>'flag_key', ''),
    CASE part
      WHEN 'documents' THEN l->'head'
      WHEN 'kills' THEN json_strip_nulls(json_build_object(
        'at', l->'at', 'by', l->'by', 'reason', l->'reason', 'until', l->'until'))
      ELSE l->'definition'
    END,
    l::text
  FROM json_array_elements(lines) l
$function$;

CREATE FUNCTION ${s}.refuse() RETURNS trigger ${asOwner} AS $function$
BEGIN
  RAISE EXCEPTION '% of %.% is refused: %', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]
    USING ERRCODE = 'insufficient_privilege';
END
$function$;

-- An entry never changes: only a seal may be put on one that has none.
CREATE FUNCTION ${s}.refuse_but_seal() RETURNS trigger ${asOwner} AS $function$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.seal IS NULL
    AND (OLD.environment, OLD.sequence, OLD.lineage, OLD.counter, OLD.source, OLD.content, OLD.digest)
      = (NEW.environment, NEW.sequence, NEW.lineage, NEW.counter, NEW.source, NEW.content, NEW.digest) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% of %.% is refused: the audit trail can only be appended to', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$function$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ${s}.audit
  FOR EACH ROW EXECUTE FUNCTION ${s}.refuse_but_seal();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ${s}.audit
  FOR EACH STATEMENT EXECUTE FUNCTION ${s}.refuse('the audit trail can only be appended to');
${['documents', 'flags', 'segments', 'kills'].map((table) => triggersOf(s, table)).join('')}
-- By default, everybody may call every function, and put a trigger function on a table of their own.
REVOKE ALL ON FUNCTION ${functions.map((name) => `${s}.${name}`).join(', ')} FROM PUBLIC;
`;
}

const functions = [
  'await_turn',
  'begin_change',
  'refuse_unaudited',
  'append_audit',
  'lock_environments',
  'record_change',
  'path_of',
  'values_of',
  'refuse',
  'refuse_but_seal',
];

/** How a function runs that may do what its caller may not. */
export const asOwner = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'";

/** That what stands in a column can be the key of a flag or segment. */
export const keyCheck = (column: string): string => `CHECK (${column} ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$')`;

/** What a table needs so that each change of it gets its version, its entry in the audit trail and its notification. */
export const triggersOf = (s: string, table: string): string => `
CREATE TRIGGER lock_environments BEFORE INSERT OR UPDATE OR DELETE ON ${s}.${table}
  FOR EACH STATEMENT EXECUTE FUNCTION ${s}.lock_environments();
CREATE TRIGGER record_insert AFTER INSERT ON ${s}.${table} REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ${s}.record_change();
CREATE TRIGGER record_update AFTER UPDATE ON ${s}.${table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ${s}.record_change();
CREATE TRIGGER record_delete AFTER DELETE ON ${s}.${table} REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ${s}.record_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ${s}.${table}
  FOR EACH STATEMENT EXECUTE FUNCTION ${s}.refuse('write DELETE FROM ... WHERE environment = ...');
`;
