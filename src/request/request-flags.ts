import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { Explanation } from '../evaluation/explain.js';
import type { EvaluationDetails, FlagValue } from '../runtime/events.js';

/**
 * The flags of one request: evaluated for its context, all from one flag set at one instant, so that a value read twice
 * is the same even if the flags change in between. No method throws or waits.
 *
 * These are direct calls: they run no OpenFeature hooks. An OpenFeature client in the same request sees the same flag
 * set and context, and runs them.
 */
export interface RequestFlags {
  /**
   * The request's context: what was in OpenFeature's transaction context before, the anonymous id, and over them what
   * `context` made or `identify` said. Frozen. Reading it calls a `context` that wasn't called yet.
   */
  readonly context: EvaluationContext;
  /** The flag's value; `fallback` if there is no such flag, it isn't boolean, or an error came between. */
  boolean(flagKey: string, fallback: boolean): boolean;
  /** The flag's value; `fallback` if there is no such flag, it isn't a string, or an error came between. */
  string(flagKey: string, fallback: string): string;
  string<Value extends string>(flagKey: string, fallback: Value): Value;
  /** The flag's value; `fallback` if there is no such flag, it isn't a number, or an error came between. */
  number(flagKey: string, fallback: number): number;
  number<Value extends number>(flagKey: string, fallback: Value): Value;
  /** The flag's value, deeply frozen; `fallback` if there is no such flag, it isn't an object or array, or an error came between. */
  object<Value extends object>(flagKey: string, fallback: Value): Value;
  /** The value with variant, reason, error, rule, owner and version. */
  details(flagKey: string, fallback: boolean): EvaluationDetails<boolean>;
  details(flagKey: string, fallback: string): EvaluationDetails<string>;
  details(flagKey: string, fallback: number): EvaluationDetails<number>;
  details<Value extends FlagValue | object>(flagKey: string, fallback: Value): EvaluationDetails<Value>;
  /** The values of all flags that have one for this context. Not counted as evaluations. */
  all(): Record<string, FlagValue>;
  /** Every step to the answer, every condition, the bucket. `String(explanation)` is for people. Not counted. */
  explain(flagKey: string): Explanation;
  /**
   * Says who the user is, for example after login: replaces what `context` made, here and in OpenFeature's transaction
   * context. The transaction context from before the middleware and the anonymous id stay under it.
   */
  identify(context: EvaluationContext): void;
}
