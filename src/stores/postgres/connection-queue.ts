import type { PgConnection, PgPool } from './postgres-client.js';

/** How many more requests may be under way than there are who wait. */
const mostSpare = 2;

export interface ConnectionQueueOptions {
  /** How long a connection is waited for, in milliseconds. */
  readonly timeoutMs: number;
  /** What those are told who have waited so long. */
  readonly noConnection: () => Error;
}

/**
 * Who waits for a connection, and what was asked of the pool: two queues, because a pool can't take a request back. The
 * next connection, whoever asked for it, goes to the one who has waited longest. So a request that hangs in its handshake
 * holds up nobody: whoever comes later asks anew, unless too many are under way already.
 */
export class ConnectionQueue {
  readonly #pool: PgPool;
  readonly #options: ConnectionQueueOptions;
  /** Those who came first are first. */
  readonly #waiting = new Set<Waiter>();
  /** How many requests the pool has not answered yet. */
  #requests = 0;

  constructor(pool: PgPool, options: ConnectionQueueOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Rejects if there is none in time, and with what the pool says if no other request is left to wait for. */
  take(): Promise<PgConnection> {
    return new Promise((resolve, reject) => {
      const { timeoutMs, noConnection } = this.#options;
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(noConnection());
      }, timeoutMs).unref();
      const waiter: Waiter = { resolve, reject, timer, hasAsked: false };
      this.#waiting.add(waiter);
      this.#askFor(waiter);
    });
  }

  /** Those who wait are told at once. What still comes goes back to the pool. */
  close(error: Error): void {
    for (const waiter of this.#waiting) this.#leave(waiter).reject(error);
  }

  /** Asks for one who has not asked yet, if there is room. */
  #askFor(waiter: Waiter | undefined): void {
    if (waiter === undefined || this.#requests >= this.#waiting.size + mostSpare) return;
    waiter.hasAsked = true;
    this.#requests += 1;
    const request = async (): Promise<PgConnection> => await this.#pool.connect();
    request().then(
      (connection) => this.#give(connection),
      (error: unknown) => this.#fail(error),
    );
  }

  #give(connection: PgConnection): void {
    this.#requests -= 1;
    const [first] = this.#waiting;
    if (first === undefined) connection.release();
    else this.#leave(first).resolve(connection);
  }

  /** A request that failed is nobody's in particular: somebody is told if there are more who wait than requests. */
  #fail(error: unknown): void {
    this.#requests -= 1;
    const waiting = [...this.#waiting];
    this.#askFor(waiting.find(({ hasAsked }) => !hasAsked));
    const [first] = waiting;
    if (first !== undefined && this.#requests < waiting.length) this.#leave(first).reject(error);
  }

  #leave(waiter: Waiter): Waiter {
    clearTimeout(waiter.timer);
    this.#waiting.delete(waiter);
    return waiter;
  }
}

/** One who waits for a connection. */
interface Waiter {
  readonly resolve: (connection: PgConnection) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
  /** Whether a request was made for this one. */
  hasAsked: boolean;
}
