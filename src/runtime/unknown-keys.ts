import type { FlagSet } from '../evaluation/flag-set.js';
import { didYouMean } from '../flags/nearest-word.js';
import type { Logger } from './logger.js';

/** Above this many different unknown keys nothing more is said: they are not typing errors but made up at run time. */
const MOST_TOLD = 100;

/** Says once about each key that no document has, and what may have been meant. Never during an evaluation. */
export class UnknownKeys {
  readonly #logger: Logger;
  readonly #isStrict: boolean;
  readonly #currentSet: () => FlagSet;
  readonly #told = new Set<string>();
  #waiting: string[] = [];

  constructor(logger: Logger, isStrict: boolean, currentSet: () => FlagSet) {
    this.#logger = logger;
    this.#isStrict = isStrict;
    this.#currentSet = currentSet;
  }

  /** A flag was asked for that isn't there. Said after the evaluation, in the next turn of the event loop. */
  note(key: string): void {
    // JavaScript may ask for anything.
    if (typeof key !== 'string' || this.#told.has(key) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(key);
    if (this.#waiting.push(key) === 1) setImmediate(() => this.#tell()).unref();
  }

  /**
   * Code needs a flag with this key.
   * @throws Error if the document lacks it and keys are strict
   */
  expect(key: string): void {
    if (!this.#isUndefined(key)) return;
    if (this.#isStrict) throw new Error(this.#describe(key));
    this.note(key);
  }

  /** A setting names this key. */
  warnIfUndefined(key: string): void {
    if (this.#isUndefined(key)) this.note(key);
  }

  /** A key may be killed without being in the document. */
  #isUndefined(key: string): boolean {
    const { flags, parsed } = this.#currentSet();
    return parsed !== undefined && flags.get(key)?.definition === undefined && !parsed.refused.has(key);
  }

  #tell(): void {
    for (const key of this.#waiting) this.#logger.warn({ flagKey: key }, this.#describe(key));
    this.#waiting = [];
  }

  #describe(key: string): string {
    const known = this.#currentSet().parsed?.flags.keys() ?? [];
    return `No flag has the key \`${key.slice(0, 128)}\`.${didYouMean(key, known)}`;
  }
}
