import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { FlagSet } from '../evaluation/flag-set.js';
import { watchedRolloutOf } from '../flags/watched-rollout.js';
import type { RequestInfo, ServedAnswer } from './events.js';

/** The flags that serve at one moment. A request keeps the one that it started with. */
export interface Snapshot {
  readonly set: FlagSet;
  /** The stored version; `undefined` while nothing is loaded. */
  readonly version: string | undefined;
  /** The instant at which timed flags are evaluated, in milliseconds since the epoch; `undefined`: whatever the clock says. */
  readonly now: number | undefined;
  readonly request: RequestInfo | undefined;
  /** Where the latest answer of each flag is written down; `undefined`: nobody wants to know. */
  readonly answers: Map<string, ServedAnswer> | undefined;
}

/**
 * Writes down whom a flag was evaluated for, where that may be others than the request's context says: a client of
 * OpenFeature's adds attributes of its own. Only a watched rollout needs to know, which counts by units.
 */
export function noteContext({ set, answers }: Snapshot, flagKey: string, context: EvaluationContext): void {
  const answer = answers?.get(flagKey);
  if (answer === undefined || watchedRolloutOf(set.flags.get(flagKey)?.definition) === undefined) return;
  const { variant, reason, errorCode, rule, assignment } = answer;
  answers?.set(flagKey, { variant, reason, errorCode, rule, assignment, context });
}
