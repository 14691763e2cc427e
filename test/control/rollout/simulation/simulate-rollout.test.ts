import { simulateRollout, type SimulatedService, type SimulationOptions } from 'halyard';
import { describe, expect, it } from 'vitest';

const rollout = {
  stages: [
    { percentage: 1, minutes: 60 },
    { percentage: 10, minutes: 60, approval: true },
    { percentage: 50, minutes: 120 },
    { percentage: 100 },
  ],
  checks: {},
};
const harmless: SimulatedService = { requestsPerSecond: 100, out: { errorRate: 0.01 } };
const harmful: SimulatedService = { ...harmless, in: { errorRate: 0.03 } };

const share = (runs: number, service: SimulatedService, plan: object = rollout): number => {
  const outcomes = Array.from({ length: runs }, (_, seed) =>
    simulateRollout({ ...rollout, ...plan }, service, { seed }),
  );
  return outcomes.filter(({ outcome }) => outcome === 'rolled-back').length / runs;
};

describe('a simulated rollout', () => {
  it('goes through its stages where nothing is wrong', () => {
    const { outcome, minutes, stages, unitsHarmed, failuresCaused } = simulateRollout(rollout, harmless, { seed: 3 });
    expect({ outcome, minutes, unitsHarmed, failuresCaused }).toEqual({
      outcome: 'completed',
      minutes: 240,
      unitsHarmed: 0,
      failuresCaused: 0,
    });
    expect(stages).toEqual([
      { percentage: 1, atMinute: 0 },
      { percentage: 10, atMinute: 60 },
      { percentage: 50, atMinute: 120 },
    ]);
  });

  it('is rolled back where requests fail more often, before many units are harmed', () => {
    const { outcome, minutes, reason, unitsHarmed, failuresCaused, last } = simulateRollout(rollout, harmful, {
      seed: 3,
    });
    expect(outcome).toBe('rolled-back');
    expect(minutes).toBeLessThan(60);
    expect(reason).toContain('maxErrorRateIncrease fails');
    expect(unitsHarmed).toBeGreaterThan(0);
    expect(unitsHarmed).toBeLessThan(100);
    expect(failuresCaused).toBeGreaterThanOrEqual(unitsHarmed);
    expect(last.verdicts[0]?.atLeast).toBeGreaterThan(0);
  });

  it('is the same for the same seed, and another for another', () => {
    const run = (options?: SimulationOptions): unknown => simulateRollout(rollout, harmful, options);
    expect(run({ seed: 5 })).toEqual(run({ seed: 5 }));
    expect(run()).toEqual(run({ seed: 1 }));
    expect(run({ seed: 5 })).not.toEqual(run({ seed: 6 }));
  });

  // In miniature what `npm run test:simulation` shows with thousands of runs.
  it('keeps to its confidence: rarely a false alarm, rarely a miss', () => {
    const differing: SimulatedService = {
      requestsPerSecond: 100,
      tail: 1.2,
      out: { errorRate: 0, failingUnits: 0.01 },
    };
    expect(share(40, harmless)).toBeLessThan(0.1);
    expect(share(40, differing)).toBeLessThan(0.1);
    expect(share(40, harmful)).toBe(1);
  });

  it('is held where it lacks requests, until the simulation ends', () => {
    const plan = { ...rollout, checks: { minimumRequests: 100_000 } };
    const { outcome, reason, minutes } = simulateRollout(plan, harmless, { hours: 3 });
    expect({ outcome, reason, minutes }).toEqual({
      outcome: 'unfinished',
      reason: 'the sample is too small',
      minutes: 180,
    });
  });

  it('is watched by limits on durations too', () => {
    const quick = { errorRate: 0, latency: { medianMs: 80, spread: 0.4 } };
    const slow = { errorRate: 0, latency: { medianMs: 200, spread: 0.4 } };
    const service = { requestsPerSecond: 100, out: quick, in: slow };
    expect(share(3, service, { checks: { maxP99Ms: 400 } })).toBe(1);
    expect(share(3, service, { checks: { maxP99Increase: 0.5 } })).toBe(1);
    expect(share(3, { ...service, in: quick }, { checks: { maxP99Ms: 400, maxP99Increase: 0.5 } })).toBe(0);
  });

  it.each([
    [
      rollout,
      { requestsPerSecond: 0, out: { errorRate: 0 } },
      {},
      'option `requestsPerSecond`: expected a number above 0, found 0',
    ],
    [rollout, { out: { errorRate: 0 } }, {}, '`requestsPerSecond` is missing'],
    [
      rollout,
      { requestsPerSecond: 1, out: { errorRate: 2 } },
      {},
      'the service, out: option `errorRate`: expected a share',
    ],
    [rollout, { requestsPerSecond: 1, out: {} }, {}, 'the service, out: `errorRate` is missing'],
    [rollout, { requestsPerSecond: 1, out: { errorRate: 0, latency: { medianMs: 1 } } }, {}, '`spread` is missing'],
    [rollout, { requestsPerSecond: 1, tail: 1, out: { errorRate: 0 } }, {}, 'expected a number above 1'],
    [rollout, harmless, { seed: 1.5 }, 'option `seed`: expected a whole number, found 1.5'],
    [rollout, harmless, { sead: 1 }, 'unknown option `sead`. Did you mean `seed`?'],
    [{ stages: rollout.stages, checks: { errorRate: 1 } }, harmless, {}, 'Write `maxErrorRate: 0.01`'],
    [{ percentage: 10 }, harmless, {}, 'the rollout has no checks'],
  ])('refuses nonsense: %#', (plan, service, options, message) => {
    expect(() => simulateRollout(plan, service as SimulatedService, options as SimulationOptions)).toThrow(message);
  });
});
