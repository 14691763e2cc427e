import type { RedisCommands, ScriptConnection, ScriptRunner } from './redis-commands.js';
import { redisError, RedisStoreError } from './redis-error.js';
import type { RedisScript } from './redis-scripts.js';

export interface RedisLinkOptions {
  /** The store's name, for errors. */
  readonly name: string;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Runs a store's scripts on the client that it was given, each within a time; and while that client gives no answers, on a
 * connection of its own.
 *
 * A connection can die without a word: the server's machine is gone, or a router has forgotten it. The system, and every
 * client with it, goes on waiting for a quarter of an hour. Another connection may work at once.
 */
export class RedisLink {
  readonly #client: RedisCommands;
  readonly #options: RedisLinkOptions;
  #spare: ScriptConnection | undefined;
  /** Whether the client has answered since it was given up. */
  #isClientBack = false;
  #running = 0;
  #isClosed = false;

  constructor(client: RedisCommands, options: RedisLinkOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Rejects with {@link RedisStoreError} if Redis can't be asked, or doesn't answer in time. */
  async run(script: RedisScript, keys: readonly string[], parameters: readonly string[]): Promise<unknown> {
    const { name, timeoutMs } = this.#options;
    const silence = new RedisStoreError(`${name}: Redis did not answer within ${timeoutMs} ms (timeoutMs).`);
    const connection = this.#choose();
    this.#running += 1;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(silence);
        this.#giveUp(connection);
      }, timeoutMs).unref();
    });
    try {
      const reply = connection.run(script, keys, parameters);
      if (connection === this.#client) this.#awaitClient(reply);
      return await Promise.race([reply, timeout]);
    } catch (error) {
      if (error instanceof RedisStoreError) throw error;
      if (!this.#isInUse(connection)) throw silence;
      throw redisError(name, error);
    } finally {
      clearTimeout(timer);
      this.#running -= 1;
    }
  }

  /** Ends what it has opened. What runs on the client goes on. */
  close(): void {
    this.#isClosed = true;
    this.#dropSpare();
  }

  #choose(): ScriptRunner {
    // What still runs on the spare connection is let finish.
    if (this.#isClientBack && this.#running === 0) this.#dropSpare();
    return this.#spare ?? this.#client;
  }

  /** However late it answers, and be it an error: then the client has noticed what became of its connection. */
  #awaitClient(reply: Promise<unknown>): void {
    const back = (): void => void (this.#isClientBack = true);
    reply.then(back, back);
  }

  /** The next script runs on a new connection; or on the client, if that has answered: it is asked by nobody else. */
  #giveUp(connection: ScriptRunner): void {
    if (connection !== (this.#spare ?? this.#client)) return;
    this.#dropSpare();
    if (this.#isClosed) return;
    if (connection === this.#client) this.#isClientBack = false;
    else if (this.#isClientBack) return;
    try {
      this.#spare = this.#client.connect();
    } catch {
      // Then the client goes on being asked.
    }
  }

  /** What runs on a spare connection that was given up ends with it. */
  #isInUse(connection: ScriptRunner): boolean {
    return connection === this.#client || connection === this.#spare;
  }

  #dropSpare(): void {
    this.#spare?.close();
    this.#spare = undefined;
  }
}
