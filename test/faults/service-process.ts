import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { builtChildren } from './build-children.js';
import type { StoreKind } from './open-store.js';
import type { Vitals } from './vitals.js';

export interface ServiceOptions {
  /** How long its driver waits before it connects again, in milliseconds. Default: the driver's. */
  readonly reconnectMs?: number;
  /** Where it keeps the last good flags. Default: nowhere. */
  readonly cache?: string;
}

/** A running service, in a process of its own. */
export class ServiceProcess {
  readonly origin: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.origin = `http://127.0.0.1:${port}`;
  }

  /** @param url of the store's server */
  static async start(kind: StoreKind, url: string, options: ServiceOptions = {}): Promise<ServiceProcess> {
    const execArgv = ['--expose-gc', '--import', join(builtChildren, 'moved-clock.mjs')];
    const child = fork(join(builtChildren, 'service.mjs'), [kind, url, JSON.stringify(options)], { execArgv });
    const [port] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`The service ended with ${String(code)} before it listened.`);
      }),
    ])) as [number];
    return new ServiceProcess(child, port);
  }

  /** Sets its clock wrong, by so many milliseconds. */
  moveClock(moveClockMs: number): void {
    this.#child.send({ moveClockMs });
  }

  async vitals(): Promise<Vitals> {
    return JSON.parse(await this.#get('/vitals')) as Vitals;
  }

  metrics(): Promise<string> {
    return this.#get('/metrics');
  }

  /** Lets it switch `payments` off. */
  async kill(): Promise<void> {
    const response = await fetch(`${this.origin}/kill`, { method: 'POST' });
    if (!response.ok) throw new Error(await response.text());
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  async #get(path: string): Promise<string> {
    return await (await fetch(`${this.origin}${path}`, { headers: { connection: 'close' } })).text();
  }
}
