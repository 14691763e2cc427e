import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createHalyard, type Halyard, httpStore } from 'halyard';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Endings } from '../../ofrep/service.js';
import { quietLogger, token } from '../../sync/served.js';
import { temporaryFolder } from '../temporary-folder.js';

const endings = new Endings();
afterEach(() => endings.run());

const patience = { interval: 50 };

/** A process that serves flags, which the test may kill and start again on the same port. */
class Serving {
  readonly #framework: string;
  readonly #source: string;
  #port = '0';
  #child: ChildProcess | undefined;

  constructor(framework: 'express' | 'koa', source: string) {
    this.#framework = framework;
    this.#source = source;
    endings.add(() => this.kill());
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/halyard`;
  }

  async start(): Promise<void> {
    const program = join(import.meta.dirname, 'serve.mjs');
    const parameters = [program, this.#framework, this.#port, token, this.#source];
    this.#child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = (await once(createInterface(this.#child.stdout!), 'line')) as [string];
    this.#port = port;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name);
  }
}

async function flagFile(rollout: number): Promise<{ path: string; write: (rollout: number) => Promise<void> }> {
  const { path: folder, remove } = await temporaryFolder();
  endings.add(remove);
  const path = join(folder, 'flags.yaml');
  const write = (percentage: number): Promise<void> =>
    writeFile(path, `version: 1\nflags:\n  a: { rollout: ${percentage} }\n  b: {}\n`);
  await write(rollout);
  return { path, write };
}

async function serving(framework: 'express' | 'koa', source: string): Promise<Serving> {
  const made = new Serving(framework, source);
  await made.start();
  return made;
}

async function follow(url: string): Promise<{ reader: Halyard; isOn: () => boolean }> {
  const store = httpStore(url, { token, pollMs: 200, timeoutMs: 1_000 });
  const reader = await createHalyard({ store, logger: quietLogger() });
  endings.add(() => reader.close());
  return { reader, isOn: () => reader.boolean('a', false, { targetingKey: 'unit' }) };
}

const status = (reader: Halyard, expected: string) =>
  vi.waitFor(() => expect(reader.health().status).toBe(expected), patience);

describe('a chain of processes', { timeout: 120_000 }, () => {
  it('goes on while the one in the middle is dead, and is whole again when it is back', async () => {
    const file = await flagFile(0);
    const source = await serving('express', file.path);
    const relay = await serving('koa', source.url);
    const { reader, isOn } = await follow(relay.url);
    expect(isOn()).toBe(false);
    await relay.kill();
    await status(reader, 'stale');
    await file.write(100);
    expect(isOn()).toBe(false);
    await relay.start();
    await vi.waitFor(() => expect(isOn()).toBe(true), patience);
    await status(reader, 'ready');
  });

  it('keeps its flags when the source comes back with nothing, and takes what it has then', async () => {
    const file = await flagFile(100);
    const source = await serving('express', file.path);
    const relay = await serving('koa', source.url);
    const { reader, isOn } = await follow(relay.url);
    await source.kill();
    await rm(file.path);
    await source.start();
    await status(reader, 'stale');
    expect(isOn()).toBe(true);
    // A relay that starts now has nothing, and never says that there are no flags.
    await relay.kill();
    await relay.start();
    await vi.waitFor(() => expect(reader.health().lastError?.error.message).toContain('answered 503'), patience);
    expect(isOn()).toBe(true);
    await file.write(0);
    await vi.waitFor(() => expect(isOn()).toBe(false), patience);
    await status(reader, 'ready');
  });

  it('notices a process that is stopped, though its connections stay', async () => {
    const file = await flagFile(0);
    const source = await serving('express', file.path);
    const relay = await serving('koa', source.url);
    const { reader, isOn } = await follow(relay.url);
    source.signal('SIGSTOP');
    await status(reader, 'stale');
    await file.write(100);
    expect(isOn()).toBe(false);
    source.signal('SIGCONT');
    await vi.waitFor(() => expect(isOn()).toBe(true), patience);
    await status(reader, 'ready');
  });
});

describe('a process that follows', { timeout: 60_000 }, () => {
  it('ends by itself when it has nothing else to do', async () => {
    const source = await serving('express', (await flagFile(0)).path);
    const program = join(import.meta.dirname, 'follow.mjs');
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [program, source.url, token], { timeout: 30_000 });
    expect(stdout).toBe('ready\n');
  });
});
