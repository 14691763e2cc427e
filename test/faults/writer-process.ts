import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { builtChildren } from './build-children.js';
import type { WritableKind } from './open-store.js';

/** What a writing process tells at its end. */
export interface WriterReport {
  /** How often its changes were planned, also in vain. */
  readonly attempts: number;
  /** How long the slowest of its changes took, in milliseconds. */
  readonly longestMs: number;
}

/** Changes numbered from `first` on, made in the name of `name`. */
export interface Writing {
  readonly name: string;
  readonly first: number;
  readonly count: number;
}

/** A process that changes flags; it waits until it is told to begin. */
export class WriterProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(kind: WritableKind, url: string, { name, first, count }: Writing): Promise<WriterProcess> {
    const words = [kind, url, name, String(first), String(count)];
    // None of the test runner's own options.
    const child = fork(join(builtChildren, 'writer.mjs'), words, { execArgv: [] });
    await once(child, 'message');
    return new WriterProcess(child);
  }

  /** Resolves when it has made the first change; it goes on. */
  async begin(): Promise<void> {
    this.#child.send('begin');
    await this.#message();
  }

  /** Resolves when all changes are made. */
  async report(): Promise<WriterReport> {
    const report = (await this.#message()) as WriterReport;
    return report;
  }

  /** Ends it wherever it is. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  async #message(): Promise<unknown> {
    const ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`A writer ended with ${String(code)}.`);
    });
    const [message] = (await Promise.race([once(this.#child, 'message'), ended])) as [unknown];
    return message;
  }
}
