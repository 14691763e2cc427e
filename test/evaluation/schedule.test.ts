import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextScheduleChange, percentageAt } from '../../src/evaluation/schedule.js';
import type { Schedule } from '../../src/flags/flag-definition.js';
import { evaluate, flagSetOf } from './evaluate-document.js';

const HOUR = 3_600_000;
const start = Date.UTC(2027, 0, 10, 9);
const curve: Schedule = { type: 'curve', curve: 's-curve', from: 1, to: 100, start, durationMs: 72 * HOUR };
const stages: Schedule = {
  type: 'stages',
  start,
  stages: [
    { percentage: 1, durationMs: 24 * HOUR },
    { percentage: 10, durationMs: 24 * HOUR },
    { percentage: 100, durationMs: Infinity },
  ],
};

describe('an S-curve', () => {
  it.each([
    [0, 1],
    [7.2, 2.1332],
    [18, 7.9403],
    [36, 50.5],
    [54, 93.0597],
    [72, 100],
    [1000, 100],
  ])('is at hour %d at %d %%', (hours, expected) => {
    expect(percentageAt(curve, start + hours * HOUR)).toBeCloseTo(expected, 4);
  });

  it('begins and ends exactly, and is 0 before', () => {
    expect(percentageAt(curve, start)).toBe(1);
    expect(percentageAt(curve, start + 72 * HOUR)).toBe(100);
    expect(percentageAt(curve, start - 1)).toBe(0);
  });

  it('never goes back', () => {
    fc.assert(
      fc.property(fc.nat(80 * HOUR), fc.nat(80 * HOUR), (a, b) => {
        const [earlier, later] = a < b ? [a, b] : [b, a];
        expect(percentageAt(curve, start + earlier)).toBeLessThanOrEqual(percentageAt(curve, start + later));
      }),
    );
  });

  it('is looked at once a minute while it moves', () => {
    expect(nextScheduleChange(curve, start - 5)).toBe(start);
    expect(nextScheduleChange(curve, start + 5)).toBe(start + 60_005);
    expect(nextScheduleChange(curve, start + 72 * HOUR - 5)).toBe(start + 72 * HOUR);
    expect(nextScheduleChange(curve, start + 72 * HOUR)).toBe(Infinity);
  });
});

describe('stages', () => {
  it.each([
    [-1, 0],
    [0, 1],
    [24 * HOUR - 1, 1],
    [24 * HOUR, 10],
    [48 * HOUR, 100],
    [1e12, 100],
  ])('%d ms after the start are at %d %%', (elapsed, expected) => {
    expect(percentageAt(stages, start + elapsed)).toBe(expected);
  });

  it('change when a stage begins', () => {
    expect([-1, 0, 24 * HOUR, 48 * HOUR].map((elapsed) => nextScheduleChange(stages, start + elapsed) - start)).toEqual(
      [0, 24 * HOUR, 48 * HOUR, Infinity],
    );
  });
});

it('a linear curve is a line', () => {
  const line: Schedule = { type: 'curve', curve: 'linear', from: 100, to: 0, start, durationMs: 10 * HOUR };
  expect([0, 2.5, 5, 10].map((hours) => percentageAt(line, start + hours * HOUR))).toEqual([100, 75, 50, 0]);
});

it('a scheduled rollout serves more units as time goes by, and never takes one back', () => {
  const rollout = { curve: 's-curve', from: 1, to: 100, start: '2027-01-10T09:00:00Z', hours: 72 };
  const set = flagSetOf({ version: 1, flags: { flag: { rollout } } });
  const served = (hours: number): readonly string[] =>
    Array.from({ length: 2_000 }, (_, index) => `user-${index}`).filter(
      (targetingKey) => evaluate(set, 'flag', { targetingKey }, start + hours * HOUR).variant === 'on',
    );
  const over = [-1, 0, 18, 36, 54, 72].map(served);
  expect(over.map((units) => Math.round(units.length / 20))).toEqual(
    [0, 1, 8, 50, 93, 100].map((share): unknown => expect.closeTo(share, -1)),
  );
  over.slice(1).forEach((units, index) => expect(units).toEqual(expect.arrayContaining([...over[index]!])));
});
