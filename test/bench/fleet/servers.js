/** A Redis and a PostgreSQL of the benchmark's own, as they come from the package, in folders that go with them. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const PATIENCE_MS = 20_000;

/** @typedef {{ readonly url: string, readonly stop: () => Promise<void> }} Server */

/** @returns {Promise<Server | undefined>} `undefined`, and a line that says so, where the machine has none */
export async function startRedis() {
  const program = programOf('redis-server');
  if (program === undefined) return missing('redis-server');
  const folder = mkdtempSync(join(tmpdir(), 'halyard-bench-'));
  const port = await freePort();
  // It keeps nothing on disk: what is measured is how a change spreads.
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  return await started(spawn(program, args, { stdio: 'ignore' }), `redis://127.0.0.1:${port}`, folder);
}

/** @returns {Promise<Server | undefined>} */
export async function startPostgres() {
  const [program, initdb] = ['postgres', 'initdb'].map(programOf);
  if (program === undefined || initdb === undefined) return missing('postgres and initdb');
  const folder = mkdtempSync(join(tmpdir(), 'halyard-bench-'));
  const user = unprivileged();
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const flags = ['--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'];
  execFileSync(initdb, ['--pgdata', data, ...flags], { ...user, stdio: 'ignore' });
  const port = await freePort();
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(program, ['-D', data, ...args], { ...user, stdio: 'ignore' });
  const server = await started(child, `postgres://postgres@127.0.0.1:${port}/postgres`, folder);
  await answersSql(server.url);
  return server;
}

function missing(name) {
  console.error(`${name}: not found on this machine. Its rows are skipped.`);
  return undefined;
}

async function started(child, url, folder) {
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      // PostgreSQL ends at once, whoever is connected; Redis as with SIGTERM.
      child.kill('SIGINT');
      await exit;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const { hostname, port } = new URL(url);
  await until(() => isListening(hostname, Number(port)), url);
  return { url, stop };
}

async function answersSql(url) {
  const { default: pg } = await import('pg');
  await until(async () => {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }, url);
}

async function until(isSo, what) {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what} does not answer.`);
    await wait(20);
  }
}

async function isListening(host, port) {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Debian keeps PostgreSQL's programs off the PATH. */
function programOf(name) {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...(process.env.PATH ?? '').split(':'), ...versions.map((version) => join(debian, version, 'bin'))];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
