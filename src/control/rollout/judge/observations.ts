import type { HistogramCounts } from '../../../statistics/histogram-quantile.js';
import type { SlicedCounts } from '../../../statistics/design-effect.js';

/** What was counted of one arm in a span of time: how its requests ended, by slices of units, and how long they took. */
export interface ArmObservations extends SlicedCounts {
  /** In seconds; without it, limits on the duration are inconclusive. */
  readonly durations?: HistogramCounts | undefined;
}

/** Only units that the rollout itself placed: whom a target or a rule let in is in neither arm. */
export interface ObservedArms {
  readonly in: ArmObservations;
  readonly out: ArmObservations;
}

/** What a query of the user's own gave: a number, nothing, or an error. */
export type QueryResult = { readonly value: number | undefined } | { readonly error: string };

/** What one look sees. */
export type RolloutObservations = MeasuredObservations | FailedObservations;

export interface MeasuredObservations {
  readonly type: 'measured';
  /** When the stage's counts begin; counts that began before the stage are not judged. */
  readonly from: number;
  /** The end of the newest whole window. */
  readonly until: number;
  /** From `from` to `until`. */
  readonly stage: ObservedArms;
  /** The newest whole window alone. */
  readonly window: ObservedArms;
  /** By the queries' names. */
  readonly queries: ReadonlyMap<string, QueryResult>;
}

/** Whoever was asked did not answer. */
interface FailedObservations {
  readonly type: 'failed';
  readonly until: number;
  readonly error: string;
}

export function requestsOf({ requests }: SlicedCounts): number {
  let sum = 0;
  for (let slice = 0; slice < requests.length; slice += 1) sum += requests[slice] ?? 0;
  return sum;
}

export function failuresOf({ failures }: SlicedCounts): number {
  let sum = 0;
  for (let slice = 0; slice < failures.length; slice += 1) sum += failures[slice] ?? 0;
  return sum;
}
