/**
 * The fifth version: which Halyards can use the schema as it is, so that a deploy that is rolled back starts on what the
 * newer one has made.
 *
 * `needs_version` is the version that a Halyard must know at least to read and write the schema. The versions to come get it
 * by default. One that only adds leaves that alone; one that an older Halyard can't live with sets the default to its own
 * number.
 */
export function schemaVersion5(schema: string): string {
  return `
ALTER TABLE "${schema}".migrations ADD COLUMN needs_version integer NOT NULL DEFAULT 5;
`;
}
