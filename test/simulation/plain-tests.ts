import type { SimulatedService } from 'halyard';
import { slicedRate, type SlicedRate } from 'halyard/statistics';
import { createServiceModel } from '../../src/control/rollout/simulation/simulated-service.js';
import { sequenceMultiplier } from '../../src/statistics/confidence-sequence.js';
import { compareRates } from '../../src/statistics/compare-rates.js';
import { createRandom } from '../../src/statistics/random.js';

/** Simpler ways to ask whether more requests fail in than out. */
export const plainTests = [
  'z-test at every look',
  'sequence, requests independent',
  'sequence, robust error',
  'Halyard',
] as const;

type Alarms = Record<(typeof plainTests)[number], boolean>;

/** Which of them raise a false alarm in a day at one percentage of a harmless rollout, with a look every minute. */
export function falseAlarms(percentage: number, service: SimulatedService, seed: number): Alarms {
  const model = createServiceModel(service, 60, createRandom(seed));
  const alarms: Alarms = {
    'z-test at every look': false,
    'sequence, requests independent': false,
    'sequence, robust error': false,
    Halyard: false,
  };
  model.enterStage(percentage);
  for (let minute = 0; minute < 1440; minute += 1) {
    const { stage } = model.look();
    const [tested, control] = [slicedRate(stage.in), slicedRate(stage.out)];
    if (tested.rate <= control.rate || tested.requests < 30 || tested.failures + control.failures < 5) continue;
    const difference = tested.rate - control.rate;
    const plain = Math.sqrt(variance(tested) + variance(control));
    const robust = Math.sqrt(
      variance(tested) * (tested.designEffect ?? 1) + variance(control) * (control.designEffect ?? 1),
    );
    const multiplier = sequenceMultiplier(tested.requests + control.requests, { alpha: 0.05, sides: 'one' });
    alarms['z-test at every look'] ||= difference > 1.645 * plain;
    alarms['sequence, requests independent'] ||= difference > multiplier * plain;
    alarms['sequence, robust error'] ||= difference > multiplier * robust;
    alarms.Halyard ||= compareRates(stage.in, stage.out, { alpha: 0.05 }).lowerBound > 0;
  }
  return alarms;
}

const variance = ({ rate, requests }: SlicedRate): number => (rate * (1 - rate)) / requests;
