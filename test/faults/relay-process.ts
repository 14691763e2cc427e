import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../stores/free-port.js';
import { builtChildren } from './build-children.js';
import type { StoreKind } from './open-store.js';

/** A Halyard that serves others, in a process of its own that the tests may kill. */
export class RelayProcess {
  readonly port: number;
  readonly #kind: StoreKind;
  readonly #url: string;
  #child: ChildProcess | undefined;

  private constructor(kind: StoreKind, url: string, port: number) {
    this.#kind = kind;
    this.#url = url;
    this.port = port;
  }

  /** @param url of what it follows */
  static async start(kind: StoreKind, url: string): Promise<RelayProcess> {
    const relay = new RelayProcess(kind, url, await freePort());
    await relay.restart();
    return relay;
  }

  async restart(): Promise<void> {
    const words = [this.#kind, this.#url, String(this.port)];
    this.#child = fork(join(builtChildren, 'relay.mjs'), words, { execArgv: [] });
    await this.#message();
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Only those who have this one are let in, from now on. All connections end. */
  async changeToken(changed: string): Promise<void> {
    this.#child?.send({ changed });
    await this.#message();
  }

  async #message(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The relay ended with ${String(code)}.`);
    });
    await Promise.race([once(child, 'message'), ended]);
  }
}
