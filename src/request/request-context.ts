import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { asContext } from './context-factory.js';
import type { ContextFailures } from './context-failures.js';
import { mergeContexts } from './merge-contexts.js';

const NOTHING: EvaluationContext = Object.freeze({});

/** The context of one request: made at the first read, the same from then on, until somebody says who the user is. */
export class RequestContext {
  readonly #below: readonly object[];
  readonly #make: () => EvaluationContext;
  readonly #failures: ContextFailures;
  #settled: EvaluationContext | undefined;
  #isBeingMade = false;

  /**
   * @param below what is known without the request's own context, weakest first. Read when that is made, not before.
   * @param make the request's own context; may throw
   */
  constructor(below: readonly object[], make: () => EvaluationContext, failures: ContextFailures) {
    this.#below = below;
    this.#make = make;
    this.#failures = failures;
  }

  /** The context; the first read makes it. Never throws. */
  get value(): EvaluationContext {
    if (this.#settled !== undefined) return this.#settled;
    // For flags that `make` itself reads: it would call itself without end.
    return this.#isBeingMade ? this.#overNothing() : this.#settle(this.#make);
  }

  /** What the context would be if it were made now. A guard that runs before authentication must not settle who the user is. */
  peek(): EvaluationContext {
    if (this.#settled !== undefined) return this.#settled;
    try {
      return this.#over(this.#make());
    } catch {
      return this.#overNothing();
    }
  }

  /** Replaces the request's own context; what is below stays. Anything but an object of attributes is an empty context. */
  replace(context: unknown): void {
    this.#settle(() => asContext(context));
  }

  /** The request's own context could not be made. */
  fail(error: unknown): void {
    this.#settle(() => {
      throw error;
    });
  }

  #settle(make: () => EvaluationContext): EvaluationContext {
    let settled: EvaluationContext;
    this.#isBeingMade = true;
    try {
      settled = this.#over(make());
    } catch (error) {
      settled = this.#overNothing();
      this.#failures.report(error);
    }
    this.#isBeingMade = false;
    this.#settled = settled;
    return settled;
  }

  #over(own: EvaluationContext): EvaluationContext {
    return mergeContexts([...this.#below, own]);
  }

  #overNothing(): EvaluationContext {
    try {
      return mergeContexts(this.#below);
    } catch {
      return NOTHING;
    }
  }
}
