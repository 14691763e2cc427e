import { keyCheck } from './schema.js';

/** The fourth version: when flags were last evaluated anywhere, which outlives the instances and a restart of the server. */
export function schemaVersion4(schema: string): string {
  return `
CREATE TABLE "${schema}".usage (
  environment text NOT NULL,
  flag_key text NOT NULL ${keyCheck('flag_key')},
  last_evaluated timestamptz NOT NULL,
  PRIMARY KEY (environment, flag_key)
);
`;
}
