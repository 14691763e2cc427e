import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { increaseOf } from '../../../../src/control/rollout/health/counter-increase.js';

describe('counters of a process', () => {
  it('rise from one reading to the next', () => {
    const before = { requests: [10, 20], failures: [1, 0] };
    const after = { requests: [15, 20], failures: [1, 2] };
    expect(increaseOf(before, after)).toEqual({ requests: [5, 0], failures: [0, 2] });
  });

  it('have not risen at the first reading', () => {
    expect(increaseOf(undefined, { requests: [10], failures: [1] })).toEqual({ requests: [0], failures: [0] });
  });

  it('begin anew with the process, all at once', () => {
    const before = { requests: [10, 20], failures: [1, 2] };
    const after = { requests: [3, 30], failures: [0, 5] };
    expect(increaseOf(before, after)).toEqual(after);
  });

  it('gain and lose slices without harm, and hold no nonsense', () => {
    expect(increaseOf({ requests: [5], failures: [] }, { requests: [7, 3], failures: [1] })).toEqual({
      requests: [2, 3],
      failures: [1],
    });
    expect(increaseOf({ requests: [NaN], failures: [-1] }, { requests: [Infinity], failures: [NaN] })).toEqual({
      requests: [0],
      failures: [0],
    });
  });

  it('add up to what happened, however often the process began anew', () => {
    const step = fc.record({ restarts: fc.boolean(), rise: fc.array(fc.nat(50), { minLength: 4, maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let counters = [0, 0, 0, 0];
        const truth = [0, 0, 0, 0];
        const sum = [0, 0, 0, 0];
        for (const { restarts, rise } of steps) {
          const before = counters;
          counters = rise.map((by, slice) => (restarts ? 0 : before[slice]!) + by);
          // A process that began anew and passed all its old counts can't be told from one that went on.
          if (restarts && counters.every((count, slice) => count >= before[slice]!)) return;
          rise.forEach((by, slice) => (truth[slice]! += by));
          const { requests } = increaseOf({ requests: before, failures: [] }, { requests: counters, failures: [] });
          Array.from(requests).forEach((by, slice) => (sum[slice]! += by));
        }
        expect(sum).toEqual(truth);
      }),
    );
  });
});
