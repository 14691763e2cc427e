import type { FlagDocument, FlagStore, StoredFlags } from 'halyard';
import { emptyFlagState } from '../../src/flags/flag-state.js';

type Answer = () => StoredFlags;

/** A store that does what the test says: it serves flags, fails, or leaves every load hanging until told otherwise. */
export class ScriptedStore implements FlagStore {
  readonly name = 'scripted';
  readonly refuses: 'whole' | 'flags';
  #answer: Answer | undefined;
  #counter = 0;
  readonly #hanging: ((answer: Answer) => void)[] = [];

  constructor(refuses: 'whole' | 'flags' = 'whole') {
    this.refuses = refuses;
  }

  serve(flags: FlagDocument['flags'], segments: FlagDocument['segments'] = {}): this {
    return this.#hold({ version: 1, flags, segments });
  }

  /** Holds a text, which may be broken. */
  serveText(text: string): this {
    return this.#hold([{ name: 'scripted.yaml', text }]);
  }

  fail(message: string): this {
    return this.#become(() => {
      throw new Error(message);
    });
  }

  async load(): Promise<StoredFlags> {
    if (this.#answer !== undefined) return this.#answer();
    const answer = await new Promise<Answer>((resolve) => this.#hanging.push(resolve));
    return answer();
  }

  async close(): Promise<void> {}

  #hold(document: StoredFlags['document']): this {
    this.#counter += 1;
    const stored: StoredFlags = { document, state: emptyFlagState, version: `scripted:${this.#counter}` };
    return this.#become(() => stored);
  }

  #become(answer: Answer): this {
    this.#answer = answer;
    for (const resolve of this.#hanging.splice(0)) resolve(answer);
    return this;
  }
}
