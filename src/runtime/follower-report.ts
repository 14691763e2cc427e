import { formatProblem, type Problem } from '../flags/problem.js';
import { compareVersions, type StoredFrom } from '../stores/flag-store.js';
import type { Runtime } from './runtime.js';

/** What is told of a store that is followed: the log, and the event `error`. */
export class FollowerReport {
  readonly #store: string;
  readonly #runtime: Runtime;
  #lastError: { readonly error: Error; readonly at: number } | undefined;
  #toldWarnings = '';

  /** @param store its name */
  constructor(store: string, runtime: Runtime) {
    this.#store = store;
    this.#runtime = runtime;
  }

  /** The latest failure, and when it was met, in milliseconds since the epoch. */
  get lastError(): { readonly error: Error; readonly at: number } | undefined {
    return this.#lastError;
  }

  /** What the store holds was not taken. */
  refusal(error: Error, isNews: boolean): void {
    const isServing = this.#runtime.version !== undefined;
    const meanwhile = isServing ? 'The last good flags go on serving.' : 'Nothing is loaded yet.';
    this.#error(error, isNews, `${this.#store} was not taken. ${meanwhile}`);
  }

  /** What the store gave was taken, but it may be out of date. */
  outOfDate(error: Error, isNews: boolean): void {
    this.#error(error, isNews, `${this.#store} was taken, but may be out of date.`);
  }

  /** What a source holds was taken, but for some flags. */
  partialRefusal(error: Error, isNews: boolean, source: string, refused: ReadonlySet<string>): void {
    const shown = [...refused].slice(0, 10).join(', ');
    const rest = refused.size > 10 ? ` and ${refused.size - 10} more` : '';
    const outcome = `${source} was taken, except for ${shown}${rest}: these serve their last good form, if they have one.`;
    this.#error(error, isNews, outcome);
  }

  /** Flags come from elsewhere than before. */
  source({ name, because }: StoredFrom, before: string): void {
    if (name === before) return;
    const fields = { source: name, before };
    if (because === undefined) this.#runtime.logger.info(fields, `Flags come from ${name} now.`);
    else this.#runtime.logger.warn(fields, `Flags come from ${name} now. ${because}`);
  }

  version(version: string, before: string | undefined): void {
    if (before === undefined || before === version) return;
    const fields = { source: this.#store, version, before };
    if (compareVersions(version, before) === 'older') {
      const message = `${this.#store} went back from version ${before} to ${version}. It is followed.`;
      this.#runtime.logger.warn(fields, message);
    } else {
      this.#runtime.logger.info(fields, `${this.#store} is at version ${version}.`);
    }
  }

  /** The warnings among these, once until they are others. */
  warnings(problems: readonly Problem[]): void {
    const warnings = problems.filter((problem) => problem.severity === 'warning').map(formatProblem);
    const text = warnings.join('\n');
    if (text !== '' && text !== this.#toldWarnings) this.#runtime.logger.warn({ source: this.#store }, text);
    this.#toldWarnings = text;
  }

  /** @param isNews the same failure again and again, while it is retried, is one line */
  #error(error: Error, isNews: boolean, outcome: string): void {
    const { logger, listeners, clock } = this.#runtime;
    if (isNews || error.message !== this.#lastError?.error.message) {
      logger.error({ err: error, source: this.#store }, `${outcome}\n${error.message}`);
    }
    this.#lastError = { error, at: clock.now() };
    listeners.emit('error', { error, source: this.#store });
  }
}
