import { describe, expect, it } from 'vitest';
import { flagFrom, problemsOf } from './parse.js';

describe('the breaker of a flag', () => {
  it('is none unless it is written', () => {
    expect(flagFrom({}).breaker).toBeUndefined();
  });

  it('has a default for every part', () => {
    expect(flagFrom({ breaker: {} }).breaker).toEqual({
      errorRate: 0.5,
      minimumRequests: 20,
      windowMs: 10_000,
      cooldownMs: 30_000,
      slow: undefined,
      reset: 'auto',
      scope: 'instance',
    });
  });

  it('takes every part', () => {
    const breaker = {
      errorRate: 1,
      minimumRequests: 1,
      windowSeconds: 0.5,
      cooldownSeconds: 86_400,
      slowMs: 800,
      slowRate: 0.9,
      reset: 'auto',
      scope: 'fleet',
      'x-why': 'the provider promises 500 ms',
    };
    expect(problemsOf({ breaker })).toEqual([]);
    expect(flagFrom({ breaker }).breaker).toEqual({
      errorRate: 1,
      minimumRequests: 1,
      windowMs: 500,
      cooldownMs: 86_400_000,
      slow: { aboveMs: 800, rate: 0.9 },
      reset: 'auto',
      scope: 'fleet',
    });
  });

  it('trips at 80 % of slow answers where only `slowMs` is written', () => {
    expect(flagFrom({ breaker: { slowMs: 800 } }).breaker?.slow).toEqual({ aboveMs: 800, rate: 0.8 });
  });

  it.each([
    [{ errorRate: 0 }, 'errorRate: expected a share above 0, up to 1, found 0.'],
    [{ errorRate: 50 }, 'errorRate: expected a share above 0, up to 1, found 50. Write 0.5 for 50 %.'],
    [{ errorRate: 101 }, 'errorRate: expected a share above 0, up to 1, found 101.'],
    [{ errorRate: NaN }, 'errorRate: expected a share above 0, up to 1, found NaN.'],
    [{ errorRate: '0.5' }, 'errorRate: expected a share above 0, up to 1, found "0.5". Write 0.5.'],
    [{ slowMs: 1, slowRate: 0 }, 'slowRate: expected a share above 0, up to 1, found 0.'],
    [{ slowRate: 0.5 }, 'slowRate: does not say what is slow. Add `slowMs: 1000`.'],
    [{ slowMs: 0 }, 'slowMs: expected milliseconds above 0, up to an hour (3600000), found 0.'],
    [{ minimumRequests: 0 }, 'minimumRequests: expected a number of 1 or more, found 0.'],
    [{ windowSeconds: 0 }, 'windowSeconds: expected seconds above 0, up to a day (86400), found 0.'],
    [{ cooldownSeconds: 1e9 }, 'cooldownSeconds: expected seconds above 0, up to a day (86400), found 1000000000.'],
    [{ cooldownSeconds: Infinity }, 'cooldownSeconds: expected seconds above 0, up to a day (86400), found Infinity.'],
    [{ reset: 'automatic' }, 'reset: expected auto or manual, found "automatic".'],
    [{ scope: 'flet' }, 'scope: expected instance or fleet, found "flet". Did you mean `fleet`?'],
  ])('with %j is refused', (breaker, problem) => {
    expect(problemsOf({ breaker })).toEqual([`flags.f.breaker.${problem}`]);
  });

  it.each([
    [{ errorThresholdPercentage: 50 }, 'unknown key. Write `errorRate: 0.5`, a share.'],
    [{ volumeThreshold: 5 }, 'unknown key. Write `minimumRequests: 20`.'],
    [{ samplingDuration: 5 }, 'unknown key. Write `windowSeconds: 10`.'],
    [{ resetTimeout: 5 }, 'unknown key. Write `cooldownSeconds: 30`.'],
    [{ slow_rate: 0.5, slowMs: 5 }, 'unknown key. Did you mean `slowRate`?'],
  ])('in the words of other libraries, %j, is told the right ones', (breaker, problem) => {
    expect(problemsOf({ breaker })[0]).toContain(problem);
  });

  it.each([[true], [null], [[]], ['on'], [0.5]])('that is %j is refused', (breaker) => {
    expect(problemsOf({ breaker })[0]).toContain('flags.f.breaker: expected a mapping, found');
  });

  it('says what has no effect', () => {
    expect(problemsOf({ breaker: { scope: 'fleet' } })).toEqual([]);
    expect(problemsOf({ breaker: { reset: 'manual', cooldownSeconds: 5 } })).toEqual([
      'flags.f.breaker.cooldownSeconds: warning: has no effect with `reset: manual`: it stays open until somebody restores the flag.',
    ]);
  });
});
