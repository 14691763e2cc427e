import type {
  BooleanFlagKey,
  Expired,
  FallbackOf,
  FlagKey,
  FlagKeyFor,
  FlagValueOf,
  IfExpired,
  NumberFlagKey,
  ObjectFlagKey,
  StringFlagKey,
  Widened,
} from '../flags/known-flags.js';
import type { EvaluationDetails, FlagValue } from './events.js';

/**
 * How flags are read. Flags that should be gone have signatures of their own, because TypeScript reports the use of a
 * deprecated signature alone; where there are no such flags, nothing is deprecated.
 *
 * @typeParam Rest what a read takes beside key and fallback
 */
export type FlagReads<Rest extends readonly unknown[]> = IfExpired<ExpiredReads<Rest>, object> & KnownReads<Rest>;

/** The second signature of a read is for a type argument of the caller's: `string<Color>('color', 'red')`. */
interface KnownReads<Rest extends readonly unknown[]> {
  /** The flag's value; `fallback` if there is no such flag, it isn't boolean, or an error came between. */
  boolean(flagKey: BooleanFlagKey, fallback: boolean, ...rest: Rest): boolean;
  /** The flag's value; `fallback` if there is no such flag, it isn't a string, or an error came between. */
  string<Key extends StringFlagKey, Fallback extends string>(
    flagKey: Key,
    fallback: Fallback,
    ...rest: Rest
  ): FlagValueOf<Key, string> | Fallback;
  string<Value extends string>(flagKey: StringFlagKey, fallback: Value, ...rest: Rest): Value;
  /** The flag's value; `fallback` if there is no such flag, it isn't a number, or an error came between. */
  number<Key extends NumberFlagKey, Fallback extends number>(
    flagKey: Key,
    fallback: Fallback,
    ...rest: Rest
  ): FlagValueOf<Key, number> | Fallback;
  number<Value extends number>(flagKey: NumberFlagKey, fallback: Value, ...rest: Rest): Value;
  /** The flag's value, deeply frozen; `fallback` if there is no such flag, it isn't an object or array, or an error came between. */
  object<Key extends ObjectFlagKey, Fallback extends object>(
    flagKey: Key,
    fallback: Fallback,
    ...rest: Rest
  ): FlagValueOf<Key, never> | Fallback;
  object<Value extends object>(flagKey: ObjectFlagKey, fallback: Value, ...rest: Rest): Value;
  /** The value with variant, reason, error, rule, owner and version. */
  details<Key extends FlagKey, Fallback extends FallbackOf<Key>>(
    flagKey: Key,
    fallback: Fallback,
    ...rest: Rest
  ): EvaluationDetails<FlagValueOf<Key, Widened<Fallback>> | Fallback>;
  details<Value extends FlagValue | object>(
    flagKey: FlagKeyFor<Value>,
    fallback: Value,
    ...rest: Rest
  ): EvaluationDetails<Value>;
}

interface ExpiredReads<Rest extends readonly unknown[]> {
  /** @deprecated The flag should be gone: remove it from the code, then from the document. */
  boolean(flagKey: Expired<BooleanFlagKey>, fallback: boolean, ...rest: Rest): boolean;
  /** @deprecated The flag should be gone: remove it from the code, then from the document. */
  string<Key extends Expired<StringFlagKey>, Fallback extends string>(
    flagKey: Key,
    fallback: Fallback,
    ...rest: Rest
  ): FlagValueOf<Key, string> | Fallback;
  /** @deprecated The flag should be gone: remove it from the code, then from the document. */
  number<Key extends Expired<NumberFlagKey>, Fallback extends number>(
    flagKey: Key,
    fallback: Fallback,
    ...rest: Rest
  ): FlagValueOf<Key, number> | Fallback;
  /** @deprecated The flag should be gone: remove it from the code, then from the document. */
  object<Key extends Expired<ObjectFlagKey>, Fallback extends object>(
    flagKey: Key,
    fallback: Fallback,
    ...rest: Rest
  ): FlagValueOf<Key, never> | Fallback;
  /** @deprecated The flag should be gone: remove it from the code, then from the document. */
  details<Key extends Expired<FlagKey>, Fallback extends FallbackOf<Key>>(
    flagKey: Key,
    fallback: Fallback,
    ...rest: Rest
  ): EvaluationDetails<FlagValueOf<Key, Widened<Fallback>> | Fallback>;
}
