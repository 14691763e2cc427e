import { describe, expect, it } from 'vitest';
import { expectRecorded } from './recorded.js';
import { byStage, harmful, hardest, runScenario, type Scenario, traffic } from './scenarios.js';

const runAll = (scenarios: readonly Scenario[]) =>
  Object.fromEntries(scenarios.map((scenario) => [scenario.name, runScenario(scenario)]));

describe('a harmful rollout', () => {
  it('from 1 % to 3 % errors at 100 requests a second is rolled back in at least 99 % of runs', () => {
    const found = runAll(harmful);
    for (const name of ['units alike', 'one unit in a hundred always fails']) {
      expect(found[`1 % to 3 %, ${name}`]?.rolledBack, name).toBeGreaterThanOrEqual(0.99);
    }
    expectRecorded('harmful', found);
  });

  it('is rolled back in any stage, and sooner the more are in', () => {
    const found = runAll(byStage);
    // Of the 100 units that are in at 1 %, the one that always fails is as likely to be luck as harm.
    const sure = Object.entries(found).filter(([name]) => name !== '1 % in, one unit in a hundred always fails');
    for (const [name, { rolledBack }] of sure) expect(rolledBack, name).toBeGreaterThanOrEqual(0.99);
    expectRecorded('by-stage', found);
  });

  it('is rolled back later with less traffic', () => {
    expectRecorded('traffic', runAll(traffic));
  });
});

describe('the hardest harmless rollouts that were found', () => {
  it('are rolled back in at most 5 % of runs', () => {
    const found = runAll(hardest);
    for (const [name, { rolledBack }] of Object.entries(found)) expect(rolledBack, name).toBeLessThanOrEqual(0.05);
    expectRecorded('hardest', found);
  });
});
