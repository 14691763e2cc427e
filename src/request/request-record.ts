import type { RequestInfo, RequestOutcome, ServedAnswer } from '../runtime/events.js';
import type { Runtime } from '../runtime/runtime.js';
import { worse } from './request-outcome.js';

/** What is written down about one request, for those who listen: which flags it asked, how long it took, how it ended. */
export class RequestRecord {
  /** The latest answer of each flag that was evaluated in the request. */
  readonly answers: Map<string, ServedAnswer> = new Map();
  readonly #runtime: Runtime;
  readonly #request: RequestInfo;
  readonly #startedAt = performance.now();
  #worst: RequestOutcome = 'ok';
  #isEnded = false;

  constructor(runtime: Runtime, request: RequestInfo) {
    this.#runtime = runtime;
    this.#request = request;
  }

  /** Tells of something that happened in the request: of all that is told, the worst is its outcome. */
  note(outcome: RequestOutcome): void {
    this.#worst = worse(this.#worst, outcome);
  }

  /** The request is over. Only the first call counts. */
  end(outcome: RequestOutcome): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.note(outcome);
    this.#runtime.listeners.emit('request', {
      flags: this.answers,
      outcome: this.#worst,
      durationMs: performance.now() - this.#startedAt,
      request: this.#request,
    });
  }
}
