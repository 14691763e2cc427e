import type { IncomingMessage } from 'node:http';
import type { PushListener } from '../change-feed.js';
import { answerError, typeError } from './answer-error.js';
import { backOffMs } from './back-off.js';
import { isTag } from './flag-lines.js';
import type { HttpConnection } from './http-connection.js';
import { HttpStoreError } from './http-store-error.js';

const PACE = { firstMs: 1_000, longestMs: 60_000 };

/** A stream that lived so long had a good start: what ends it is no reason to wait long. */
const LONG_LIFE_MS = 10_000;

/** After so many heartbeats that didn't come, the connection is dead, whatever the network says. */
const MISSED_HEARTBEATS = 3;

/** How long a heartbeat may take if the serving side says something odd, in seconds. */
const SHORTEST_SILENCE_SECONDS = 2;
const LONGEST_SILENCE_SECONDS = 900;

/** An event that is longer is none of ours. */
const LONGEST_EVENT = 65_536;

/** What the serving side has, as the feed of changes compares it. */
export function pushedTag(tag: string, isStale: boolean): string {
  return isStale ? `${tag} stale` : tag;
}

/**
 * Listens to the serving side's versions, for as long as it isn't closed: a stream that ends, breaks or falls silent is
 * opened again, ever less often while that fails. No timer and no connection of it keeps the process alive.
 */
export class PushedVersions {
  readonly #connection: HttpConnection;
  readonly #listener: PushListener;
  readonly #closing = new AbortController();
  #isUp = false;

  constructor(connection: HttpConnection, listener: PushListener) {
    this.#connection = connection;
    this.#listener = listener;
    void this.#run();
  }

  /** Whether changes are told at this moment. */
  get isUp(): boolean {
    return this.#isUp;
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      const start = performance.now();
      let retryAfterMs = 0;
      try {
        await this.#listen(await this.#connection.open('/events'));
      } catch (error) {
        if (error instanceof HttpStoreError) retryAfterMs = error.retryAfterMs ?? 0;
      }
      if (this.#isUp) this.#lose();
      failures = performance.now() - start > LONG_LIFE_MS ? 1 : failures + 1;
      await pause(Math.max(backOffMs(failures, PACE), retryAfterMs), signal);
    }
  }

  /** While it was silent, something may have changed. */
  #lose(): void {
    this.#isUp = false;
    if (!this.#closing.signal.aborted) this.#listener.onReady();
  }

  /** Resolves when the stream is over. */
  async #listen(response: IncomingMessage): Promise<void> {
    const { statusCode = 0, headers } = response;
    const { where } = this.#connection;
    const end = (): void => void response.destroy();
    this.#closing.signal.addEventListener('abort', end);
    // It may have been closed while the stream was opened.
    if (this.#closing.signal.aborted) end();
    let silence: NodeJS.Timeout | undefined;
    try {
      if (statusCode !== 200) throw answerError(where, statusCode, headers);
      if (headers['content-type']?.startsWith('text/event-stream') !== true)
        throw typeError(where, statusCode, headers);
      let longestMs = LONGEST_SILENCE_SECONDS * 1_000;
      const expectMore = (): void => {
        clearTimeout(silence);
        silence = setTimeout(end, longestMs).unref();
      };
      expectMore();
      for await (const data of eventsOf(response, () => expectMore())) {
        longestMs = silenceOf(data) ?? longestMs;
        expectMore();
        this.#take(data);
      }
    } finally {
      clearTimeout(silence);
      this.#closing.signal.removeEventListener('abort', end);
      end();
    }
  }

  #take({ tag, stale }: Readonly<Record<string, unknown>>): void {
    const wasUp = this.#isUp;
    this.#isUp = true;
    if (isTag(tag)) this.#listener.onMessage(pushedTag(tag, stale === true));
    else if (!wasUp) this.#listener.onReady();
  }
}

/** The data of a stream's events, those that are JSON objects. */
async function* eventsOf(
  response: IncomingMessage,
  onBytes: () => void,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const text of response as AsyncIterable<string>) {
    onBytes();
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > LONGEST_EVENT) throw new Error('An event is too long.');
    for (const block of blocks) {
      const data = parseData(block);
      if (data !== undefined) yield data;
    }
  }
}

function parseData(block: string): Readonly<Record<string, unknown>> | undefined {
  const text = /^data: ?(.*)$/m.exec(block)?.[1];
  if (text === undefined) return undefined;
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** How long nothing may come, in milliseconds, by what the serving side says of its heartbeats. */
function silenceOf({ heartbeatSeconds }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof heartbeatSeconds !== 'number') return undefined;
  const seconds = heartbeatSeconds * MISSED_HEARTBEATS;
  return Math.min(Math.max(seconds, SHORTEST_SILENCE_SECONDS), LONGEST_SILENCE_SECONDS) * 1_000;
}

/** Ends earlier when the signal is aborted; its timer doesn't keep the process alive. */
async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, delayMs).unref();
    signal.addEventListener('abort', end);
  });
}
