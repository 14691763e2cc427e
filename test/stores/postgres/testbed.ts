import { randomBytes } from 'node:crypto';
import { Client, Pool, type PoolConfig } from 'pg';
import { afterEach } from 'vitest';
import type { FlagDocument } from '../../../src/flags/flag-document.js';
import { createHalyard } from '../../../src/create-halyard.js';
import type { Halyard } from '../../../src/halyard.js';
import type { StoredFlags } from '../../../src/stores/flag-store.js';
import {
  type PostgresStore,
  postgresStore,
  type PostgresStoreOptions,
} from '../../../src/stores/postgres/postgres-store.js';

/** A database for tests, and what they leave behind is cleaned up after each. */
export class Testbed {
  readonly #url: () => string;
  #cleanUp: (() => unknown)[] = [];

  /** @param url where it is, once the tests run */
  constructor(url: string | (() => string)) {
    this.#url = typeof url === 'string' ? () => url : url;
    afterEach(async () => {
      const steps = this.#cleanUp.toReversed();
      this.#cleanUp = [];
      for (const step of steps) await step();
    });
  }

  get url(): string {
    return this.#url();
  }

  later(step: () => unknown): void {
    this.#cleanUp.push(step);
  }

  /** A name for a schema of this test's own. */
  schema(): string {
    const schema = `halyard_${randomBytes(6).toString('hex')}`;
    this.later(() => this.sql(`SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS ${schema} CASCADE`));
    return schema;
  }

  pool(options: PoolConfig = {}): Pool {
    const pool = new Pool({ connectionString: this.url, connectionTimeoutMillis: 5_000, ...options });
    this.later(() => (pool.ended ? undefined : pool.end()));
    return pool;
  }

  /** A store on a pool of its own. */
  open(options: PostgresStoreOptions = {}, pool: Pool = this.pool()): PostgresStore {
    const store = postgresStore(pool, options);
    this.later(() => store.close());
    return store;
  }

  async halyard(store: PostgresStore, options: { readonly startWithout?: boolean } = {}): Promise<Halyard> {
    const halyard = await createHalyard({ store, logger: silent, ...options });
    this.later(() => halyard.close());
    return halyard;
  }

  /** A session that stays open. */
  async session(url: string = this.url): Promise<Client> {
    const client = new Client(url);
    client.on('error', () => undefined);
    await client.connect();
    this.later(() => client.end());
    return client;
  }

  /** What somebody with a session of their own does by hand. */
  async sql(text: string, url: string = this.url): Promise<readonly Record<string, unknown>[]> {
    const client = new Client(url);
    try {
      await client.connect();
      const result = await client.query<Record<string, unknown>>(text);
      return result.rows;
    } finally {
      await client.end();
    }
  }
}

export const why = { by: 'ana', reason: 'because' };

export const patience = { interval: 20 };

/** A store gives the document as an object. */
export const documentOf = ({ document }: StoredFlags): FlagDocument => document as FlagDocument;

export const withFlag =
  (key: string, flag: FlagDocument['flags'][string]) =>
  (document: FlagDocument): FlagDocument => ({ ...document, flags: { ...document.flags, [key]: flag } });

/** `flag-0`, `flag-1`, … */
export function manyFlags(count: number): FlagDocument {
  const flags = Array.from({ length: count }, (_, index) => [
    `flag-${index}`,
    { owner: 'payments-team', description: `What flag ${index} changes`, rollout: index % 100 },
  ]);
  return { version: 1, flags: Object.fromEntries(flags) as FlagDocument['flags'] };
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
