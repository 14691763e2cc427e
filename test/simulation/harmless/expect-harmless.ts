import { describe, expect, it } from 'vitest';
import { expectRecorded } from '../recorded.js';
import { type baseRates, harmless, runScenario } from '../scenarios.js';

/** A file for each rate, so that they run side by side. */
export function describeHarmless(rate: (typeof baseRates)[number]): void {
  describe('a harmless rollout, looked at every minute for a week', () => {
    it(`is rolled back in at most 5 % of runs: errors at ${rate * 100} %`, () => {
      const found: Record<string, { readonly runs: number; readonly rolledBack: number }> = {};
      for (const scenario of harmless(rate)) {
        const { rolledBack, completed } = runScenario(scenario);
        expect(rolledBack, scenario.name).toBeLessThanOrEqual(0.05);
        expect(completed + rolledBack, scenario.name).toBeCloseTo(1, 9);
        found[scenario.name] = { runs: scenario.runs, rolledBack };
      }
      expectRecorded(`harmless-${rate}`, found);
    });
  });
}
