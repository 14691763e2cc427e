import type { RolloutProgress } from './rollout-progress.js';
import { serializeProgress } from './rollout-progress-text.js';
import { sameJson } from './same-json.js';
import type { Trip } from './trip.js';

/**
 * What operations did, kept apart from what people wrote: replacing the document keeps the state of flags that still exist.
 */
export interface FlagState {
  /** Killed flags by key. */
  readonly kills: ReadonlyMap<string, Kill>;
  /** Where watched rollouts stand, by the flags' keys; a flag that isn't there stands at its first stage. */
  readonly rollouts: ReadonlyMap<string, RolloutProgress>;
  /** Breakers that opened for the whole fleet, by the flags' keys. */
  readonly trips: ReadonlyMap<string, Trip>;
}

/** A flag switched off in an emergency. */
export interface Kill {
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  /** Who did it. */
  readonly by: string;
  /** Why. */
  readonly reason: string;
  /** The kill ends by itself at this instant, in milliseconds since the epoch; absent: somebody restores the flag. */
  readonly until?: number;
}

export const emptyFlagState: FlagState = { kills: new Map(), rollouts: new Map(), trips: new Map() };

/** Whether two states say the same. */
export function isSameState(a: FlagState, b: FlagState): boolean {
  return (
    isSameMap(a.kills, b.kills, isSameKill) &&
    isSameMap(a.rollouts, b.rollouts, isSameProgress) &&
    isSameMap(a.trips, b.trips, sameJson)
  );
}

/** Whether two kills say the same. */
export function isSameKill(a: Kill, b: Kill): boolean {
  return a.at === b.at && a.until === b.until && a.by === b.by && a.reason === b.reason;
}

/** Whether two rollouts stand at the same. */
export function isSameProgress(a: RolloutProgress, b: RolloutProgress): boolean {
  return a === b || sameJson(serializeProgress(a), serializeProgress(b));
}

function isSameMap<Entry>(
  a: ReadonlyMap<string, Entry>,
  b: ReadonlyMap<string, Entry>,
  isSame: (a: Entry, b: Entry) => boolean,
): boolean {
  if (a.size !== b.size) return false;
  return Array.from(a).every(([key, entry]) => {
    const other = b.get(key);
    return other !== undefined && isSame(entry, other);
  });
}
