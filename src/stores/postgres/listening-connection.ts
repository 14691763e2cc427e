import type { PgListener } from './postgres-client.js';
import { within } from './time-limit.js';

/** How long a connection may take to end in good order, in milliseconds. */
const longestFarewellMs = 1_000;

/** What a client of `pg` has, though its types don't tell. */
interface Internals {
  readonly connection?: { readonly stream?: { destroy?(): void } };
  unref?(): void;
}

/** A connection that listens to one channel until it is lost or closed. It keeps no process alive. */
export class ListeningConnection {
  readonly #client: PgListener & Internals;
  readonly #over = new AbortController();

  /** @param onPayload is told everything that is said on the channel. */
  constructor(client: PgListener, onPayload: (payload: string) => void) {
    this.#client = client;
    // Without a listener, the loss of the connection would end the process.
    client.on('error', () => this.close());
    client.on('end', () => this.close());
    client.on('notification', ({ payload }) => onPayload(payload ?? ''));
  }

  /** Aborted once it is lost or closed. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Rejects if there is no connection within `limitMs`. */
  async connect(limitMs: number): Promise<void> {
    const connecting = this.#client.connect();
    this.#client.unref?.();
    await this.#unlessOver(limitMs, connecting);
    // TLS has made another socket of it.
    this.#client.unref?.();
  }

  /** Rejects if the server refuses. */
  async listen(channel: string, limitMs: number): Promise<void> {
    await this.#unlessOver(limitMs, this.#client.query(`LISTEN "${channel}"`));
  }

  /** Ends it, whatever state it is in. May be called twice. */
  close(): void {
    if (this.over.aborted) return;
    this.#over.abort();
    const cut = setTimeout(() => this.#client.connection?.stream?.destroy?.(), longestFarewellMs).unref();
    const end = async (): Promise<void> => {
      await this.#client.end();
      clearTimeout(cut);
    };
    end().catch(() => undefined);
  }

  /** A client that is ended while it connects never says so. */
  async #unlessOver(limitMs: number, action: Promise<unknown>): Promise<void> {
    const { over } = this;
    const lost = new Promise<never>((_, reject) => {
      over.addEventListener('abort', () => reject(new Error('The connection was lost.')), { once: true });
    });
    await within(limitMs, Promise.race([action, lost]), () => new Error(`There was no answer within ${limitMs} ms.`));
  }
}
