/**
 * The third version: leases. A row stays when its lease has ended, and when its environment goes, because a fence must
 * never go back.
 */
export function schemaVersion3(schema: string): string {
  return `
CREATE TABLE "${schema}".leases (
  environment text NOT NULL,
  name text NOT NULL,
  holder text NOT NULL,
  fence bigint NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (environment, name)
);
`;
}
