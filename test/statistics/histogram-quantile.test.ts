import fc from 'fast-check';
import { countAbove, type HistogramCounts, histogramQuantile } from 'halyard/statistics';
import { describe, expect, it } from 'vitest';

const bounds = [0.1, 0.25, 0.5, 1];
const histogram: HistogramCounts = { bounds, counts: [60, 20, 15, 4, 1] };

describe('the quantile of a histogram', () => {
  // By hand: the rank is 0.99 * 100, the 99th of the 4 in (0.5, 1] is the last.
  it.each([
    [0.5, 0.1 * (50 / 60), 0, 0.1],
    [0.6, 0.1, 0, 0.1],
    [0.9, 0.25 + 0.25 * (10 / 15), 0.25, 0.5],
    [0.97, 0.5 + 0.5 * (2 / 4), 0.5, 1],
    [0.99, 1, 0.5, 1],
    [1, 1, 1, Infinity],
  ])('%d is interpolated within its bucket', (share, value, above, atMost) => {
    const found = histogramQuantile(histogram, share);
    expect(found.value).toBeCloseTo(value, 12);
    expect(found).toMatchObject({ above, atMost });
  });

  it('is no number without observations', () => {
    expect(histogramQuantile({ bounds, counts: [0, 0, 0, 0, 0] }, 0.99).value).toBeNaN();
    expect(histogramQuantile({ bounds: [], counts: [] }, 0.99).value).toBeNaN();
  });

  it('leaves as many above it as it says', () => {
    const filled = fc.array(fc.nat(1000), { minLength: 5, maxLength: 5 }).filter((all) => all.some((one) => one > 0));
    fc.assert(
      fc.property(filled, fc.double({ min: 0.01, max: 1, noNaN: true }), (counts, share) => {
        const { value, atMost } = histogramQuantile({ bounds, counts }, share);
        const total = counts.reduce((sum, count) => sum + count, 0);
        const above = countAbove({ bounds, counts }, value);
        if (atMost < Infinity) expect(above).toBeCloseTo(total * (1 - share), 6);
        else expect(above).toBe(counts.at(-1));
      }),
    );
  });
});

describe('the observations above a value', () => {
  it('are interpolated within its bucket, and all of those above the highest bound', () => {
    expect(countAbove(histogram, 0.5)).toBe(5);
    expect(countAbove(histogram, 0.75)).toBe(3);
    expect(countAbove(histogram, 99)).toBe(1);
    expect(countAbove(histogram, 0)).toBe(100);
  });
});
