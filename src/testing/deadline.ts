/** How long a case may take. It ends with what was waited for, which a test runner's own limit can't tell. */
export class Deadline {
  readonly #limitMs: number;
  readonly #over: Promise<never>;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #waitingFor: string | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#over = new Promise((_, reject) => {
      this.#timer = setTimeout(() => {
        this.#isOver = true;
        reject(this.#error());
      }, limitMs);
    });
  }

  /** Rejects as the promise does, or when the time is over. What the promise does later harms nobody. */
  hold(promise: Promise<void>): Promise<void> {
    return Promise.race([promise, this.#over]);
  }

  /** Says what is waited for from now on; `undefined`: for the store to answer. */
  waitFor(what: string | undefined): void {
    this.#waitingFor = what;
  }

  /** @throws Error if the time is over, so that nobody goes on waiting. */
  check(): void {
    if (this.#isOver) throw this.#error();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #error(): Error {
    return new Error(`Waited ${this.#limitMs / 1_000} s for ${this.#waitingFor ?? 'the store to answer'}.`);
  }
}
