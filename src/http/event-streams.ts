import type { BodySink, HttpAnswer } from './http-answer.js';
import { RequestProblem } from './request-problem.js';

export interface EventStreamsOptions {
  /** How often something is sent where nothing happens, so that no proxy takes the connection for dead. */
  readonly heartbeatMs: number;
  /** How many clients may listen at once. */
  readonly maxStreams: number;
}

/** How many clients are written to before other work has its turn. */
const SLICE = 256;

/** A client for which more than this waits doesn't read, and is given up. */
const LONGEST_BACKLOG_BYTES = 65_536;

/** How long those wait who were turned away, in seconds. */
const RETRY_AFTER_SECONDS = 30;

const HEADERS: HttpAnswer['headers'] = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // Neither kept nor compressed: a compressor would hold events back.
  'Cache-Control': 'no-cache, no-transform',
  // Nginx would collect events before it passes them on.
  'X-Accel-Buffering': 'no',
};

/** Clients that listen to server-sent events, all to the same. */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #sinks = new Set<BodySink>();
  #heartbeat: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  /**
   * The answer to one more client.
   * @param greet what it is sent first
   * @throws RequestProblem (503) if too many listen already, or no more is sent
   */
  answer(greet: () => string): HttpAnswer {
    const why = this.#whyNotOneMore();
    if (why !== undefined) throw new RequestProblem(503, why, { 'Retry-After': String(RETRY_AFTER_SECONDS) });
    return { status: 200, headers: HEADERS, body: { open: (sink) => this.#open(sink, greet) } };
  }

  /** Sends a text, as the format of event streams wants it, to all who listen now. */
  send(text: string): void {
    this.#sendSlice([...this.#sinks], 0, text);
  }

  /** Ends all streams; no new ones are opened. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    for (const sink of this.#sinks) sink.end();
    this.#sinks.clear();
  }

  #whyNotOneMore(): string | undefined {
    if (this.#isClosed) return 'No more events are sent.';
    return this.#sinks.size >= this.#options.maxStreams ? 'Too many clients listen to events.' : undefined;
  }

  #open(sink: BodySink, greet: () => string): () => void {
    // Since the answer was made, others may have come, or the end.
    if (this.#whyNotOneMore() !== undefined) {
      sink.write(`retry: ${RETRY_AFTER_SECONDS * 1_000}\n\n`);
      sink.end();
      return () => undefined;
    }
    this.#sinks.add(sink);
    this.#heartbeat ??= setInterval(() => this.send(':\n\n'), this.#options.heartbeatMs).unref();
    this.#write(sink, greet());
    return () => this.#forget(sink);
  }

  #forget(sink: BodySink): void {
    this.#sinks.delete(sink);
    if (this.#sinks.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }

  /** Ten thousand at once would keep requests waiting. */
  #sendSlice(sinks: readonly BodySink[], from: number, text: string): void {
    for (const sink of sinks.slice(from, from + SLICE)) this.#write(sink, text);
    const next = from + SLICE;
    if (next < sinks.length) setImmediate(() => this.#sendSlice(sinks, next, text));
  }

  #write(sink: BodySink, text: string): void {
    // It may be gone since the sending began.
    if (this.#sinks.has(sink) && sink.write(text) > LONGEST_BACKLOG_BYTES) sink.abort();
  }
}
