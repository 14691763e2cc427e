import { describe, expect, it } from 'vitest';
import { describeVerdict } from '../../../../src/control/rollout/judge/verdict.js';
import { judge } from '../../../../src/control/rollout/judge/judge.js';
import type { MeasuredObservations, ObservedArms } from '../../../../src/control/rollout/judge/observations.js';
import type { WatchedSchedule } from '../../../../src/flags/flag-definition.js';
import { parseFlagDocument } from '../../../../src/flags/parse-flag-document.js';
import { type RolloutProgress, type RunningRollout, startRollout } from '../../../../src/flags/rollout-progress.js';

const MINUTE = 60_000;
const start = Date.parse('2027-01-10T09:00:00Z');

const stages = [{ percentage: 1, minutes: 60 }, { percentage: 10, minutes: 60, approval: true }, { percentage: 100 }];

function planOf(checks: object = {}, written: readonly object[] = stages): WatchedSchedule {
  const parsed = parseFlagDocument({ version: 1, flags: { f: { rollout: { stages: written, checks } } } });
  const outcome = parsed.flags.get('f')?.outcome;
  if (outcome?.type !== 'rollout' || outcome.rollout.schedule.type !== 'watched') {
    throw new Error(JSON.stringify(parsed.problems));
  }
  return outcome.rollout.schedule;
}

const running = (more: Partial<RunningRollout> = {}): RunningRollout => ({
  ...startRollout('f', 'ana', start),
  ...more,
});

interface Counted {
  readonly requests: number;
  readonly failures: number;
}

const spread = (total: number): readonly number[] =>
  Array.from({ length: 16 }, (_, slice) => Math.floor(total / 16) + (slice < total % 16 ? 1 : 0));

const arm = ({ requests, failures }: Counted): ObservedArms['in'] => ({
  requests: spread(requests),
  failures: spread(failures),
});

const arms = (within: Counted, out: Counted): ObservedArms => ({ in: arm(within), out: arm(out) });

const good = arms({ requests: 3600, failures: 36 }, { requests: 356_400, failures: 3564 });
const harmful = arms({ requests: 3600, failures: 120 }, { requests: 356_400, failures: 3564 });
const nobody = arms({ requests: 0, failures: 0 }, { requests: 0, failures: 0 });

/** What is seen `minutes` after the start of the stage. */
function seen(minutes: number, more: Partial<MeasuredObservations> = {}): MeasuredObservations {
  const until = start + minutes * MINUTE;
  return { type: 'measured', from: start, until, stage: good, window: good, queries: new Map(), ...more };
}

const at = (minutes: number): number => start + minutes * MINUTE;

describe('a look at a rollout', () => {
  it.each([
    ['waits for a new whole window', { judgedUntil: at(61) }, seen(61), {}, 'wait', 'no new window'],
    ['holds where it has not begun', { since: at(62) }, seen(61), {}, 'hold', 'has not begun'],
    ['waits for counts of this stage alone', { since: start + 1 }, seen(61), {}, 'wait', 'before the stage'],
    ['holds while data is missing', {}, seen(5, { window: nobody }), {}, 'hold', 'no data yet'],
    ['holds where data stays away', {}, seen(61, { window: nobody }), {}, 'hold', 'there is no data'],
    [
      'goes back where data stays away, if told so',
      {},
      seen(61, { window: nobody }),
      { onNoData: 'rollback' },
      'rollback',
      'no data',
    ],
    [
      'goes on where data stays away, if told so',
      {},
      seen(61, { window: nobody }),
      { onNoData: 'promote' },
      'promote',
      'no data for 61 minutes (onNoData: promote)',
    ],
    ['but not before its time', {}, seen(59, { window: nobody }), { onNoData: 'promote' }, 'hold', 'time is not over'],
    [
      'goes back at harm, long before its time',
      {},
      seen(2, { stage: harmful }),
      {},
      'rollback',
      'maxErrorRateIncrease fails',
    ],
    [
      'lets an increase be that is allowed',
      {},
      seen(61, { stage: harmful }),
      { maxErrorRateIncrease: 0.03 },
      'promote',
      'passed',
    ],
    ['holds at the first failure of a limit', {}, seen(61), { maxErrorRate: 0.005 }, 'hold', 'maxErrorRate failed'],
    [
      'goes back at the last one',
      { failures: new Map([['maxErrorRate', 2]]) },
      seen(61),
      { maxErrorRate: 0.005 },
      'rollback',
      'maxErrorRate fails',
    ],
    [
      'holds where a limit cannot be told',
      {},
      seen(61),
      { maxErrorRate: 0.0099 },
      'hold',
      'maxErrorRate cannot be told yet',
    ],
    ['holds while the sample is too small', {}, seen(61), { minimumRequests: 3601 }, 'hold', 'sample is too small'],
    ['holds while its time is not over', {}, seen(59), {}, 'hold', 'time is not over'],
    ['goes on', {}, seen(60), {}, 'promote', 'stage 1 passed'],
    ['holds for an approval', { stage: 1 }, seen(61), {}, 'hold', 'approval'],
    ['completes with it', { stage: 1, approvedBy: 'bo' }, seen(61), {}, 'complete', 'every stage passed'],
  ] as const)('%s', (_name, progress, observed, checks, action, reason) => {
    const judgement = judge(planOf(checks), running(progress), observed, observed.until);
    expect(judgement.action).toBe(action);
    expect(judgement.reason).toContain(reason);
  });

  it('judges the first that applies: harm before limits, limits before a measurement that failed, that before the sample', () => {
    const checks = {
      maxErrorRateIncrease: 0,
      maxErrorRate: 0.005,
      failureLimit: 1,
      minimumRequests: 9999,
      queries: [{ name: 'queue', query: 'q', above: 1 }],
    };
    const queries = new Map([['queue', { error: 'timeout' }]]);
    const reasonOf = (plan: object, more: object): string =>
      judge(planOf({ ...checks, ...plan }), running(), seen(61, { queries, ...more }), at(61)).reason;
    expect(reasonOf({}, { stage: harmful })).toContain('maxErrorRateIncrease fails');
    expect(reasonOf({}, {})).toContain('maxErrorRate fails');
    expect(reasonOf({ maxErrorRate: 0.5 }, {})).toBe('queries.queue: could not be measured: timeout');
    expect(reasonOf({ maxErrorRate: 0.5 }, { queries: new Map([['queue', { value: 0 }]]) })).toContain('too small');
  });

  it('keeps the four verdicts apart, with their numbers', () => {
    const checks = {
      maxErrorRateIncrease: 0.03,
      maxErrorRate: 0.005,
      maxP99Ms: 500,
      queries: [
        { name: 'queue', query: 'q', above: 1 },
        { name: 'orders', query: 'o', below: 5 },
        { name: 'load', query: 'l', above: 1 },
      ],
    };
    const queries = new Map([
      ['queue', { error: 'no such metric' }],
      ['orders', { value: 7 }],
      ['load', { value: 0.1 + 0.2 }],
    ]);
    const { verdicts } = judge(planOf(checks), running(), seen(61, { queries }), at(61));
    expect(verdicts).toMatchObject([
      { check: 'maxErrorRateIncrease', result: 'pass', limit: 0.03, measured: 0, rates: { in: 0.01, out: 0.01 } },
      { check: 'maxErrorRate', result: 'fail', limit: 0.005, measured: 0.01 },
      { check: 'maxP99Ms', result: 'inconclusive', limit: 500 },
      { check: 'queries.queue', result: 'error', error: 'no such metric' },
      { check: 'queries.orders', result: 'pass', limit: 5, measured: 7 },
      { check: 'queries.load', result: 'pass', limit: 1 },
      { check: 'minimumRequests', result: 'pass', limit: 100, measured: 3600 },
    ]);
    expect(verdicts.map(describeVerdict)).toEqual([
      'maxErrorRateIncrease holds: measured 0 points, 1 % in and 1 % out, limit 3 points',
      expect.stringMatching(/^maxErrorRate fails: measured 1 %, at least 0\.\d+ % beyond chance, limit 0.5 %$/),
      'maxP99Ms cannot be told yet: nothing measured, limit 500 ms',
      'queries.queue: could not be measured: no such metric',
      'queries.orders holds: measured 7, limit 5',
      'queries.load holds: measured 0.3, limit 1',
      'minimumRequests holds: measured 3600, limit 100',
    ]);
    // Prometheus counts fractions; 99.9 is not yet 100.
    expect(describeVerdict({ check: 'minimumRequests', result: 'inconclusive', limit: 100, measured: 99.98 })).toBe(
      'minimumRequests cannot be told yet: measured 99, limit 100',
    );
  });

  it('changes nothing where it is paused, rolled back or complete', () => {
    const states: readonly RolloutProgress[] = [
      { ...running(), status: 'paused', reason: 'lunch', at: start },
      { status: 'rolled-back', seed: 'f', by: 'halyard', stage: 0, reason: 'harm', at: start, restsUntil: start },
      { status: 'completed', seed: 'f', by: 'halyard', at: start },
    ];
    for (const progress of states) {
      const judgement = judge(planOf(), progress, seen(99, { stage: harmful }), at(99));
      expect(judgement).toMatchObject({ action: 'wait', verdicts: [] });
      expect(judgement.progress).toBe(progress);
    }
  });

  it('counts how often a limit failed in a row: a look that passes begins anew, one that cannot tell does not', () => {
    const plan = planOf({ queries: [{ name: 'queue', query: 'q', above: 10 }] });
    let progress: RolloutProgress = running();
    const actions = [99, 99, 1, 99, undefined, 99, 99].map((value, index) => {
      const observed = seen(index + 1, { queries: new Map([['queue', { value }]]) });
      const judgement = judge(plan, progress, observed, observed.until);
      ({ progress } = judgement);
      return judgement.action;
    });
    expect(actions).toEqual(['hold', 'hold', 'hold', 'hold', 'hold', 'hold', 'rollback']);
  });

  it('holds a measurement that fails, and tells a person after five in a row', () => {
    let progress: RolloutProgress = running();
    const alarms = [1, 2, 3, 4, 5, 6].map((minute) => {
      const judgement = judge(
        planOf(),
        progress,
        { type: 'failed', until: at(minute), error: 'ECONNREFUSED' },
        at(minute + 99),
      );
      ({ progress } = judgement);
      expect(judgement.action).toBe('hold');
      return judgement.alarm;
    });
    expect(alarms.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
    expect(alarms[4]).toContain('5 measurements in a row failed, the last with: ECONNREFUSED');
    const recovered = judge(planOf(), progress, seen(7), at(7)).progress;
    expect(recovered).toMatchObject({ failedMeasurements: 0 });
  });

  it('sees an outage in one window after a good day, and does not mind one bad request', () => {
    const day = arms({ requests: 864_000, failures: 864 }, { requests: 864_000, failures: 864 });
    const plan = planOf({ maxErrorRate: 0.01 });
    const outcome = (window: ObservedArms): unknown =>
      judge(plan, running(), seen(1440, { stage: day, window }), at(1440)).verdicts[0]?.result;
    const both = (counted: Counted): ObservedArms => arms(counted, counted);
    expect(outcome(both({ requests: 600, failures: 300 }))).toBe('fail');
    expect(outcome(both({ requests: 3, failures: 3 }))).toBe('pass');
    expect(outcome(both({ requests: 600, failures: 9 }))).toBe('pass');
  });

  it('says what a rolled back rollout needs to know: why, when, and how long it rests', () => {
    const { progress } = judge(planOf({ cooldownMinutes: 90 }), running(), seen(30, { stage: harmful }), at(30));
    expect(progress).toMatchObject({
      status: 'rolled-back',
      by: 'halyard',
      seed: 'f',
      stage: 0,
      at: at(30),
      restsUntil: at(120),
      reason: expect.stringMatching(
        /^maxErrorRateIncrease fails: measured 2.33 points, 3.33 % in and 1 % out, at least/,
      ) as string,
    });
  });
});

describe('the durations of requests', () => {
  const bounds = [0.1, 0.25, 0.5, 1];
  const timed = (slow: number): ObservedArms['in'] => ({
    ...arm({ requests: 10_000, failures: 0 }),
    durations: { bounds, counts: [9000, 1000 - slow, 0, slow, 0] },
  });
  const judged = (checks: object, within: number, out: number): string | undefined => {
    const both = { in: timed(within), out: timed(out) };
    return judge(planOf(checks), running(), seen(61, { stage: both, window: both }), at(61)).verdicts[0]?.result;
  };

  it.each([
    [50, 'pass'],
    [110, 'inconclusive'],
    [400, 'fail'],
  ])('of which %d in 10,000 take longer than the limit: %s', (slow, result) => {
    expect(judged({ maxP99Ms: 500 }, slow, 0)).toBe(result);
  });

  it.each([
    [50, 50, 'pass'],
    [400, 50, 'fail'],
    [50, 400, 'pass'],
  ])('are compared: %d slow in, %d slow out: %s', (within, out, result) => {
    expect(judged({ maxP99Increase: 0.2 }, within, out)).toBe(result);
  });

  it('say how exactly the quantile is known, and nothing above the highest bucket', () => {
    const both = { in: timed(400), out: timed(400) };
    const { verdicts } = judge(planOf({ maxP99Ms: 500 }), running(), seen(61, { stage: both, window: both }), at(61));
    expect(verdicts[0]).toMatchObject({ between: [500, 1000] });
    const endless = { ...timed(0), durations: { bounds, counts: [0, 0, 0, 0, 10_000] } };
    const above = { in: endless, out: endless };
    const { verdicts: open } = judge(planOf({ maxP99Increase: 0.2 }), running(), seen(61, { stage: above }), at(61));
    expect(open[0]).toMatchObject({ result: 'inconclusive' });
  });
});

describe('the stages', () => {
  it('wait for enough requests alone, where they have no time', () => {
    const plan = planOf({ minimumRequests: 3600 }, [{ percentage: 1, minutes: 0 }, { percentage: 100 }]);
    const few = arms({ requests: 3599, failures: 36 }, { requests: 356_400, failures: 3564 });
    expect(judge(plan, running(), seen(1, { stage: few }), at(1)).action).toBe('hold');
    expect(judge(plan, running(), seen(2), at(2)).action).toBe('complete');
  });

  it('that are watched are entered when they are, and never skipped', () => {
    const plan = planOf({}, [{ percentage: 1, minutes: 60 }, { percentage: 10, minutes: 60 }, { percentage: 100 }]);
    const { progress } = judge(plan, running(), seen(600), at(600));
    expect(progress).toMatchObject({
      status: 'running',
      stage: 1,
      since: at(600),
      judgedUntil: at(600),
      approvedBy: undefined,
    });
  });

  const slow = [
    { percentage: 0, hours: 1 },
    { percentage: 0, hours: 2 },
    { percentage: 1, hours: 1 },
    { percentage: 100, hours: 1 },
    { percentage: 100, hours: 1 },
    { percentage: 100 },
  ];

  it('that time alone moves on are passed in one step after a pause, up to the one that would be served', () => {
    expect(judge(planOf({}, slow), running(), seen(90), at(90)).progress).toMatchObject({ stage: 1, since: at(60) });
    expect(judge(planOf({}, slow), running(), seen(999), at(999)).progress).toMatchObject({ stage: 2, since: at(999) });
  });

  it('at 100 % are watched by absolute limits alone', () => {
    const last = running({ stage: 3 });
    expect(judge(planOf({}, slow), last, seen(121, { stage: harmful }), at(121)).action).toBe('complete');
    expect(judge(planOf({}, slow), last, seen(59, { stage: harmful }), at(59)).reason).toContain('time is not over');
    const limited = judge(planOf({ maxErrorRate: 0.001, failureLimit: 1 }, slow), last, seen(30), at(30));
    expect(limited).toMatchObject({
      action: 'rollback',
      verdicts: [{ check: 'maxErrorRate' }, { check: 'minimumRequests' }],
    });
    const inOnly = arms({ requests: 3600, failures: 0 }, { requests: 0, failures: 0 });
    expect(
      judge(planOf({ maxErrorRate: 0.001 }, slow), last, seen(61, { stage: inOnly, window: inOnly }), at(61)).action,
    ).toBe('promote');
  });

  it('that the plan lacks by now are held', () => {
    expect(judge(planOf(), running({ stage: 7 }), seen(99), at(99))).toMatchObject({ action: 'hold' });
  });

  it('share the chance of a false alarm', () => {
    const few = arms({ requests: 700, failures: 18 }, { requests: 69_300, failures: 693 });
    const harmAt = (written: readonly object[]): string =>
      judge(planOf({}, written), running(), seen(9, { stage: few }), at(9)).action;
    const compared = (count: number): readonly object[] => [
      ...Array.from({ length: count }, () => ({ percentage: 1, hours: 1 })),
      { percentage: 100 },
    ];
    expect([harmAt(compared(1)), harmAt(compared(20))]).toEqual(['rollback', 'hold']);
  });
});
