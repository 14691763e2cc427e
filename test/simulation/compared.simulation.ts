import type { SimulatedService } from 'halyard';
import { describe, expect, it } from 'vitest';
import { runThreshold } from './fixed-threshold.js';
import { falseAlarms, plainTests } from './plain-tests.js';
import { expectRecorded } from './recorded.js';
import { baseRates, harmless, runs } from './scenarios.js';

const share = (happens: (seed: number) => boolean): number =>
  Array.from({ length: runs }, (_, index) => happens(index + 1)).filter(Boolean).length / runs;

const stages = (...hours: readonly number[]) =>
  [1, 10, 50].map((percentage, stage) => ({ percentage, hours: hours[stage] ?? 1 }));

describe('a fixed threshold, looked at every hour', () => {
  it('rolls harmless rollouts back, with a limit a quarter above the true rate', () => {
    const found = Object.fromEntries(
      [...baseRates.flatMap((rate) => harmless(rate).map((one) => ({ ...one, limit: rate * 1.25 })))].map(
        ({ name, service, limit }) => [
          name,
          share((seed) => runThreshold(stages(24, 48, 96), limit, service, seed).rolledBack),
        ],
      ),
    );
    expectRecorded('threshold-harmless', found);
    expect(found['1 %, units alike']).toBeGreaterThan(0.5);
  });

  it('mistakes 0.8 % for more than 1 %, and lets 1.2 % pass', () => {
    const service = (errorRate: number): SimulatedService => ({ requestsPerSecond: 100, out: { errorRate } });
    const found = {
      'true 0.8 %, rolled back in the first day': share(
        (seed) => runThreshold([{ percentage: 1, hours: 24 }], 0.01, service(0.008), seed).rolledBack,
      ),
      'true 1.2 %, promoted from 1 % after an hour': share(
        (seed) => !runThreshold([{ percentage: 1, hours: 1 }], 0.01, service(0.012), seed).rolledBack,
      ),
    };
    expectRecorded('threshold-one-percent', found);
  });
});

describe('simpler tests, looked at every minute for a day', () => {
  const worlds: readonly (readonly [string, number, SimulatedService])[] = [
    ['units alike, 10 % in', 10, { requestsPerSecond: 100, out: { errorRate: 0.05 } }],
    [
      'one unit in a hundred always fails, 10 % in',
      10,
      { requestsPerSecond: 100, out: { errorRate: 0, failingUnits: 0.01 } },
    ],
    [
      'ten of 3,000 units always fail, 90 % in',
      90,
      { requestsPerSecond: 10, units: 3000, out: { errorRate: 1e-5, failingUnits: 10 / 3000 } },
    ],
  ];

  it('raise more false alarms than they promise', () => {
    const found = Object.fromEntries(
      worlds.map(([name, percentage, service]) => {
        const all = Array.from({ length: runs / 4 }, (_, index) => falseAlarms(percentage, service, index + 1));
        return [
          name,
          Object.fromEntries(plainTests.map((test) => [test, all.filter((run) => run[test]).length / all.length])),
        ];
      }),
    );
    for (const [name] of worlds) expect(found[name]?.['Halyard'], name).toBeLessThanOrEqual(0.05);
    expectRecorded('plain-tests', found);
  });
});
