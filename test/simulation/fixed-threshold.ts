import type { SimulatedService } from 'halyard';
import { createServiceModel } from '../../src/control/rollout/simulation/simulated-service.js';
import { failuresOf, requestsOf } from '../../src/control/rollout/judge/observations.js';
import { createRandom } from '../../src/statistics/random.js';

/** What a controller by hand does with a rollout. */
export interface ThresholdRun {
  readonly rolledBack: boolean;
  /** How many stages it went through without. */
  readonly passed: number;
}

/**
 * The usual loop: serve a percentage, wait an hour, go back if the error rate of that hour is above the limit, and so on
 * for the hours of the stage.
 */
export function runThreshold(
  stages: readonly { readonly percentage: number; readonly hours: number }[],
  limit: number,
  service: SimulatedService,
  seed: number,
): ThresholdRun {
  const model = createServiceModel(service, 3600, createRandom(seed));
  let passed = 0;
  for (const { percentage, hours } of stages) {
    model.enterStage(percentage);
    for (let hour = 0; hour < hours; hour += 1) {
      const { window } = model.look();
      if (failuresOf(window.in) > limit * requestsOf(window.in)) return { rolledBack: true, passed };
    }
    passed += 1;
  }
  return { rolledBack: false, passed };
}
