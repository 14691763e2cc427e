import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { Explanation } from '../evaluation/explain.js';
import type { FlagKey } from '../flags/known-flags.js';
import type { FlagValue } from '../runtime/events.js';
import type { FlagReads } from '../runtime/flag-reads.js';

/**
 * The flags of one request: evaluated for its context, all from one flag set at one instant, so that a value read twice
 * is the same even if the flags change in between. No method throws or waits.
 *
 * These are direct calls: they run no OpenFeature hooks. An OpenFeature client in the same request sees the same flag
 * set and context, and runs them.
 */
export interface RequestFlags extends FlagReads<[]> {
  /**
   * The request's context: what was in OpenFeature's transaction context before, the anonymous id, and over them what
   * `context` made or `identify` said. Frozen. Reading it calls a `context` that wasn't called yet.
   */
  readonly context: EvaluationContext;
  /** The values of all flags that have one for this context. Not counted as evaluations. */
  all(): Record<string, FlagValue>;
  /** Every step to the answer, every condition, the bucket. `String(explanation)` is for people. Not counted. */
  explain(flagKey: FlagKey): Explanation;
  /**
   * Says who the user is, for example after login: replaces what `context` made, here and in OpenFeature's transaction
   * context. The transaction context from before the middleware and the anonymous id stay under it.
   */
  identify(context: EvaluationContext): void;
}
