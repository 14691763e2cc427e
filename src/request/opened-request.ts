import type { RequestOutcome } from '../runtime/events.js';
import type { PinnedFlags } from './pinned-flags.js';
import type { RequestFlags } from './request-flags.js';

/** A request that has its flags. */
export class OpenedRequest {
  /** The `Set-Cookie` header to add to the answer. */
  readonly setCookie: string | undefined;
  readonly #pinned: PinnedFlags;
  #makeContext: (() => Promise<void>) | undefined;
  #settled: Promise<void> | undefined;

  /** @param makeContext makes a context that has to be waited for; never rejects */
  constructor(pinned: PinnedFlags, setCookie: string | undefined, makeContext: (() => Promise<void>) | undefined) {
    this.setCookie = setCookie;
    this.#pinned = pinned;
    this.#makeContext = makeContext;
  }

  get flags(): RequestFlags {
    return this.#pinned;
  }

  /**
   * Makes an `async` context, once however often it is called. Wait for the promise, which never rejects, before the
   * request goes on. `undefined`: there is nothing to wait for.
   */
  settle(): Promise<void> | undefined {
    if (this.#makeContext === undefined) return this.#settled;
    const makeContext = this.#makeContext;
    this.#makeContext = undefined;
    this.#settled = makeContext();
    return this.#settled;
  }

  /** Runs the rest of the request inside its transaction context, and returns what that returns. */
  run<Result>(callback: () => Result): Result {
    const { transaction } = this.#pinned;
    return transaction === undefined ? callback() : transaction.run(callback);
  }

  /** Tells of something that happened and that the response's status doesn't say. The worst of all counts. */
  note(outcome: RequestOutcome): void {
    this.#pinned.record?.note(outcome);
  }

  /** Tells that what is no HTTP request is over. The end of a response is seen without. */
  end(outcome: RequestOutcome): void {
    this.#pinned.record?.end(outcome, this.#pinned);
  }
}
