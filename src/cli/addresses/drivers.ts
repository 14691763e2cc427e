import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { PgPool } from '../../stores/postgres/postgres-client.js';
import type { RedisClient } from '../../stores/redis/redis-client.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';

/** A driver's client, connected. */
export interface Connected<Client> {
  readonly client: Client;
  readonly close: () => Promise<void>;
}

/** How long a first connection may take, in milliseconds. */
const LONGEST_CONNECT_MS = 5_000;

/** How soon a connection that was there and is lost is tried again, in milliseconds. */
const RECONNECT_MS = 500;

/** @throws CommandError if there is no driver, or no answer */
export async function connectRedis(url: URL, terminal: Terminal): Promise<Connected<RedisClient>> {
  const { name, module } = await loadDriver(['redis', 'ioredis'], terminal);
  return name === 'redis' ? await connectNodeRedis(module, url) : await connectIoredis(module, url);
}

/** @throws CommandError if there is no driver, or no answer */
export async function connectPostgres(url: URL, terminal: Terminal): Promise<Connected<PgPool>> {
  const { module } = await loadDriver(['pg'], terminal);
  const { Pool } = module as { readonly Pool: new (options: object) => PgPool & { end(): Promise<void> } };
  const pool = new Pool({ connectionString: url.href, max: 2, connectionTimeoutMillis: LONGEST_CONNECT_MS });
  pool.on('error', () => undefined);
  try {
    (await pool.connect()).release();
  } catch (error) {
    await pool.end();
    throw unreachable(url, error);
  }
  return { client: pool, close: () => pool.end() };
}

interface ClosableNodeRedis {
  connect(): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy?(): void;
  disconnect(): Promise<void>;
}

async function connectNodeRedis(module: unknown, url: URL): Promise<Connected<RedisClient>> {
  const { createClient } = module as { readonly createClient: (options: object) => RedisClient & ClosableNodeRedis };
  // A command that can't begin says so; one that follows goes on when the server comes back.
  let isBegun = false;
  const reconnectStrategy = (): number | false => isBegun && RECONNECT_MS;
  const socket = { connectTimeout: LONGEST_CONNECT_MS, reconnectStrategy };
  const client = createClient({ url: url.href, socket });
  client.on('error', () => undefined);
  const close = async (): Promise<void> => {
    if (client.destroy === undefined) await client.disconnect();
    else client.destroy();
  };
  try {
    await inTime(client.connect());
  } catch (error) {
    await close().catch(() => undefined);
    throw unreachable(url, error);
  }
  isBegun = true;
  return { client, close };
}

interface ClosableIoredis {
  connect(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  disconnect(): void;
}

async function connectIoredis(module: unknown, url: URL): Promise<Connected<RedisClient>> {
  const { Redis } = module as { readonly Redis: new (url: string, options: object) => RedisClient & ClosableIoredis };
  let isBegun = false;
  const retryStrategy = (): number | null => (isBegun ? RECONNECT_MS : null);
  const client = new Redis(url.href, { lazyConnect: true, connectTimeout: LONGEST_CONNECT_MS, retryStrategy });
  let failure: unknown;
  client.on('error', (error) => (failure = error));
  try {
    await inTime(client.connect());
  } catch (error) {
    client.disconnect();
    throw unreachable(url, failure ?? error);
  }
  isBegun = true;
  const close = (): Promise<void> => {
    client.disconnect();
    return Promise.resolve();
  };
  return { client, close };
}

/** Drivers limit the time for a connection alone: what takes it, and then says nothing, would be waited for without end. */
async function inTime(connecting: Promise<unknown>): Promise<void> {
  const settled = new AbortController();
  const tooLate = wait(LONGEST_CONNECT_MS, undefined, { signal: settled.signal }).then(() => {
    throw new Error(`no answer within ${LONGEST_CONNECT_MS / 1000} s`);
  });
  try {
    await Promise.race([connecting, tooLate]);
  } finally {
    settled.abort();
    tooLate.catch(() => undefined);
  }
}

/**
 * The first of several drivers that is installed: beside the service whose flags these are, or else beside this command.
 * @throws CommandError if none is
 */
async function loadDriver(names: readonly string[], { cwd }: Terminal): Promise<{ name: string; module: unknown }> {
  for (const from of [join(cwd, 'package.json'), import.meta.url]) {
    for (const name of names) {
      const path = find(name, from);
      if (path === undefined) continue;
      const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
      return { name, module: module.default ?? module };
    }
  }
  const wanted = names.map((name) => `\`${name}\``).join(' or ');
  throw new CommandError(
    EXIT.store,
    `This store needs ${wanted}, which isn't installed here: npm install ${names[0] ?? ''}`,
  );
}

function find(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}

function unreachable(url: URL, cause: unknown): CommandError {
  // Some errors are several, one for each address that was tried, and have no message of their own.
  const { message, code } = cause as Partial<NodeJS.ErrnoException>;
  const why = message === undefined || message === '' ? (code ?? 'no answer') : message;
  return new CommandError(EXIT.store, `${url.protocol}//${url.host} can't be reached: ${why}`, { cause });
}
