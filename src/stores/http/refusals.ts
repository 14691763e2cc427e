import { backOffMs } from './back-off.js';
import type { HttpStoreError } from './http-store-error.js';

/** Asking again with the same token seldom helps, and looks like somebody who guesses. */
const PACE = { firstMs: 3_000, longestMs: 300_000 };

interface Refused {
  readonly token: string | undefined;
  readonly error: HttpStoreError;
  readonly count: number;
  /** On the clock of `performance`. */
  readonly until: number;
}

/** Remembers that a token was not accepted, so that it is tried ever less often. Another token is tried at once. */
export class Refusals {
  #latest: Refused | undefined;

  /** @throws HttpStoreError as it was, while it is too early to try this token again */
  check(token: string | undefined): void {
    const latest = this.#of(token);
    if (latest !== undefined && performance.now() < latest.until) throw latest.error;
  }

  note(token: string | undefined, error: HttpStoreError): void {
    const latest = this.#of(token);
    // Several requests may have been under way.
    if (latest !== undefined && performance.now() < latest.until) return;
    const count = (latest?.count ?? 0) + 1;
    this.#latest = { token, error, count, until: performance.now() + backOffMs(count, PACE) };
  }

  forget(): void {
    this.#latest = undefined;
  }

  #of(token: string | undefined): Refused | undefined {
    return this.#latest?.token === token ? this.#latest : undefined;
  }
}
