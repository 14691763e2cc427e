/** What is said about a flag outside the document. */
export interface FlagSituation {
  /** The flag is killed before this instant, in milliseconds since the epoch; `Infinity`: until somebody restores it. */
  readonly killedUntil: number | undefined;
  /** The variant that a local override serves to everyone. */
  readonly override: string | undefined;
  /** Whether the override holds for one request alone, which asked for it. */
  readonly isForced?: boolean;
  /** The share of units that a watched rollout has reached, in percent; `undefined`: the document says it. */
  readonly percentage: number | undefined;
}

const NOTHING_SAID: FlagSituation = { killedUntil: undefined, override: undefined, percentage: undefined };

/** Most flags share the situation in which nothing is said about them. */
export function createSituation(situation: FlagSituation): FlagSituation {
  return isSameSituation(situation, NOTHING_SAID) ? NOTHING_SAID : situation;
}

/** Whether two situations lead to the same answers. */
export function isSameSituation(a: FlagSituation, b: FlagSituation): boolean {
  return a.killedUntil === b.killedUntil && a.override === b.override && a.percentage === b.percentage;
}

/** Whether the flag is killed at `now`, in milliseconds since the epoch. */
export function isKilled({ killedUntil }: FlagSituation, now: number): boolean {
  return killedUntil !== undefined && now < killedUntil;
}
