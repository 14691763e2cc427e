import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { freePort } from '../free-port.js';
import { temporaryFolder } from '../temporary-folder.js';

const run = promisify(execFile);

/** A Redis of the tests' own, which they may kill. */
export class RedisServer {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #remove: () => Promise<void>;
  readonly #config: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;

  private constructor(
    port: number,
    config: Readonly<Record<string, string>>,
    folder: string,
    remove: () => Promise<void>,
  ) {
    const { requirepass: password } = config;
    this.port = port;
    this.url = `redis://${password === undefined ? '' : `default:${password}@`}127.0.0.1:${port}`;
    this.#config = config;
    this.#folder = folder;
    this.#remove = remove;
  }

  /**
   * On a port that the system chooses, in a folder of its own. It writes every change to disk.
   *
   * @param config more of what redis.conf says
   */
  static async start(config: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
    const { path, remove } = await temporaryFolder();
    const server = new RedisServer(await freePort(), config, path, remove);
    await server.restart();
    return server;
  }

  /** Starts it again, with what it had written to disk. */
  async restart(): Promise<void> {
    const disk = { dir: this.#folder, appendonly: 'yes', appendfsync: 'always', save: '' };
    const options = { port: this.port, ...disk, ...this.#config };
    const parameters = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#process = spawn('redis-server', parameters, { stdio: 'ignore' });
    await vi.waitFor(async () => expectPong(await this.cli('ping')), { timeout: 60_000, interval: 20 });
  }

  /** What `redis-cli` prints. */
  async cli(...parameters: readonly string[]): Promise<string> {
    return await redisCli(this.url, ...parameters);
  }

  /** Kills it and starts it again without what it had written. */
  async empty(): Promise<void> {
    await this.kill();
    await rm(join(this.#folder, 'appendonlydir'), { recursive: true, force: true });
    await this.restart();
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
  const { stdout } = await run('redis-cli', ['-u', url, '--no-auth-warning', ...parameters]);
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
