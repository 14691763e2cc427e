/** What is said about a flag outside the document. */
export interface FlagSituation {
  /** The flag is killed before this instant, in milliseconds since the epoch; `Infinity`: until somebody restores it. */
  readonly killedUntil: number | undefined;
  /** The variant that a local override serves to everyone. */
  readonly override: string | undefined;
}

const NOTHING_SAID: FlagSituation = { killedUntil: undefined, override: undefined };

/** Most flags share the situation in which nothing is said about them. */
export function createSituation(killedUntil: number | undefined, override: string | undefined): FlagSituation {
  return killedUntil === undefined && override === undefined ? NOTHING_SAID : { killedUntil, override };
}

/** Whether two situations lead to the same answers. */
export function isSameSituation(a: FlagSituation, b: FlagSituation): boolean {
  return a.killedUntil === b.killedUntil && a.override === b.override;
}
