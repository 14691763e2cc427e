import { expect, it } from 'vitest';
import { isInstalled } from '../stores/postgres/postgres-server.js';
import { faultSuite } from './fault-suite.js';
import { postgresWiring } from './postgres-wiring.js';
import { writersSuite } from './writers-suite.js';

if (isInstalled('postgres')) {
  faultSuite(postgresWiring);
  writersSuite('postgres', [postgresWiring]);
} else {
  const missing = 'postgres: not installed (Debian: apt-get install postgresql)';
  it.skipIf(process.env['CI'] !== 'true')(missing, () => expect.fail(missing));
}
