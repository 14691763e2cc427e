/** How a confidence sequence is tuned. */
export interface SequenceOptions {
  /** The chance of ever being wrong, over all looks together: above 0 and below ½. */
  readonly alpha: number;
  /** `one`: a lower bound (or an upper one) alone; `two`: both. */
  readonly sides: 'one' | 'two';
  /** At how many observations the interval is as tight as it can be. Default: 5,000. */
  readonly tightestAt?: number;
}

/**
 * How many standard errors wide an interval must be that is looked at again and again: with the half-width
 * `multiplier * standardError` at every look, the chance that the truth is ever outside is at most alpha. Where a single
 * look needs 1.96, this is between 3 and 4 over a wide range, and falls nowhere below the single look's.
 *
 * The asymptotic confidence sequence with a Gaussian mixture: I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy and
 * A. Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", https://arxiv.org/abs/2103.06476; the
 * one-sided form and the tuning are in its appendix. It holds as well as the standard error's normal approximation does.
 *
 * @param observations how much has been seen, 0 or more; without any, the interval has no end
 */
export function sequenceMultiplier(observations: number, options: SequenceOptions): number {
  const { alpha, sides, tightestAt = 5000 } = options;
  if (!(observations > 0)) return Infinity;
  const twoSided = sides === 'two';
  const information = observations * mixtureRho(twoSided ? alpha : 2 * alpha, tightestAt) ** 2;
  const root = Math.sqrt(information + 1);
  const log = twoSided ? Math.log(root / alpha) : Math.log1p(root / (2 * alpha));
  return Math.sqrt(((2 * (information + 1)) / information) * log);
}

/** The mixture's spread that makes the interval tightest where it should be. */
function mixtureRho(alpha: number, tightestAt: number): number {
  const log = -2 * Math.log(alpha);
  return Math.sqrt((log + Math.log(log + 1)) / tightestAt);
}
