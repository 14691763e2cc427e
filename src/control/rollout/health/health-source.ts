import type { RolloutChecks } from '../../../flags/flag-definition.js';
import type { ArmObservations, ObservedArms, RolloutObservations } from '../judge/observations.js';

/** Where the numbers come from by which a watched rollout is judged. */
export interface HealthSource {
  /** For messages. */
  readonly name: string;
  /** Never rejects: what fails is `{ type: 'failed' }`. */
  look(question: HealthQuestion): Promise<RolloutObservations>;
}

/** What is asked at one look at a rollout. All times are in milliseconds since the epoch. */
export interface HealthQuestion {
  readonly flagKey: string;
  /** Since when the stage is served. Data that is older does not count. */
  readonly since: number;
  readonly now: number;
  /** How long one window is: the time between two looks. */
  readonly windowMs: number;
  readonly checks: RolloutChecks;
  readonly signal?: AbortSignal | undefined;
}

/** The end of the newest whole window, of those that follow one another from `start`; `start`, if none is whole yet. */
export function newestWindowEnd(start: number, now: number, windowMs: number): number {
  return start + Math.max(Math.floor((now - start) / windowMs), 0) * windowMs;
}

/** No window is whole yet: the judge waits. */
export function nothingYet(since: number): RolloutObservations {
  return { type: 'measured', from: since, until: since, stage: noRequests, window: noRequests, queries: new Map() };
}

const noArm: ArmObservations = { requests: [], failures: [] };
export const noRequests: ObservedArms = { in: noArm, out: noArm };
