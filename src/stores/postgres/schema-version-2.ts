import { keyCheck, triggersOf } from './schema.js';

/**
 * The second version: where watched rollouts stand, and which breakers are open for the fleet, in tables of their own under
 * the same triggers as `flags` and `kills`. A follower is sent the rows that have changed.
 */
export function schemaVersion2(schema: string): string {
  const s = `"${schema}"`;
  return `
CREATE TABLE ${s}.rollouts (
  environment text NOT NULL DEFAULT 'default' REFERENCES ${s}.environments ON DELETE CASCADE,
  flag_key text NOT NULL ${keyCheck('flag_key')},
  -- json keeps it to the letter, so that the same progress is the same text.
  progress json NOT NULL CHECK (json_typeof(progress) = 'object'),
  PRIMARY KEY (environment, flag_key)
);

CREATE TABLE ${s}.trips (
  environment text NOT NULL DEFAULT 'default' REFERENCES ${s}.environments ON DELETE CASCADE,
  flag_key text NOT NULL ${keyCheck('flag_key')},
  trip json NOT NULL CHECK (json_typeof(trip) = 'object'),
  PRIMARY KEY (environment, flag_key)
);

CREATE OR REPLACE FUNCTION ${s}.path_of(part text, key text) RETURNS text LANGUAGE sql IMMUTABLE AS $function$
  SELECT CASE
    WHEN part = 'documents' THEN 'document'
    WHEN part IN ('kills', 'rollouts', 'trips') THEN 'state.' || part || '.' || key
    ELSE part || '.' || key
  END
$function$;

CREATE OR REPLACE FUNCTION ${s}.values_of(
  part text, lines json, OUT environment text, OUT key text, OUT value json, OUT line text
) RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $function$
  SELECT l->>'environment', coalesce(l->>'key', l->>'flag_key', ''),
    CASE part
      WHEN 'documents' THEN l->'head'
      WHEN 'kills' THEN json_strip_nulls(json_build_object(
        'at', l->'at', 'by', l->'by', 'reason', l->'reason', 'until', l->'until'))
      WHEN 'rollouts' THEN l->'progress'
      WHEN 'trips' THEN l->'trip'
      ELSE l->'definition'
    END,
    l::text
  FROM json_array_elements(lines) l
$function$;
${triggersOf(s, 'rollouts')}${triggersOf(s, 'trips')}`;
}
