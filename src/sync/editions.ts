import { runInSlices } from '../flags/run-steps.js';
import type { Runtime } from '../runtime/runtime.js';
import { type Edition, makeEdition } from './edition.js';

/** What one edition changed of the one before. */
interface Step {
  /** The tag of the edition before. */
  readonly from: string;
  readonly changed: ReadonlySet<string>;
}

/** How many steps back a reader may be and still get changes alone. */
const MOST_STEPS = 200;

/** How many changed lines all remembered steps may have together. */
const MOST_REMEMBERED_LINES = 100_000;

/** Makes an edition of whatever a runtime serves, and remembers what the latest ones changed. */
export class Editions {
  readonly #runtime: Runtime;
  readonly #onEdition: () => void;
  readonly #unlisten: () => void;
  #current: Edition | undefined;
  /** Oldest first. */
  #steps: Step[] = [];
  #isBehind = false;
  #isRunning = false;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** @param onEdition called after each new edition */
  constructor(runtime: Runtime, onEdition: () => void) {
    this.#runtime = runtime;
    this.#onEdition = onEdition;
    this.#unlisten = runtime.onServed(() => this.#follow());
    this.#follow();
  }

  /** The latest; `undefined` while nothing is loaded. */
  get current(): Edition | undefined {
    return this.#current;
  }

  /** The latest. Waits for the first, if flags are loaded. */
  async latest(): Promise<Edition | undefined> {
    if (this.#current === undefined) await this.#running;
    return this.#current;
  }

  /** The lines that changed since an edition; `undefined`: it is not remembered, or most have changed. */
  changesSince(tag: string): ReadonlySet<string> | undefined {
    const first = this.#steps.findLastIndex(({ from }) => from === tag);
    if (first === -1 || this.#current === undefined) return undefined;
    const changed = new Set<string>();
    for (const step of this.#steps.slice(first)) for (const id of step.changed) changed.add(id);
    return changed.size > this.#current.size / 2 ? undefined : changed;
  }

  close(): void {
    this.#isClosed = true;
    this.#unlisten();
  }

  #follow(): void {
    this.#isBehind = true;
    if (!this.#isRunning) this.#running = this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    this.#isRunning = true;
    while (this.#isBehind && !this.#isClosed) {
      this.#isBehind = false;
      const { served } = this.#runtime;
      if (served === undefined) break;
      try {
        this.#publish(await runInSlices(makeEdition(served, this.#current)));
      } catch (error) {
        // A document that a program made may throw when it is read.
        this.#runtime.logger.error({ err: error }, `Readers don't get version ${served.version}: ${String(error)}`);
      }
    }
    this.#isRunning = false;
  }

  #publish(edition: Edition): void {
    const before = this.#current;
    if (this.#isClosed || edition.tag === before?.tag) return;
    this.#current = edition;
    if (before !== undefined) this.#remember({ from: before.tag, changed: edition.changed });
    this.#onEdition();
  }

  #remember(step: Step): void {
    this.#steps.push(step);
    let lines = 0;
    const oldest = this.#steps.findLastIndex(({ changed }) => (lines += changed.size) > MOST_REMEMBERED_LINES);
    this.#steps = this.#steps.slice(Math.max(oldest + 1, this.#steps.length - MOST_STEPS));
  }
}
