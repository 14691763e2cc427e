import type { Trip } from '../../../flags/trip.js';
import { describeEvidence } from '../../trip-evidence.js';
import type { RolloutDecision } from '../rollout-decision.js';
import { describeVerdict } from '../judge/verdict.js';

/** What a person may want to be told of, once. */
export interface RolloutNotice {
  /**
   * What the controller did: `start`, `promote`, `rollback`, `complete`. `approval`: nothing but a person's approval is
   * missing. `hold`: it has held for long. `alarm`: it can't go on without a person. `changed`: a person moved the
   * rollout. `trip`: a breaker opened.
   */
  readonly type: 'start' | 'promote' | 'rollback' | 'complete' | 'approval' | 'hold' | 'alarm' | 'changed' | 'trip';
  readonly flagKey: string;
  /** All of it in a sentence or two. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The process that tells. */
  readonly instance: string;
  readonly decision?: RolloutDecision;
  readonly trip?: Trip;
}

/** Told of each notice. What it throws, or rejects with, is logged and does no harm. */
export type NotifyRollout = (notice: RolloutNotice) => unknown;

/** A decision as a person reads it. */
export function describeDecision(decision: RolloutDecision): string {
  const { flagKey, action, from, to, reason, verdicts, isDryRun } = decision;
  const would = isDryRun ? 'would have been ' : '';
  const did = {
    start: `${would}started at ${to} %`,
    promote: `${would}promoted from ${from} % to ${to} %`,
    rollback: `${would}rolled back from ${from} % to 0 %`,
    complete: `${would}completed at ${to} %`,
    hold: `held at ${from} %`,
    wait: `waiting at ${from} %`,
  };
  const numbers = verdicts.map(describeVerdict).filter((verdict) => verdict !== reason);
  return [`${flagKey} ${did[action]}: ${reason}`, ...numbers].map(sentence).join(' ');
}

/** With a full stop, unless what it quotes ends like one. */
export function sentence(text: string): string {
  return /[.?!…]$/.test(text) ? text : `${text}.`;
}

export function describeTrip(flagKey: string, { evidence, openUntil }: Trip): string {
  const end = openUntil === undefined ? 'until somebody restores it' : `until ${new Date(openUntil).toISOString()}`;
  return `The breaker of ${flagKey} opened: ${describeEvidence(evidence)}. It is open ${end}.`;
}
