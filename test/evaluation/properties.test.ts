import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvaluationContext } from '../../src/evaluation/evaluation-context.js';
import { anyValue, flagDocument } from '../flags/arbitraries.js';
import { evaluate, flagSetOf } from './evaluate-document.js';

const units = Array.from({ length: 4_000 }, (_, index) => `unit-${index}`);
const variantsOf = (flag: object): ReadonlyMap<string, string | undefined> => {
  const set = flagSetOf({ version: 1, flags: { flag } });
  return new Map(units.map((targetingKey) => [targetingKey, evaluate(set, 'flag', { targetingKey }).variant]));
};

/** Six standard deviations of a binomial share: a right answer fails once in 500 million. */
const within = (share: number): number => 6 * Math.sqrt((share * (1 - share)) / units.length);

describe('for any document and any context', () => {
  it('an evaluation gives an answer and does not throw', () => {
    const context = fc.oneof(
      fc.dictionary(fc.string(), anyValue),
      fc.record({ targetingKey: anyValue, plan: anyValue, email: anyValue }),
    );
    fc.assert(
      fc.property(flagDocument(), context, fc.date({ noInvalidDate: true }), (document, attributes, now) => {
        const set = flagSetOf(document);
        for (const key of set.flags.keys()) {
          const answer = evaluate(set, key, attributes as EvaluationContext, now.getTime());
          const { definition } = set.flags.get(key)!;
          if (answer.variant !== undefined) expect(answer.value).toBe(definition?.variants.get(answer.variant));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a rollout', () => {
  const percentage = fc.double({ min: 0, max: 100, noNaN: true });

  it('only gains units when its percentage grows', () => {
    fc.assert(
      fc.property(percentage, percentage, fc.string({ minLength: 1 }), (a, b, seed) => {
        const fewer = variantsOf({ rollout: Math.min(a, b), seed });
        const more = variantsOf({ rollout: Math.max(a, b), seed });
        for (const [unit, variant] of fewer) if (variant === 'on') expect(more.get(unit)).toBe('on');
      }),
      { numRuns: 30 },
    );
  });

  it('serves its share', () => {
    fc.assert(
      fc.property(percentage, fc.string({ minLength: 1 }), (share, seed) => {
        const served = [...variantsOf({ rollout: share, seed }).values()].filter((variant) => variant === 'on').length;
        expect(Math.abs(served / units.length - share / 100)).toBeLessThanOrEqual(within(share / 100));
      }),
      { numRuns: 30 },
    );
  });
});

describe('an experiment', () => {
  const experiment = (rollout: number, seed: string): object => ({
    variants: { off: 0, a: 1, b: 2, c: 3 },
    seed,
    rollout,
    split: { a: 1, b: 1, c: 2 },
  });

  it('moves nobody between its variants when its coverage grows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        fc.string({ minLength: 1 }),
        (a, b, seed) => {
          const fewer = variantsOf(experiment(Math.min(a, b), seed));
          const more = variantsOf(experiment(Math.max(a, b), seed));
          for (const [unit, variant] of fewer) if (variant !== 'off') expect(more.get(unit)).toBe(variant);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('divides its units by their weights', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (seed) => {
        const counts = new Map<string | undefined, number>();
        for (const variant of variantsOf(experiment(100, seed)).values())
          counts.set(variant, (counts.get(variant) ?? 0) + 1);
        for (const [variant, share] of [
          ['a', 0.25],
          ['b', 0.25],
          ['c', 0.5],
        ] as const) {
          expect(Math.abs((counts.get(variant) ?? 0) / units.length - share)).toBeLessThanOrEqual(within(share));
        }
      }),
      { numRuns: 30 },
    );
  });
});
