import fc from 'fast-check';
import { compareRates, lowerRate, type SlicedCounts, slicedRate, upperRate } from 'halyard/statistics';
import { describe, expect, it } from 'vitest';

describe('the bounds of a rate', () => {
  // Where the binomial log-likelihood has sunk by z²/2, found with SciPy 1.17's brentq.
  it.each([
    [5, 100, 1.959963984540054, 0.01822442432674439, 0.10439644678930886],
    [1, 10, 3, 0.0004320624883483397, 0.548148801429595],
    [24, 1769, 4, 0.0052982062923807695, 0.027644899167600056],
    [0.9, 9, 4, 5.343281753700676e-6, 0.7312797436254895],
    [900, 1000, 2, 0.8799652548540486, 0.9179046431874418],
  ])('of %d out of %d, %d errors deep', (failures, requests, z, low, high) => {
    expect(lowerRate(failures, requests, z) / low).toBeCloseTo(1, 9);
    expect(upperRate(failures, requests, z) / high).toBeCloseTo(1, 9);
  });

  it('say something where nobody failed, everybody did, or nothing is known', () => {
    expect(lowerRate(0, 100, 3)).toBe(0);
    expect(upperRate(0, 100, 3)).toBeCloseTo(1 - Math.exp(-4.5 / 100), 12);
    expect(lowerRate(100, 100, 3)).toBeCloseTo(Math.exp(-4.5 / 100), 12);
    expect(upperRate(100, 100, 3)).toBe(1);
    expect([lowerRate(0, 0, 3), upperRate(0, 0, 3)]).toEqual([0, 1]);
    expect([lowerRate(3, 10, 0), upperRate(3, 10, 0)]).toEqual([0.3, 0.7 + 0.3 - 0.7]);
  });

  it('lie around the rate, mirror each other, and widen with z', () => {
    const sizes = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 40, noNaN: true }),
        (n, p, z) => {
          const low = lowerRate(n * p, n, z);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(low).toBeLessThanOrEqual(p * (1 + 1e-9));
          expect(lowerRate(n * p, n, z * 1.5)).toBeLessThanOrEqual(low * (1 + 1e-9));
          expect(upperRate(n - n * p, n, z)).toBeCloseTo(1 - low, 10);
        },
      ),
    );
  });
});

const even = (requests: number, failures: number, slices = 16): SlicedCounts => ({
  requests: Array.from({ length: slices }, () => requests),
  failures: Array.from({ length: slices }, (_, slice) => failures + (slice % 3) - 1),
});

/** Each unit's requests, all of which end alike. */
function clustered(units: number, perUnit: number, failing: number): SlicedCounts {
  const requests = Array.from({ length: 16 }, () => 0);
  const failures = Array.from({ length: 16 }, () => 0);
  for (let unit = 0; unit < units; unit += 1) {
    requests[unit % 16]! += perUnit;
    if (unit < failing) failures[unit % 16]! += perUnit;
  }
  return { requests, failures };
}

const counts = fc
  .array(fc.tuple(fc.nat(10_000), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 32 })
  .map((slices) => ({
    requests: slices.map(([requests]) => requests),
    failures: slices.map(([requests, share]) => Math.round(requests * share)),
  }));

describe('the design effect', () => {
  it('is how many requests a unit makes, where they all end alike', () => {
    expect(slicedRate(clustered(160, 1, 5)).designEffect).toBeCloseTo(
      slicedRate(clustered(160, 50, 5)).designEffect! / 50,
      9,
    );
    expect(slicedRate(clustered(160, 50, 1)).designEffect).toBeGreaterThan(40);
  });

  it('is as large as it should be where one unit makes most requests', () => {
    const requests = Array.from({ length: 16 }, (_, slice) => (slice === 0 ? 10_000 : 100));
    const failures = requests.map((_, slice) => (slice === 0 ? 9_950 : 1));
    const { rate, designEffect, requests: all } = slicedRate({ requests, failures });
    const error = Math.sqrt((designEffect! * rate * (1 - rate)) / all);
    // Without that unit the rate would be 0.01: the standard error says so.
    expect(error).toBeGreaterThan(0.8);
  });

  it('is not known from one slice, nor where nothing varies', () => {
    expect(slicedRate({ requests: [100], failures: [5] })).toMatchObject({
      designEffect: undefined,
      degreesOfFreedom: 0,
    });
    expect(slicedRate(even(100, 1)).degreesOfFreedom).toBe(15);
    expect(slicedRate({ requests: [], failures: [] })).toMatchObject({ requests: 0, rate: 0, designEffect: undefined });
    expect(slicedRate({ requests: [50, 50], failures: [0, 0] }).designEffect).toBeUndefined();
  });
});

describe('the comparison of two rates', () => {
  it('says the difference, and that it is no smaller than the bound', () => {
    const { difference, lowerBound } = compareRates(even(1000, 40), even(9000, 90), { alpha: 0.05 });
    expect(difference).toBeCloseTo(0.03, 2);
    expect(lowerBound).toBeGreaterThan(0.01);
    expect(lowerBound).toBeLessThan(difference);
  });

  it('finds no harm in the same rate, nor in a lower one', () => {
    expect(compareRates(even(1000, 10), even(9000, 90), { alpha: 0.05 }).lowerBound).toBeLessThan(0);
    expect(compareRates(even(1000, 2), even(9000, 90), { alpha: 0.05 }).lowerBound).toBeLessThan(0);
  });

  it('sees through requests that one unit makes alike: ten times as many say no more', () => {
    const bound = (perUnit: number): number =>
      compareRates(clustered(320, perUnit, 30), clustered(3200, perUnit, 100), { alpha: 0.05 }).lowerBound;
    expect(bound(500)).toBeCloseTo(bound(50), 9);
  });

  it('knows nothing of few slices, or without requests', () => {
    const seven = (failures: number): SlicedCounts => ({
      requests: Array.from({ length: 7 }, () => 1000),
      failures: Array.from({ length: 7 }, () => failures),
    });
    expect(compareRates(seven(1000), seven(0), { alpha: 0.05 }).lowerBound).toBe(-1);
    expect(compareRates({ requests: [], failures: [] }, even(10, 1), { alpha: 0.05 }).lowerBound).toBe(-1);
  });

  it('sees harm in slices that are all the same, as a load generator makes them', () => {
    const same = (requests: number, failures: number) => ({
      requests: Array.from({ length: 16 }, () => requests),
      failures: Array.from({ length: 16 }, () => failures),
    });
    const { lowerBound } = compareRates(same(100, 5), same(100, 0), { alpha: 0.05 });
    expect(lowerBound).toBeGreaterThan(0.02);
    expect(lowerBound).toBeLessThan(0.05);
    expect(compareRates(same(100, 5), same(100, 5), { alpha: 0.05 }).lowerBound).toBeLessThan(0);
  });

  it('sees an outage of everybody who is in', () => {
    const all = { requests: Array.from({ length: 16 }, () => 4), failures: Array.from({ length: 16 }, () => 4) };
    expect(compareRates(all, even(400, 2), { alpha: 0.05 }).lowerBound).toBeGreaterThan(0.3);
  });

  it('is a number from -1 to the difference, whatever was counted', () => {
    fc.assert(
      fc.property(counts, counts, fc.double({ min: 1e-6, max: 0.49, noNaN: true }), (tested, control, alpha) => {
        const { difference, lowerBound } = compareRates(tested, control, { alpha });
        expect(lowerBound).toBeGreaterThanOrEqual(-1);
        expect(lowerBound).toBeLessThanOrEqual(Math.max(difference, -1) + 1e-9);
      }),
      { numRuns: 300 },
    );
  });

  it('claims less the surer it must be', () => {
    const bounds = [0.1, 0.05, 0.01, 1e-6].map(
      (alpha) => compareRates(even(1000, 40), even(9000, 90), { alpha }).lowerBound,
    );
    expect(bounds).toEqual(bounds.toSorted((a, b) => b - a));
  });
});
