import fc from 'fast-check';
import { sequenceMultiplier, studentT } from 'halyard/statistics';
import { describe, expect, it } from 'vitest';

const alpha = fc.double({ min: 1e-6, max: 0.49, noNaN: true });
const observations = fc.double({ min: 1, max: 1e12, noNaN: true });
const small = fc.double({ min: 1e-6, max: 0.1, noNaN: true });
const many = fc.double({ min: 1000, max: 1e12, noNaN: true });
const sides = fc.constantFrom('one' as const, 'two' as const);

describe('the confidence sequence', () => {
  // Half-widths where the standard error times the root of the observations is 1, tuned for 5,000: computed from the paper.
  it.each([
    [1000, 'two', 0.10637547],
    [1000, 'one', 0.09968835],
    [5000, 'two', 0.04292434],
    [5000, 'one', 0.03930233],
  ] as const)('after %d observations, with %s side(s), is %d wide', (count, which, width) => {
    expect(sequenceMultiplier(count, { alpha: 0.05, sides: which }) / Math.sqrt(count)).toBeCloseTo(width, 8);
  });

  it('narrows as more is seen, and is widest without end where nothing is', () => {
    fc.assert(
      fc.property(observations, alpha, sides, (count, chance, which) => {
        const width = (n: number): number => sequenceMultiplier(n, { alpha: chance, sides: which }) / Math.sqrt(n);
        expect(width(count * 1.01)).toBeLessThan(width(count));
      }),
    );
    for (const nothing of [0, -1, NaN])
      expect(sequenceMultiplier(nothing, { alpha: 0.05, sides: 'one' })).toBe(Infinity);
  });

  it('is wider than a single look, wider with two sides than with one, and wider the surer it must be', () => {
    fc.assert(
      fc.property(many, small, (count, chance) => {
        const one = sequenceMultiplier(count, { alpha: chance, sides: 'one' });
        expect(sequenceMultiplier(count, { alpha: chance, sides: 'two' })).toBeGreaterThan(one * (1 - 1e-6));
        expect(sequenceMultiplier(count, { alpha: chance / 2, sides: 'one' })).toBeGreaterThan(one * (1 - 1e-6));
        // The single look's z is below this bound.
        expect(one).toBeGreaterThan(Math.sqrt(Math.max(2 * Math.log(1 / (4 * chance)), 0)));
      }),
    );
  });

  it('is tightest, in standard errors, near where it was tuned', () => {
    const at = (count: number): number => sequenceMultiplier(count, { alpha: 0.05, sides: 'two', tightestAt: 800 });
    expect(at(800)).toBeLessThan(at(80));
    expect(at(800)).toBeLessThan(at(8000));
  });
});

describe("Student's t for few degrees of freedom", () => {
  // From SciPy 1.17: stats.t.isf(stats.norm.sf(z), degrees).
  it.each([
    [1.6448536269514722, 15, 1.753050355692572],
    [3.15, 15, 3.8320491849243954],
    [3.6, 30, 4.066212397392881],
    [2.5, 8, 3.210266398035969],
    [4.5, 22.5, 5.820829098200497],
  ])('stretches %d with %d degrees to %d, to 0.3 %', (z, degrees, exact) => {
    expect(Math.abs(studentT(z, degrees) / exact - 1)).toBeLessThan(0.003);
  });

  // Where t's tail, integrated by Simpson's rule, is erfc(z / √2) / 2.
  it.each([
    [3, 7, 4.529974, 0.006],
    [4, 7, 8.466925, 0.017],
    [5, 15, 8.267096, 0.005],
  ])('errs on the wide side: %d with %d degrees', (z, degrees, exact, most) => {
    const excess = studentT(z, degrees) / exact - 1;
    expect(excess).toBeGreaterThan(0);
    expect(excess).toBeLessThan(most);
  });

  it('stretches less the more degrees there are, and not at all with all of them', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 6, noNaN: true }),
        fc.double({ min: 4, max: 1e6, noNaN: true }),
        (z, degrees) => {
          expect(studentT(z, degrees)).toBeGreaterThanOrEqual(studentT(z, degrees * 1.1));
          expect(studentT(z, degrees)).toBeGreaterThan(z * 0.999999);
        },
      ),
    );
    expect(studentT(3, Infinity)).toBe(3);
    expect(studentT(3, 0)).toBe(Infinity);
    expect(studentT(Infinity, 15)).toBe(Infinity);
  });
});
