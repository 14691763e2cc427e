import { resolve } from 'node:path';
import { nearestWord } from '../../flags/nearest-word.js';
import type { FlagStore } from '../../stores/flag-store.js';
import { fileStore } from '../../stores/file-store.js';
import { httpStore } from '../../stores/http/http-store.js';
import { postgresStore } from '../../stores/postgres/postgres-store.js';
import { redisStore } from '../../stores/redis/redis-store.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import { type Connected, connectPostgres, connectRedis } from './drivers.js';

/** What an address may be, as errors and the help say it. */
export const ADDRESSES =
  'a file (flags.yaml; several, where later wins: flags.yaml,flags.production.yaml), redis://HOST, postgres://HOST/DATABASE or https://HOST/PATH';

/** A store, and what was opened for it. */
export interface OpenedStore {
  readonly store: FlagStore;
  /** The address without its secrets, for people. */
  readonly address: string;
  /** Closes the store and its connections. Never rejects. */
  close(): Promise<void>;
}

/** What a command needs of a store beside its flags. */
export interface OpeningOptions {
  /** Makes the tables of a PostgreSQL database, or brings them up to date. Default: false, who looks makes none. */
  readonly migrate?: boolean | undefined;
}

/**
 * Opens the store that an address names. `?prefix=shop&environment=production` (Redis) and
 * `?schema=halyard&environment=production` (PostgreSQL) say which flags there; the token of an `https:` address is in
 * `HALYARD_TOKEN`, the key of an audit trail in `HALYARD_AUDIT_KEY`.
 *
 * @throws CommandError for an address that can't be meant or reached, and where the driver isn't installed
 */
export async function openStore(
  address: string,
  terminal: Terminal,
  opening: OpeningOptions = {},
): Promise<OpenedStore> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      refuseTypo(address);
      return opened(fileStore(pathsOf(address, terminal.cwd)), address);
    case 'redis':
    case 'rediss':
      return await openRedis(urlOf(address), terminal);
    case 'postgres':
    case 'postgresql':
      return await openPostgres(urlOf(address), terminal, opening);
    case 'http':
    case 'https':
      return opened(httpStore(address, { token: terminal.env['HALYARD_TOKEN'], push: false }), address);
    default:
      throw new CommandError(EXIT.usage, `--store: there is no store at ${scheme}://. Expected ${ADDRESSES}.`);
  }
}

const pathsOf = (address: string, cwd: string): readonly string[] =>
  address.split(',').map((path) => resolve(cwd, path.trim()));

/** @throws CommandError for what is no file's name, but nearly an address; a password may stand in it, so it isn't repeated */
function refuseTypo(address: string): void {
  const [, scheme] = /^\s*(rediss?|postgres(?:ql)?|https?)(?::|\/\/)/i.exec(address) ?? [];
  if (scheme !== undefined) {
    throw new CommandError(EXIT.usage, `--store: an address begins with ${scheme}://, with a colon and two slashes.`);
  }
  if (address.split(',').some((path) => path.trim() === '')) {
    throw new CommandError(EXIT.usage, `--store: a file without a name in "${address}". Expected ${ADDRESSES}.`);
  }
}

/** @throws CommandError, which doesn't repeat the address: a password may stand in it */
function urlOf(address: string): URL {
  try {
    const url = new URL(address);
    decodeURIComponent(url.username + url.password);
    return url;
  } catch (cause) {
    throw new CommandError(
      EXIT.usage,
      '--store: this address has no form that can be read. In a user and a password, write `/` as %2F, `#` as %23, `?` as %3F, `@` as %40 and `%` as %25; a port is at most 65535.',
      { cause },
    );
  }
}

async function openRedis(url: URL, terminal: Terminal): Promise<OpenedStore> {
  if (!/^\/?\d*$/.test(url.pathname)) {
    throw new CommandError(
      EXIT.usage,
      `--store: expected the number of a database after redis://HOST/, found ${url.pathname.slice(1)}. The name of a set of flags is a parameter: ?prefix=shop`,
    );
  }
  const { prefix, environment } = takeParameters(url, ['prefix', 'environment']);
  const connected = await connectRedis(url, terminal);
  return await storeOn(connected, url, (client) => redisStore(client, { prefix, environment }));
}

async function openPostgres(url: URL, terminal: Terminal, { migrate = false }: OpeningOptions): Promise<OpenedStore> {
  const { schema, environment } = takeParameters(url, ['schema', 'environment']);
  const connected = await connectPostgres(url, terminal);
  const auditKey = terminal.env['HALYARD_AUDIT_KEY'];
  // A command ends before it would be told of a change.
  const options = { schema, environment, auditKey, migrate, listen: false as const };
  return await storeOn(connected, url, (client) => postgresStore(client, options));
}

/** A store on a connection, which is closed where the store refuses its options: open, it would keep the command alive. */
async function storeOn<Client>(
  { client, close }: Connected<Client>,
  url: URL,
  create: (client: Client) => FlagStore,
): Promise<OpenedStore> {
  try {
    return opened(create(client), withoutSecrets(url), close);
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Takes our own parameters out of an address: the rest is the driver's.
 *
 * @throws CommandError for one that is nearly ours: it would be passed over, and other flags read and written than were meant
 */
function takeParameters<Name extends string>(url: URL, names: readonly Name[]): Partial<Record<Name, string>> {
  const taken: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = url.searchParams.get(name);
    if (value !== null) taken[name] = value;
    url.searchParams.delete(name);
  }
  for (const name of url.searchParams.keys()) {
    const meant = names.find((own) => own.startsWith(name)) ?? nearestWord(name, names);
    if (meant === undefined) continue;
    throw new CommandError(EXIT.usage, `--store: unknown parameter \`${name}\`. Did you mean \`${meant}\`?`);
  }
  return taken;
}

function withoutSecrets(url: URL): string {
  const shown = new URL(url);
  // The driver's parameters may hold a password, too.
  [shown.password, shown.search] = ['', ''];
  return shown.href;
}

function opened(store: FlagStore, address: string, disconnect?: () => Promise<void>): OpenedStore {
  const close = async (): Promise<void> => {
    await store.close().catch(() => undefined);
    await disconnect?.().catch(() => undefined);
  };
  return { store, address, close };
}
