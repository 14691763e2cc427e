import { Client } from 'pg';
import { afterAll, expect, it } from 'vitest';
import { isInstalled, PostgresServer } from './postgres-server.js';

/**
 * Runs the tests with the PostgreSQL at `$POSTGRES_URL` (default: this machine's), or with one of their own where none
 * answers. Where neither can be had they are skipped, with a line that says so; on CI that is a failure.
 */
export async function withPostgres(tests: (url: string) => void): Promise<void> {
  const url = process.env['POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test';
  if (await answers(url)) {
    tests(url);
    return;
  }
  if (needs('initdb')) return;
  const server = await PostgresServer.start();
  afterAll(() => server.remove());
  tests(server.url);
}

/** Whether a program is missing, and said so in the place of the tests that need it. */
export function needs(name: 'initdb' | 'pgbouncer'): boolean {
  if (isInstalled(name)) return false;
  const missing = `${name}: not found (Debian: apt-get install ${name === 'initdb' ? 'postgresql' : name})`;
  console.warn(missing);
  it.skipIf(process.env['CI'] !== 'true')(missing, () => expect.fail(missing));
  return true;
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
