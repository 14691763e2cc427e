import { sequenceMultiplier } from './confidence-sequence.js';
import { type SlicedCounts, type SlicedRate, slicedRate } from './design-effect.js';
import { lowerRate, upperRate } from './rate-bounds.js';
import { studentT } from './student-t.js';

export interface RateComparison {
  /** The group that may be worse. */
  readonly tested: SlicedRate;
  /** The group that it is compared with. */
  readonly control: SlicedRate;
  /** The tested rate minus the control's. */
  readonly difference: number;
  /**
   * The difference is at least this, unless the unlikely happened: over all looks together, with a chance of at most
   * alpha. -1 where nothing is known.
   */
  readonly lowerBound: number;
}

export interface ComparisonOptions {
  /** The chance of ever being wrong, over all looks at these growing counts together: above 0 and below ½. */
  readonly alpha: number;
  /** At how many effective requests of two equal groups the bound is tightest. Default: 5,000. */
  readonly tightestAt?: number;
}

/**
 * How much higher one group's rate of failures is than another's, with a lower bound that holds however often one looks.
 *
 * The bound is the lower of two. One takes every request as independent. The other takes slices of units as independent
 * and nothing else: it divides the counts by their design effect, and widens with Student's t because that is estimated
 * from few slices. A false alarm needs both to be wrong, so it is enough that one is right. Each puts the limits of
 * the two rates together as in G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures",
 * Statistics in Medicine 27 (2008), and stretches them as {@link sequenceMultiplier} says.
 */
export function compareRates(
  testedCounts: SlicedCounts,
  controlCounts: SlicedCounts,
  options: ComparisonOptions,
): RateComparison {
  const tested = slicedRate(testedCounts);
  const control = slicedRate(controlCounts);
  const lowerBound = Math.min(
    boundOf(tested, control, { tested: 1, control: 1 }, Infinity, options),
    boundBySlices(tested, control, options),
  );
  return { tested, control, difference: tested.rate - control.rate, lowerBound };
}

interface DesignEffects {
  readonly tested: number;
  readonly control: number;
}

/** With fewer slices that have requests, in either group, their spread says nothing. */
export const FEWEST_SLICES = 8;

/**
 * Slices that are more alike than chance makes them, as a load generator's are, would make each request count for any number
 * of others. What requests prove that are independent is the other bound's to say.
 */
const LEAST_EFFECT = 0.05;

/**
 * Units come to both groups by the same lot, so the control group varies at least as the tested one does. Where it seems
 * not to, it lacks the few units that always fail: by chance, not because there are none.
 */
function boundBySlices(tested: SlicedRate, control: SlicedRate, options: ComparisonOptions): number {
  if (Math.min(tested.degreesOfFreedom, control.degreesOfFreedom) < FEWEST_SLICES - 1) return -1;
  const known = tested.designEffect ?? control.designEffect;
  // Everybody fails, or nobody, and so it is in every slice: there is no spread to doubt.
  if (known === undefined) return boundOf(tested, control, { tested: 1, control: 1 }, Infinity, options);
  const ofTested = Math.max(known, LEAST_EFFECT);
  const effects = { tested: ofTested, control: Math.max(control.designEffect ?? 0, ofTested) };
  return boundOf(tested, control, effects, degreesOfFreedom(tested, control, effects), options);
}

/** Of the difference's standard error: F. E. Satterthwaite's approximation. */
function degreesOfFreedom(tested: SlicedRate, control: SlicedRate, effects: DesignEffects): number {
  const ofTested = effects.tested / tested.requests;
  const ofControl = effects.control / control.requests;
  return (
    (ofTested + ofControl) ** 2 / (ofTested ** 2 / tested.degreesOfFreedom + ofControl ** 2 / control.degreesOfFreedom)
  );
}

function boundOf(
  tested: SlicedRate,
  control: SlicedRate,
  effects: DesignEffects,
  degrees: number,
  { alpha, tightestAt = 5000 }: ComparisonOptions,
): number {
  const testedSize = tested.requests / effects.tested;
  const controlSize = control.requests / effects.control;
  // As many as two equal groups would need to know as much.
  const observations = (4 * testedSize * controlSize) / (testedSize + controlSize);
  return differenceBound(
    { failures: tested.rate * testedSize, requests: testedSize },
    { failures: control.rate * controlSize, requests: controlSize },
    studentT(sequenceMultiplier(observations, { alpha, sides: 'one', tightestAt }), degrees),
  );
}

interface Counts {
  readonly failures: number;
  readonly requests: number;
}

/**
 * The least by which the tested rate is higher than the control's, `z` standard errors deep, requests being independent.
 * Both may be fractions, as numbers of effective requests are. -1 where nothing is known.
 */
export function differenceBound(tested: Counts, control: Counts, z: number): number {
  if (!Number.isFinite(z) || !(tested.requests > 0) || !(control.requests > 0)) return -1;
  const testedRate = tested.failures / tested.requests;
  const controlRate = control.failures / control.requests;
  const below = testedRate - lowerRate(tested.failures, tested.requests, z);
  const above = upperRate(control.failures, control.requests, z) - controlRate;
  return Math.max(testedRate - controlRate - Math.sqrt(below ** 2 + above ** 2), -1);
}
