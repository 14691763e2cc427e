import { EventStreams, type EventStreamsOptions } from '../http/event-streams.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { Clock } from '../runtime/evaluator.js';

/** For so long after a change a new client is told of it: it may have evaluated before, and come here only now. */
const RECENT_MS = 60_000;

/** After how long clients come back when the connection breaks, in milliseconds: spread, so that they don't come all at once. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 5_000;

/** Tells clients when their flags may have changed. It carries no flag, only that there is something to ask for. */
export class ChangeStream {
  readonly #streams: EventStreams;
  readonly #clock: Clock;
  readonly #currentTag: () => string;
  #tag: string;
  /** Milliseconds since the epoch. */
  #changedAt = -Infinity;

  /** @param currentTag the same as long as no client can see a change */
  constructor(options: EventStreamsOptions, clock: Clock, currentTag: () => string) {
    this.#streams = new EventStreams(options);
    this.#clock = clock;
    this.#currentTag = currentTag;
    this.#tag = currentTag();
  }

  /** Flags changed; perhaps some that clients see. */
  tell(): void {
    const tag = this.#currentTag();
    if (tag === this.#tag) return;
    this.#tag = tag;
    this.#changedAt = this.#clock.now();
    this.#streams.send(this.#refetch());
  }

  /**
   * The answer to one more client.
   * @param lastTag the last one that it was told
   * @throws RequestProblem (503) if too many listen already, or the stream was closed
   */
  answer(lastTag: string | undefined): HttpAnswer {
    return this.#streams.answer(() => {
      const isBehind = lastTag === undefined ? this.#hasJustChanged() : lastTag !== this.#tag;
      const retryMs = Math.round(FIRST_RETRY_MS + Math.random() * (LAST_RETRY_MS - FIRST_RETRY_MS));
      // An id alone makes no event: it is what the client says when it comes back.
      return `retry: ${retryMs}\n${isBehind ? this.#refetch() : `id: ${this.#tag}\n\n`}`;
    });
  }

  close(): void {
    this.#streams.close();
  }

  #hasJustChanged(): boolean {
    return this.#clock.now() - this.#changedAt < RECENT_MS;
  }

  #refetch(): string {
    const lastModified = Math.floor(this.#changedAt / 1_000);
    const data = { type: 'refetchEvaluation', etag: `"${this.#tag}"`, ...(lastModified > 0 && { lastModified }) };
    return `id: ${this.#tag}\nevent: message\ndata: ${JSON.stringify(data)}\n\n`;
  }
}
