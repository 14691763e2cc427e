import type { Runtime } from '../runtime/runtime.js';

/** Tells of contexts that could not be made: each as an event, which is counted, and the first as a line in the log. */
export class ContextFailures {
  readonly #runtime: Runtime;
  #isLogged = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  report(error: unknown): void {
    const { listeners, logger } = this.#runtime;
    listeners.emit('contextError', { error });
    if (this.#isLogged) return;
    this.#isLogged = true;
    const what = error instanceof Error ? error.message : typeof error;
    logger.error(
      { err: error },
      `A request's context could not be made, and it goes on without: ${what} Further ones are only counted.`,
    );
  }
}
