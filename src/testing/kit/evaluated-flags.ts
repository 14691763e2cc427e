import { asUnit } from '../../evaluation/bucketing.js';
import type { Reason } from '../../evaluation/answer.js';
import type { EvaluationEvent } from '../../runtime/events.js';

/** One read of a flag. */
export interface EvaluatedFlag {
  readonly flagKey: string;
  /** What the reader got, its default included. */
  readonly value: unknown;
  readonly variant: string | undefined;
  readonly reason: Reason;
  /** The context's targeting key; `undefined` where there was none, or a request's flag needed none to answer. */
  readonly unit: string | undefined;
}

/** Which flags were read, in order. */
export class EvaluatedFlags {
  #reads: EvaluatedFlag[] = [];

  add({ flagKey, value, variant, reason, context }: EvaluationEvent): void {
    this.#reads.push({ flagKey, value, variant, reason, unit: unitOf(context) });
  }

  get list(): readonly EvaluatedFlag[] {
    return [...this.#reads];
  }

  /** What was read since the last call. */
  take(): readonly EvaluatedFlag[] {
    const reads = this.#reads;
    this.#reads = [];
    return reads;
  }
}

function unitOf(context: EvaluationEvent['context']): string | undefined {
  try {
    return asUnit(context.targetingKey);
  } catch {
    // A context that can't be read.
    return undefined;
  }
}
