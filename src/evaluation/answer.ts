import type { ValueType } from '../flags/flag-definition.js';
import type { VariantValue } from '../flags/flag-document.js';

/** Why a flag gave its answer: OpenFeature's reasons, and two of our own for what these can't say. */
export type Reason =
  | 'STATIC'
  | 'DEFAULT'
  | 'TARGETING_MATCH'
  | 'SPLIT'
  | 'DISABLED'
  | 'ERROR'
  /** A local override decided. */
  | 'OVERRIDE'
  /** A required flag does not serve the required variant. */
  | 'PREREQUISITE_FAILED';

/** OpenFeature's error codes, as far as an evaluation here can meet them. */
export type ErrorCode =
  'PROVIDER_NOT_READY' | 'FLAG_NOT_FOUND' | 'PARSE_ERROR' | 'TYPE_MISMATCH' | 'TARGETING_KEY_MISSING' | 'GENERAL';

/**
 * How the unit came to its variant: placed `in` or `out` by the flag's own rollout or split, or `targeted` by a target
 * or rule. Comparisons are made between `in` and `out` alone.
 */
export type Assignment = 'in' | 'out' | 'targeted';

/**
 * One of the answers that a flag can give. It doesn't depend on the caller, so it is made once, when the flag is
 * compiled, and giving it allocates nothing.
 */
export interface Answer {
  /** Deeply frozen. `undefined`: the caller's default. */
  readonly value: VariantValue | undefined;
  /** The type of `value`; `undefined` where the caller's default is served. */
  readonly type: ValueType | undefined;
  readonly variant: string | undefined;
  readonly reason: Reason;
  readonly errorCode: ErrorCode | undefined;
  readonly errorMessage: string | undefined;
  /** The name of the rule that decided, or its place (`1` is the first). */
  readonly rule: string | number | undefined;
  readonly assignment: Assignment | undefined;
  /** Where this answer is counted; see {@link countAnswer}. */
  readonly tallies: FlagTallies;
  tally: Tally | undefined;
}

const NO_TALLIES: Tally[] = [];

/** How often a flag gave answers with this variant, reason and error. The counts outlive the flag set. */
export interface Tally {
  readonly variant: string | undefined;
  readonly reason: Reason;
  readonly errorCode: ErrorCode | undefined;
  count: number;
}

/** Counts one evaluation. The tally is looked up when an answer is given for the first time; most never are. */
export function countAnswer(answer: Answer): void {
  answer.tally ??= answer.tallies.for(answer.variant, answer.reason, answer.errorCode);
  answer.tally.count += 1;
}

/** The tallies of one flag key. They are handed on from one compiled form of the flag to the next. */
export class FlagTallies implements Iterable<Tally> {
  #tallies: Tally[] = NO_TALLIES;

  /** The tally for this variant, reason and error; made at the first call. */
  for(variant: string | undefined, reason: Reason, errorCode: ErrorCode | undefined): Tally {
    for (const tally of this.#tallies) {
      if (tally.variant === variant && tally.reason === reason && tally.errorCode === errorCode) return tally;
    }
    const tally: Tally = { variant, reason, errorCode, count: 0 };
    this.#tallies = [...this.#tallies, tally];
    return tally;
  }

  [Symbol.iterator](): Iterator<Tally> {
    return this.#tallies.values();
  }
}

/** An answer without a variant: the caller's default, because of an error. */
export function errorAnswer(errorCode: ErrorCode, errorMessage: string, tallies: FlagTallies): Answer {
  return {
    value: undefined,
    type: undefined,
    variant: undefined,
    reason: 'ERROR',
    errorCode,
    errorMessage,
    rule: undefined,
    assignment: undefined,
    tallies,
    tally: undefined,
  };
}
