import type { Refusal } from './switched-off.js';

/** What `protect` throws, or gives its fallback, instead of making a call. */
export class KillSwitchOffError extends Error {
  override readonly name = 'KillSwitchOffError';
  readonly flagKey: string;
  /**
   * `killed`: somebody switched the flag off. `disabled`: its document does. `breaker-open`: the calls that it guards
   * failed too often, or took too long.
   */
  readonly why: Refusal['why'];
  /** When to try again, in milliseconds above 0; `undefined`: nobody knows. */
  readonly retryAfterMs: number | undefined;

  constructor(flagKey: string, refusal: Refusal) {
    super(`"${flagKey}" is off: ${reasonOf(refusal)}.`);
    this.flagKey = flagKey;
    this.why = refusal.why;
    this.retryAfterMs = refusal.retryAfterMs;
  }
}

/** Also one that another copy of this package threw. */
export function isKillSwitchOffError(error: unknown): boolean {
  return error instanceof Error && error.name === 'KillSwitchOffError';
}

function reasonOf({ why, retryAfterMs }: Refusal): string {
  if (why === 'disabled') return 'its document says so';
  const end =
    retryAfterMs === undefined ? 'until somebody restores it' : `for another ${Math.ceil(retryAfterMs / 1000)} s`;
  return `${why === 'killed' ? 'it is killed' : 'its breaker is open'}, ${end}`;
}
