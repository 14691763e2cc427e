import gammainc from '@stdlib/math-base-special-gammainc';

/** How well counts fit the shares that they should have. */
export interface ChiSquaredTest {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  /** How often chance alone makes a difference at least as large, 0–1. */
  readonly pValue: number;
  /** The smallest count that was expected. Below 5 the p value is rough. */
  readonly smallestExpected: number;
}

/**
 * Pearson's chi-squared test of goodness of fit. The tail is the regularised upper incomplete gamma function Q(k/2, x/2),
 * exact also where 1 − CDF would be 0.
 *
 * @param cells what was counted, and the share (0–1) that was expected; the shares sum up to 1
 * @returns `undefined` where there is nothing to compare: no units, or fewer than two shares above 0
 */
export function chiSquaredTest(
  cells: readonly { readonly count: number; readonly share: number }[],
): ChiSquaredTest | undefined {
  const total = cells.reduce((sum, { count }) => sum + count, 0);
  const possible = cells.filter(({ share }) => share > 0);
  if (total === 0 || possible.length < 2) return undefined;
  const degreesOfFreedom = possible.length - 1;
  const isImpossible = cells.some(({ count, share }) => share <= 0 && count > 0);
  const statistic = isImpossible
    ? Infinity
    : possible.reduce((sum, { count, share }) => sum + (count - total * share) ** 2 / (total * share), 0);
  return {
    statistic,
    degreesOfFreedom,
    pValue: statistic === Infinity ? 0 : gammainc(statistic / 2, degreesOfFreedom / 2, true, true),
    smallestExpected: Math.min(...possible.map(({ share }) => share * total)),
  };
}
