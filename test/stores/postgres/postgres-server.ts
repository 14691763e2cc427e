import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { vi } from 'vitest';
import { freePort } from '../free-port.js';
import { temporaryFolder } from '../temporary-folder.js';

/** A PostgreSQL of the tests' own, which they may kill. */
export class PostgresServer {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #remove: () => Promise<void>;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, remove: () => Promise<void>) {
    this.port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    this.#folder = folder;
    this.#remove = remove;
  }

  /** On a port that the system chooses, in a folder of its own. Every local user is trusted. */
  static start(): Promise<PostgresServer> {
    const flags = ['--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'];
    return PostgresServer.#start((data) => run('initdb', ['--pgdata', data, ...flags]));
  }

  /**
   * Another server that follows this one, and can only be read.
   *
   * @param port where it finds this one: a proxy's, to come between
   */
  replica(port: number = this.port): Promise<PostgresServer> {
    const url = this.url.replace(`:${this.port}/`, `:${port}/`);
    return PostgresServer.#start((data) =>
      run('pg_basebackup', ['--pgdata', data, '--write-recovery-conf', '--checkpoint=fast', '--dbname', url]),
    );
  }

  static async #start(fill: (data: string) => Promise<void>): Promise<PostgresServer> {
    const { path, remove } = await temporaryFolder();
    const { uid, gid } = unprivileged();
    if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
    const data = join(path, 'data');
    const server = new PostgresServer(await freePort(), data, remove);
    try {
      await fill(data);
      await server.restart();
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  async restart(): Promise<void> {
    const settings = { port: this.port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' };
    const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#process = spawn(program('postgres'), ['-D', this.#folder, ...parameters], {
      stdio: 'ignore',
      ...unprivileged(),
    });
    await vi.waitFor(() => this.sql('SELECT 1'), { timeout: 60_000, interval: 50 });
  }

  /** What a session of its own selects. */
  async sql(text: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client(this.url);
    client.on('error', () => undefined);
    try {
      await client.connect();
      const result = await client.query<Record<string, unknown>>(text);
      return result.rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Who may connect: the lines of pg_hba.conf. */
  async admit(...lines: readonly string[]): Promise<void> {
    writeFileSync(join(this.#folder, 'pg_hba.conf'), `${lines.join('\n')}\n`);
    await this.sql('SELECT pg_reload_conf()');
  }

  /** Stops all its processes: connections stay, and nothing answers. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    // The server first, so that it makes no more processes.
    process.kill(pid, signal);
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
    for (const child of children.split('\n').filter((line) => line !== '')) process.kill(Number(child), signal);
  }

  /** Ends it as an operator would who can't wait: all connections are cut. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill('SIGQUIT');
    await exit;
  }

  /** Ends it and removes what it has written. */
  async remove(): Promise<void> {
    await this.kill();
    await this.#remove();
  }
}

async function run(name: string, parameters: readonly string[]): Promise<void> {
  await promisify(execFile)(program(name), parameters, unprivileged());
}

/** Where a program of PostgreSQL is; Debian keeps them off the PATH. Its name alone if it is nowhere. */
export function program(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(':');
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const places = [...folders, '/usr/sbin', ...versions.map((version) => join(debian, version, 'bin'))];
  return places.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}

export const isInstalled = (name: string): boolean => program(name) !== name;

/** PostgreSQL refuses to run as root. */
export function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
