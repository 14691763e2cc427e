import type { Variants } from './parse-variants.js';
import type { ProblemLog } from './problem-log.js';

/** What the parts of a flag need to know of it. */
export interface FlagScope {
  readonly key: string;
  /** `undefined`: they have problems of their own, so names of variants can't be checked. */
  readonly variants: Variants | undefined;
  readonly offVariant: string | undefined;
  /** The attribute to bucket where a rollout or split names none. */
  readonly by: string;
  readonly seed: string;
  readonly log: ProblemLog;
}
