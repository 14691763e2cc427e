/**
 * What operations did, kept apart from what people wrote: replacing the document keeps the state of flags that still exist.
 */
export interface FlagState {
  /** Killed flags by key. */
  readonly kills: ReadonlyMap<string, Kill>;
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

export const emptyFlagState: FlagState = { kills: new Map() };

/** Whether two states hold the same kills. */
export function isSameState(a: FlagState, b: FlagState): boolean {
  if (a.kills.size !== b.kills.size) return false;
  return Array.from(a.kills).every(([key, kill]) => isSameKill(kill, b.kills.get(key)));
}

function isSameKill(a: Kill, b: Kill | undefined): boolean {
  return b !== undefined && a.at === b.at && a.until === b.until && a.by === b.by && a.reason === b.reason;
}
