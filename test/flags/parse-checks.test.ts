import { describe, expect, it } from 'vitest';
import { parseFlagDocument } from '../../src/flags/parse-flag-document.js';
import type { RolloutChecks, WatchedSchedule } from '../../src/flags/flag-definition.js';
import { documentOf, problemsOf } from './parse.js';

const stages = [{ percentage: 1, minutes: 60 }, { percentage: 100 }];

function watchedBy(checks: unknown, more: object = { stages }): WatchedSchedule | undefined {
  const outcome = parseFlagDocument(documentOf({ rollout: { ...more, checks } })).flags.get('f')?.outcome;
  const schedule = outcome?.type === 'rollout' ? outcome.rollout.schedule : undefined;
  return schedule?.type === 'watched' ? schedule : undefined;
}

const checksOf = (checks: unknown): RolloutChecks | undefined => watchedBy(checks)?.checks;

function wrongWith(rollout: object): readonly string[] {
  return problemsOf({ rollout });
}

describe('the checks of a rollout', () => {
  it('allow no increase of errors where they say nothing', () => {
    expect(checksOf({})).toEqual({
      maxErrorRate: undefined,
      maxErrorRateIncrease: 0,
      maxP99Ms: undefined,
      maxP99Increase: undefined,
      queries: [],
      minimumRequests: 100,
      onNoData: 'hold',
      noDataGraceMs: 600_000,
      failureLimit: 3,
      cooldownMs: 0,
      confidence: 0.95,
    });
    expect(checksOf({ minimumRequests: 1000, onNoData: 'promote' })).toMatchObject({ maxErrorRateIncrease: 0 });
  });

  it.each([
    { maxErrorRate: 0.01 },
    { maxP99Ms: 500 },
    { maxP99Increase: 0.2 },
    { queries: [{ name: 'queue', query: 'max(queue_length)', above: 100 }] },
  ])('compare no errors where they name another measure alone: %j', (checks) => {
    expect(checksOf(checks)).toMatchObject({ ...checks, maxErrorRateIncrease: undefined });
  });

  it('are taken as they are written', () => {
    expect(
      checksOf({
        maxErrorRate: 0.02,
        maxErrorRateIncrease: 0.01,
        maxP99Ms: 500,
        maxP99Increase: 0.2,
        minimumRequests: 0,
        onNoData: 'rollback',
        noDataGraceMinutes: 0,
        failureLimit: 1,
        cooldownMinutes: 90,
        confidence: 0.99,
        queries: [
          { name: 'queue', query: 'max(queue_length)', above: 100 },
          { name: 'orders', query: 'rate(orders[5m])', above: 9, below: 0.5, 'x-note': 1 },
        ],
      }),
    ).toEqual({
      maxErrorRate: 0.02,
      maxErrorRateIncrease: 0.01,
      maxP99Ms: 500,
      maxP99Increase: 0.2,
      minimumRequests: 0,
      onNoData: 'rollback',
      noDataGraceMs: 0,
      failureLimit: 1,
      cooldownMs: 5_400_000,
      confidence: 0.99,
      queries: [
        { name: 'queue', query: 'max(queue_length)', above: 100, below: undefined },
        { name: 'orders', query: 'rate(orders[5m])', above: 9, below: 0.5 },
      ],
    });
  });

  it.each([
    [{ maxErrorRate: 5 }, 'maxErrorRate: expected a share from 0 to below 1, found 5. Write 0.05 for 5 %.'],
    [{ maxErrorRate: 1 }, 'maxErrorRate: expected a share from 0 to below 1, found 1. Write 0.01 for 1 %.'],
    [{ maxErrorRate: '2%' }, 'maxErrorRate: expected a share from 0 to below 1, found "2%".'],
    [{ maxErrorRateIncrease: NaN }, 'maxErrorRateIncrease: expected a share from 0 to below 1, found NaN.'],
    [
      { maxP99Increase: 20 },
      'maxP99Increase: expected a share from 0 to 10, where 0.2 is 20 % slower, found 20. Write 0.2',
    ],
    [{ maxP99Ms: 0 }, 'maxP99Ms: expected a number of milliseconds above 0, found 0.'],
    [{ confidence: 95 }, 'confidence: expected a share above 0.5 and below 1, found 95. Write 0.95 for 95 %.'],
    [{ confidence: 0.05 }, 'confidence: expected a share above 0.5 and below 1, found 0.05.'],
    [{ minimumRequests: 1.5 }, 'minimumRequests: expected a whole number of requests, 0 or more, found 1.5.'],
    [{ minimumRequests: 1e300 }, 'minimumRequests: expected a whole number'],
    [{ failureLimit: 0 }, 'failureLimit: expected a whole number of 1 or more, found 0.'],
    [{ cooldownMinutes: Infinity }, 'cooldownMinutes: expected a number of minutes, 0 or more, found Infinity.'],
    [{ onNoData: 'rolback' }, 'Did you mean `rollback`?'],
    [{ errorRate: 0.01 }, 'errorRate: unknown key. Write `maxErrorRate: 0.01`.'],
    [{ threshold: 5 }, 'threshold: unknown key. Write `failureLimit: 5`.'],
    [JSON.parse('{"__proto__": 1}') as object, '__proto__: unknown key.'],
    [{ queries: { name: 'a' } }, 'checks.queries: expected a list of queries'],
    [{ queries: ['up'] }, 'checks.queries[0]: expected a query, found "up".'],
    [{ queries: [{ name: 'a', query: 'up' }] }, 'a query needs `above` or `below`'],
    [{ queries: [{ query: 'up', above: 1 }] }, 'a query needs `name`'],
    [{ queries: [{ name: 'a', promql: 'up', above: 1 }] }, 'unknown key. Write `query: "up"`.'],
    [{ queries: [{ name: 'a b', query: 'up', above: 1 }] }, '"a b" can\'t be the name of a query.'],
    [{ queries: [{ name: 'a', query: 'up', above: 1, below: 2 }] }, 'so it would always fail'],
    [
      {
        queries: [
          { name: 'a', query: 'up', above: 1 },
          { name: 'a', query: 'down', above: 1 },
        ],
      },
      'queries[1].name: another query is called "a" too.',
    ],
    [3, 'expected a mapping, found 3. Write `{ maxErrorRateIncrease: 0.01 }`.'],
    [null, 'expected a mapping'],
  ])('refuse %j', (checks, message) => {
    expect(wrongWith({ stages, checks }).join('\n')).toContain(message);
    expect(checksOf(checks)).toBeUndefined();
  });
});

describe('the stages of a rollout with checks', () => {
  const checks = { maxErrorRate: 0.01 };

  it('may end with one that takes its time', () => {
    const timed = [
      { percentage: 50, minutes: 0 },
      { percentage: 100, hours: 2 },
    ];
    expect(watchedBy(checks, { stages: timed })?.stages.at(-1)).toMatchObject({ durationMs: 7_200_000 });
    expect(wrongWith({ stages: timed, checks })).toEqual([]);
  });

  it('only grow', () => {
    const falling = [{ percentage: 10, minutes: 1 }, { percentage: 10, minutes: 1 }, { percentage: 5 }];
    expect(wrongWith({ stages: falling, checks })).toEqual([
      'flags.f.rollout.stages[2].percentage: a watched rollout only grows: expected 10 or more.',
    ]);
  });

  it('need no approval after the last', () => {
    const approved = [
      { percentage: 1, minutes: 1 },
      { percentage: 100, approval: true },
    ];
    expect(wrongWith({ stages: approved, checks }).join()).toContain(
      'after the last stage there is nothing to approve',
    );
  });

  it('draw a warning where nobody is out and the checks only compare', () => {
    const all = { stages: [{ percentage: 0, hours: 1 }, { percentage: 100 }] };
    expect(wrongWith({ ...all, checks: {} }).join()).toContain('warning: no stage has units both in and out');
    expect(wrongWith({ ...all, checks })).toEqual([]);
  });
});
