import type { Runtime } from '../../runtime/runtime.js';
import { unknownKey } from './flag-answers.js';
import { interceptReads } from './intercept-reads.js';

/**
 * Makes a read of a flag that isn't there fail. It throws where it is read; but what stands between may catch that and go
 * on: OpenFeature's clients serve the default, frameworks answer 500. So it is remembered, to be told again.
 */
export class UnknownReads {
  readonly #messages = new Set<string>();

  watch({ evaluator }: Runtime): void {
    interceptReads(evaluator, (snapshot, key) => {
      const { flags, parsed } = snapshot.set;
      if (key === undefined || flags.has(key)) return snapshot;
      const message = unknownKey(key, parsed?.flags.keys() ?? []);
      this.#messages.add(message);
      throw new TypeError(message);
    });
  }

  /** What was read since the last call, though it isn't there. */
  take(): readonly string[] {
    const messages = [...this.#messages];
    this.#messages.clear();
    return messages;
  }
}
