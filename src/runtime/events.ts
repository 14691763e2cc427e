import type { Answer, Assignment, ErrorCode, Reason } from '../evaluation/answer.js';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { FlagKind, VariantValue } from '../flags/flag-document.js';
import { didYouMean } from '../flags/nearest-word.js';
import type { RolloutProgress } from '../flags/rollout-progress.js';
import type { Trip } from '../flags/trip.js';

/** What `halyard.on` tells. */
export interface HalyardEvents {
  /** Flags are loaded for the first time, or up to date again after they were stale. */
  readonly ready: { readonly version: string };
  /** Answers may be others from now on. The new flags already serve. */
  readonly change: ChangeEvent;
  /** The flags still serve, but may not be what the store holds. */
  readonly stale: { readonly reason: string };
  /** The store could not be read, or holds a document that was refused. The last good flags go on serving. */
  readonly error: { readonly error: Error; readonly source: string };
  /** This instance switched a flag off. */
  readonly kill: { readonly flagKey: string; readonly by: string; readonly reason: string; readonly until?: number };
  /** This instance ended a kill; the flag may be off for another reason. */
  readonly restore: {
    readonly flagKey: string;
    readonly by: string;
    readonly reason: string;
    readonly rollout?: number;
  };
  /** The breaker of a kill switch opened because of what it measured, or stays open because its probe failed. */
  readonly trip: { readonly flagKey: string } & Trip;
  /** The breaker of a kill switch closed: a probe went well, somebody restored the flag, or its document or state changed. */
  readonly reset: { readonly flagKey: string; readonly cause: 'probe' | 'fleet' | 'restore' | 'change' };
  /** A watched rollout began, stands at another stage, or has another status, wherever that was decided. */
  readonly rollout: RolloutEvent;
  /** A flag was evaluated. */
  readonly evaluation: EvaluationEvent;
  /** A request that had flags is over. */
  readonly request: RequestEvent;
  /** A kill switch answered instead of the route that it guards, or kept a call of `protect` from being made. */
  readonly blocked: { readonly flagKey: string };
  /** A request's context could not be made; the request went on with an empty one. */
  readonly contextError: { readonly error: unknown };
  /** A conversion or another event that `track` was told about. */
  readonly track: TrackEvent;
}

const eventNames: Readonly<Record<keyof HalyardEvents, true>> = {
  ready: true,
  change: true,
  stale: true,
  error: true,
  kill: true,
  restore: true,
  trip: true,
  reset: true,
  rollout: true,
  evaluation: true,
  request: true,
  blocked: true,
  contextError: true,
  track: true,
};

/** @throws TypeError if there is no such event: a listener to it would never be called */
export function checkEventName(name: string): void {
  if (Object.hasOwn(eventNames, name)) return;
  throw new TypeError(`There is no event "${name}".${didYouMean(name, Object.keys(eventNames))}`);
}

export interface ChangeEvent {
  /** Added, changed and removed flags, and those whose segment or prerequisite changed. */
  readonly flagKeys: readonly string[];
  readonly version: string | undefined;
  /** What changed: the stored document or state, this instance's own overrides or kills, or only the time. */
  readonly cause: 'store' | 'local' | 'time';
}

export interface RolloutEvent {
  readonly flagKey: string;
  /** The share of units that are in now, in percent (0–100), unless the flag is off. */
  readonly percentage: number;
  /** Where it stands, and who brought it there. Its `stage` counts from 0. */
  readonly progress: RolloutProgress;
}

export interface EvaluationEvent {
  readonly flagKey: string;
  readonly value: unknown;
  readonly variant: string | undefined;
  readonly reason: Reason;
  readonly errorCode: ErrorCode | undefined;
  readonly errorMessage: string | undefined;
  readonly rule: string | number | undefined;
  readonly assignment: Assignment | undefined;
  /** The document's version. */
  readonly version: string | undefined;
  readonly context: EvaluationContext;
  readonly request: RequestInfo | undefined;
}

/** The request in which a flag was evaluated. */
export interface RequestInfo {
  /** The route's pattern, never the path: `/orders/:id`. */
  readonly route: string | undefined;
  readonly id: string | undefined;
}

/**
 * How a request ended: `server_error` for a status from 500 and for a response that the server cut off, `client_error`
 * for a status from 400 and for one that the client cut off, and `blocked` where a guard answered in the route's place:
 * that says nothing about the route.
 */
export type RequestOutcome = 'ok' | 'client_error' | 'server_error' | 'blocked';

/** What a flag answered in a request. */
export interface ServedAnswer extends Pick<Answer, 'variant' | 'reason' | 'errorCode' | 'rule' | 'assignment'> {
  /** Whom a flag with a watched rollout was evaluated for by an OpenFeature client, which may know more than the request. */
  readonly context?: EvaluationContext;
}

/** A request, or a message, that an adapter gave flags, and that is over. */
export interface RequestEvent {
  /** The latest answer of each flag that was evaluated in it, by flag key. */
  readonly flags: ReadonlyMap<string, ServedAnswer>;
  readonly outcome: RequestOutcome;
  /** From the moment it got its flags to the end of its response, in milliseconds. */
  readonly durationMs: number;
  readonly request: RequestInfo;
  /** The request's context as it is at the end. A property of the event's class: spreading the event leaves it behind. */
  readonly context: EvaluationContext;
}

export interface TrackEvent {
  readonly name: string;
  readonly context: EvaluationContext;
  /** OpenFeature's tracking details: a numeric `value` and attributes. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** The details of one evaluation, in OpenFeature's words, with a few of our own. */
export interface EvaluationDetails<Value> {
  readonly flagKey: string;
  readonly value: Value;
  readonly variant?: string;
  readonly reason: Reason;
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: string;
  readonly flagMetadata: Readonly<Record<string, string | number | boolean>>;
  /** The name of the rule that decided, or its place (`1` is the first). */
  readonly rule?: string | number;
  readonly kind?: FlagKind;
  readonly owner?: string;
  /** The document's version. */
  readonly version?: string;
}

/** A value that a flag can have. */
export type FlagValue = VariantValue;
