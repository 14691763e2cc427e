import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';

const run = promisify(execFile);

/** A Redis of the tests' own, which they may kill. */
export class RedisServer {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #remove: () => Promise<void>;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, remove: () => Promise<void>) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#remove = remove;
  }

  /** On a port that the system chooses, in a folder of its own. It writes every change to disk. */
  static async start(): Promise<RedisServer> {
    const { path, remove } = await temporaryFolder();
    const server = new RedisServer(await freePort(), path, remove);
    await server.restart();
    return server;
  }

  /** Starts it again, with what it had written to disk. */
  async restart(): Promise<void> {
    const options = { port: this.port, dir: this.#folder, appendonly: 'yes', appendfsync: 'always', save: '' };
    const parameters = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#process = spawn('redis-server', parameters, { stdio: 'ignore' });
    await vi.waitFor(async () => expectPong(await this.cli('ping')), { timeout: 10_000, interval: 20 });
  }

  /** What `redis-cli` prints. */
  async cli(...parameters: readonly string[]): Promise<string> {
    return await redisCli(this.url, ...parameters);
  }

  async kill(): Promise<void> {
    const server = this.#process;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill('SIGKILL');
    await exit;
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends it and removes what it has written. */
  async remove(): Promise<void> {
    await this.kill();
    await this.#remove();
  }
}

/** What `redis-cli` prints. */
export async function redisCli(url: string, ...parameters: readonly string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-u', url, ...parameters]);
  return stdout.trimEnd();
}

/** Whether somebody listens there. */
export async function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) || 6379 });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function expectPong(answer: string): void {
  if (answer !== 'PONG') throw new Error(`redis-server answered ${answer}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}
