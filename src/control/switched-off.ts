import type { Answer } from '../evaluation/answer.js';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { isKilled } from '../evaluation/flag-situation.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Snapshot } from '../runtime/snapshot.js';
import type { OpenRefusal } from './breaker.js';

/** A kill switch keeps something from being done. */
export type Refusal = FlagRefusal | OpenRefusal;

/** It does because of its flag: somebody killed it, or its document switches it off (`enabled`, `requires`, `serve: off`). */
interface FlagRefusal {
  readonly isAdmitted: false;
  readonly why: 'killed' | 'disabled';
  /** When a kill ends by itself, in milliseconds above 0. */
  readonly retryAfterMs: number | undefined;
}

/**
 * Evaluates a flag as a kill switch: off when it is disabled or killed, when a flag that it requires fails, and when its
 * value is `false`. In any doubt (no such flag, nothing loaded, an error, a value that isn't boolean) it isn't off.
 * @param snapshot the flags that a request keeps to; default: those that serve now
 */
export function switchedOff(
  runtime: Runtime,
  flagKey: string,
  context: EvaluationContext | undefined,
  snapshot?: Snapshot,
): FlagRefusal | undefined {
  return refusalBy(runtime.evaluator.answer(flagKey, context, snapshot), runtime, flagKey);
}

/** Why a flag that gave this answer keeps something from being done, if it does. */
export function refusalBy({ reason, value }: Answer, runtime: Runtime, flagKey: string): FlagRefusal | undefined {
  const isOff = reason === 'DISABLED' || reason === 'PREREQUISITE_FAILED' || value === false;
  return isOff ? describeRefusal(runtime, flagKey) : undefined;
}

function describeRefusal({ clock, evaluator }: Runtime, flagKey: string): FlagRefusal {
  const situation = evaluator.current.set.flags.get(flagKey)?.situation;
  const now = clock.now();
  if (situation === undefined || !isKilled(situation, now)) return DISABLED;
  const { killedUntil = Infinity } = situation;
  return { isAdmitted: false, why: 'killed', retryAfterMs: killedUntil === Infinity ? undefined : killedUntil - now };
}

const DISABLED: FlagRefusal = Object.freeze({ isAdmitted: false, why: 'disabled', retryAfterMs: undefined });
