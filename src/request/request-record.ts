import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { RequestEvent, RequestInfo, RequestOutcome, ServedAnswer } from '../runtime/events.js';
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

  /**
   * The request is over. Only the first call counts.
   * @param source who knows the request's context
   */
  end(outcome: RequestOutcome, source: ContextSource): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.note(outcome);
    const durationMs = performance.now() - this.#startedAt;
    const event = new EndedRequest(this.answers, this.#worst, durationMs, this.#request, source);
    this.#runtime.listeners.emit('request', event);
  }
}

/** Knows a request's context, and makes it if nothing has, without settling it. */
export interface ContextSource {
  peek(): EvaluationContext;
}

/** Most listeners never ask for the context, which may have to be made: so it is read when they do. */
class EndedRequest implements RequestEvent {
  readonly flags: RequestEvent['flags'];
  readonly outcome: RequestOutcome;
  readonly durationMs: number;
  readonly request: RequestInfo;
  readonly #source: ContextSource;

  constructor(
    flags: RequestEvent['flags'],
    outcome: RequestOutcome,
    durationMs: number,
    request: RequestInfo,
    source: ContextSource,
  ) {
    this.flags = flags;
    this.outcome = outcome;
    this.durationMs = durationMs;
    this.request = request;
    this.#source = source;
  }

  get context(): EvaluationContext {
    return this.#source.peek();
  }
}
