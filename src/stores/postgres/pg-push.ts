import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { ListeningConnection } from './listening-connection.js';
import type { PgListener } from './postgres-client.js';

/** How often a connection is tested that says nothing, in milliseconds. */
const testMs = 60_000;
/** How long after a connection was lost the next is tried, in milliseconds; each time twice as long. */
const firstRetryMs = 500;
const longestRetryMs = 60_000;
/** How long after a connection was found deaf the next is tried, in milliseconds. */
const deafRetryMs = 300_000;

export interface PgPushOptions {
  readonly channel: string;
  readonly timeoutMs: number;
  /** A client that isn't connected yet. */
  readonly makeClient: () => PgListener;
  /** Says something on the channel, on another connection: what a connection tells itself gets through a pooler, too. */
  readonly notify: (payload: string) => Promise<unknown>;
  /** Rejects while the database is away. */
  readonly reach: () => Promise<unknown>;
  readonly onPayload: (payload: string) => void;
  /** It hears everything from now on. */
  readonly onListening: () => void;
  /** It hears nothing from now on. */
  readonly onSilence: () => void;
  /** It can't listen though the database answers, and why. */
  readonly onDeaf: (reason: string) => void;
}

/**
 * Listens on a connection of its own, and opens another when it is lost, ever more slowly. Each is tested by a message:
 * a pooler that lends connections for the time of a transaction takes LISTEN, and then tells nothing.
 */
export class PgPush {
  readonly #options: PgPushOptions;
  readonly #closing = new AbortController();
  #connection: ListeningConnection | undefined;
  #failures = 0;
  #onEcho: ((payload: string) => void) | undefined;

  constructor(options: PgPushOptions) {
    this.#options = options;
    void this.#run();
  }

  close(): void {
    this.#closing.abort();
    this.#connection?.close();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed()) {
      const end = await this.#listen().catch((error: unknown) => this.#fail(error));
      this.#connection?.close();
      const longestMs = end === 'deaf' ? deafRetryMs : Math.min(firstRetryMs * 2 ** this.#failures, longestRetryMs);
      await pause(longestMs * (0.5 + Math.random() / 2), this.#closing.signal);
    }
  }

  /** Resolves or rejects once it is over. */
  async #listen(): Promise<'lost' | 'deaf'> {
    const { makeClient, channel, timeoutMs, onListening, onSilence } = this.#options;
    const connection = new ListeningConnection(makeClient(), (payload) => this.#hear(payload));
    this.#connection = connection;
    this.#failures += 1;
    await connection.connect(timeoutMs);
    await connection.listen(channel, timeoutMs);
    if (!(await this.#hearsItself(connection))) return this.#tellDeaf(connection, swallowed);
    this.#failures = 0;
    onListening();
    try {
      do await pause(testMs, connection.over);
      while (!connection.over.aborted && (await this.#hearsItself(connection)));
      return 'lost';
    } finally {
      onSilence();
    }
  }

  /** Whether it is told what is said elsewhere. Rejects if nothing can be said. */
  async #hearsItself(connection: ListeningConnection): Promise<boolean> {
    const expected = `:${randomUUID()}`;
    const patience = new AbortController();
    let isHeard = false;
    this.#onEcho = (payload) => {
      if (payload !== expected) return;
      isHeard = true;
      patience.abort();
    };
    await this.#options.notify(expected);
    await pause(this.#options.timeoutMs, AbortSignal.any([patience.signal, connection.over]));
    this.#onEcho = undefined;
    return isHeard;
  }

  #hear(payload: string): void {
    this.#onEcho?.(payload);
    this.#options.onPayload(payload);
  }

  #tellDeaf(connection: ListeningConnection, reason: string): 'lost' | 'deaf' {
    if (connection.over.aborted) return 'lost';
    this.#options.onDeaf(reason);
    return 'deaf';
  }

  /** Often the database is away, which others tell. If it answers, only listening fails. */
  async #fail(error: unknown): Promise<'lost'> {
    if (this.#failures < 3 || this.#isClosed()) return 'lost';
    try {
      await this.#options.reach();
      this.#options.onDeaf(error instanceof Error ? error.message : String(error));
    } catch {
      // It is away.
    }
    return 'lost';
  }

  /** Asked after every wait. */
  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
}

const swallowed =
  'what is said on the channel does not arrive: a pooler that lends connections for the time of a transaction, such as ' +
  'PgBouncer, keeps it. Give `listen` a connection string that leads past it, or `listen: false`';

/** Resolves after a while, or when the signal says so. Keeps no process alive. */
async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await wait(durationMs, undefined, { ref: false, signal }).catch(() => undefined);
}
