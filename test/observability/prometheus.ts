import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/**
 * Runs the tests where `prometheus` and `promtool` are on the PATH. Elsewhere they are skipped, with a line that says
 * so; on CI that is a failure.
 */
export function withPrometheus(tests: () => void): void {
  const absent = ['prometheus', 'promtool'].filter((name) => spawnSync(name, ['--version']).error !== undefined);
  if (absent.length === 0) {
    tests();
    return;
  }
  const missing = `${absent.join(' and ')}: not on the PATH (Debian: apt-get install prometheus)`;
  console.warn(missing);
  it.skipIf(process.env['CI'] !== 'true')(missing, () => expect.fail(missing));
}

/** What `promtool` prints. Rejects, with that, if it isn't content. */
export async function promtool(...parameters: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run('promtool', parameters);
  return stdout + stderr;
}

/** One series of an answer, at one moment. */
export interface QueriedSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that runs. */
export class Prometheus {
  readonly #url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, process: ChildProcess, folder: string) {
    this.#url = url;
    this.#process = process;
    this.#folder = folder;
  }

  /**
   * Starts one in a folder of its own.
   * @param configuration its configuration file, as JSON, which YAML takes
   * @param port default: one that the system chooses
   */
  static async start(configuration: object, port: number = 0): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-prometheus-'));
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(configuration));
    const server = spawn(
      'prometheus',
      [
        '--config.file=prometheus.yml',
        '--storage.tsdb.path=data',
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.format=json',
      ],
      { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    try {
      return new Prometheus(`http://${await addressOf(server.stderr)}/api/v1/`, server, folder);
    } catch (error) {
      server.kill();
      await rm(folder, { recursive: true });
      throw error;
    }
  }

  /** Where its API is. */
  get url(): string {
    return new URL('/', this.#url).href;
  }

  /** What an expression says now. Rejects if it isn't one. */
  async query(expression: string): Promise<readonly QueriedSample[]> {
    const { result } = await this.get<{ readonly result: readonly RawSample[] }>('query', { query: expression });
    return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }

  /** What an expression said at some second since `start` (milliseconds since the epoch): all its numbers. */
  async numbersSince(start: number, expression: string): Promise<readonly number[]> {
    const range = { start: String(start / 1000), end: String(Date.now() / 1000), step: '1s' };
    const { result } = await this.get<{ readonly result: readonly { readonly values: readonly RawValue[] }[] }>(
      'query_range',
      { query: expression, ...range },
    );
    const numbers = result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
    return numbers.filter((value) => !Number.isNaN(value));
  }

  /** The data of an answer of the API. Rejects with its error. */
  async get<Data>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Data> {
    const response = await fetch(`${this.#url}${path}?${new URLSearchParams(parameters).toString()}`);
    const { error, data } = (await response.json()) as { readonly error?: string; readonly data: Data };
    if (error !== undefined) throw new Error(`${error}: ${JSON.stringify(parameters)}`);
    return data;
  }

  async close(): Promise<void> {
    this.#process.kill();
    await once(this.#process, 'exit');
    await rm(this.#folder, { recursive: true });
  }
}

/** Reads a Prometheus's log until it serves, and the rest of it to nowhere. */
async function addressOf(log: Readable): Promise<string> {
  let address: string | undefined;
  const lines: string[] = [];
  for await (const line of createInterface(log)) {
    lines.push(line);
    const { msg, address: told } = JSON.parse(line) as { readonly msg?: string; readonly address?: string };
    if (msg === 'Listening on') address = told;
    if (msg === 'Server is ready to receive web requests.') break;
  }
  if (address === undefined) throw new Error(`Prometheus did not start:\n${lines.join('\n')}`);
  log.resume();
  return address;
}

type RawValue = readonly [seconds: number, value: string];

interface RawSample {
  readonly metric: QueriedSample['metric'];
  readonly value: RawValue;
}
