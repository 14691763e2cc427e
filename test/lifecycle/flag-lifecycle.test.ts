import { describe, expect, it } from 'vitest';
import { emptyFlagState, type FlagState } from '../../src/flags/flag-state.js';
import { parseFlagDocument } from '../../src/flags/parse-flag-document.js';
import { type FlagLifecycle, lifecycleOf } from '../../src/lifecycle/flag-lifecycle.js';
import type { LifecycleOptions } from '../../src/lifecycle/lifecycle-options.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');

interface Given {
  readonly state?: Partial<FlagState>;
  readonly options?: LifecycleOptions;
  /** Other flags of the document. */
  readonly others?: object;
}

/** The lifecycle of the flag `f`. */
function lifecycle(flag: object, { state = {}, options, others = {} }: Given = {}): FlagLifecycle {
  const parsed = parseFlagDocument({ version: 1, flags: { f: flag, ...others } });
  expect(parsed.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return lifecycleOf(parsed.flags, { ...emptyFlagState, ...state }, new Map(), NOW, options)[0]!;
}

const settledVariant = (flag: object, given?: Given): string | undefined => lifecycle(flag, given).settled?.variant;

describe('when a flag ends', () => {
  it('is what its document says', () => {
    expect(lifecycle({ created: '2026-05-01', expires: '2026-09-01' })).toMatchObject({
      ageMs: 31 * 86_400_000,
      expires: new Date('2026-09-01'),
      expiresBy: 'document',
      isExpired: false,
    });
  });

  it('is 40 days after it was made, for a release or an experiment', () => {
    for (const kind of ['release', 'experiment']) {
      const { expires, expiresBy, isExpired } = lifecycle({ kind, created: '2026-04-01', rollout: 10 });
      expect({ expires, expiresBy, isExpired }).toEqual({
        expires: new Date('2026-05-11'),
        expiresBy: 'lifetime',
        isExpired: true,
      });
    }
  });

  it('is never, for operational and permission flags that say none', () => {
    for (const kind of ['operational', 'permission']) {
      expect(lifecycle({ kind, created: '2020-01-01' })).toMatchObject({
        expires: undefined,
        expiresBy: undefined,
        stage: 'active',
      });
    }
  });

  it('is unknown where nobody knows when the flag was made', () => {
    expect(lifecycle({ rollout: 10 })).toMatchObject({ expires: undefined, ageMs: undefined, stage: 'active' });
  });

  it('follows other lifetimes, also none', () => {
    const flag = { created: '2026-05-01', rollout: 10 };
    expect(lifecycle(flag, { options: { lifetimes: { release: 30 } } }).isExpired).toBe(true);
    expect(lifecycle(flag, { options: { lifetimes: { release: null } } }).expires).toBeUndefined();
    expect(lifecycle(flag, { options: { lifetimes: { release: false } } }).expires).toBeUndefined();
    expect(
      lifecycle({ ...flag, kind: 'operational' }, { options: { lifetimes: { operational: 365 } } }).expires,
    ).toEqual(new Date('2027-05-01'));
  });

  it('is near 14 days before, or as many as are said', () => {
    const flag = { expires: '2026-06-10', rollout: 10 };
    expect(lifecycle(flag)).toMatchObject({ stage: 'expiring', why: 'its time ends in 9 days' });
    expect(lifecycle(flag, { options: { expiringDays: 7 } }).stage).toBe('active');
  });

  it('is over at the instant itself', () => {
    expect(lifecycle({ expires: '2026-06-01', rollout: 10 })).toMatchObject({ isExpired: true, stage: 'expired' });
  });
});

describe('what everyone gets for good', () => {
  it('is the one variant that is served, rolled out, or left', () => {
    expect(settledVariant({ serve: 'on' })).toBe('on');
    expect(settledVariant({})).toBe('on');
    expect(settledVariant({ rollout: 100 })).toBe('on');
    expect(settledVariant({ rollout: 0 })).toBe('off');
    expect(settledVariant({ variants: { a: 1, b: 2 }, split: { a: 1, b: 0 } })).toBe('a');
  });

  it('is the off variant of a disabled flag, whatever else it says', () => {
    expect(lifecycle({ enabled: false, rollout: 10 }).settled).toMatchObject({
      variant: 'off',
      because: 'it is disabled',
    });
  });

  it('can be the default of the caller', () => {
    const { settled } = lifecycle({ rollout: 0, offVariant: null });
    expect(settled).toMatchObject({ variant: undefined, because: "everyone gets the caller's default" });
  });

  it('is undecided while there is a choice', () => {
    const rules = [{ when: { plan: 'pro' }, serve: 'on' }];
    for (const flag of [
      { rollout: 99.9 },
      { variants: { a: 1, b: 2 }, split: { a: 1, b: 1 } },
      { serve: 'off', targets: { on: ['ann'] } },
      { serve: 'off', rules },
    ]) {
      expect(lifecycle(flag).settled).toBeUndefined();
    }
  });

  it('is the same variant where targets and rules give no other', () => {
    const rules = [{ when: { plan: 'pro' }, rollout: 100 }];
    expect(settledVariant({ serve: 'on', targets: { on: ['ann'] }, rules })).toBe('on');
  });

  it('counts a rule no longer whose time is over, and counts one whose time is still to come', () => {
    const rule = { when: { plan: 'pro' }, serve: 'on' };
    const over = lifecycle({ serve: 'off', rules: [{ ...rule, until: '2026-03-01' }] });
    // The rest may have been written after the rule was over.
    expect(over.settled).toMatchObject({ variant: 'off', since: undefined });
    expect(lifecycle({ serve: 'off', rules: [{ ...rule, from: '2027-01-01' }] }).settled).toBeUndefined();
  });

  it('is where a schedule ends, since then, and not before', () => {
    const curve = (start: string) => ({ rollout: { curve: 'linear', start, hours: 240 } });
    expect(lifecycle(curve('2026-05-01')).settled).toEqual({
      variant: 'on',
      since: new Date('2026-05-11'),
      because: 'its rollout is over: everyone gets on',
    });
    expect(lifecycle(curve('2026-05-28')).settled).toBeUndefined();
    expect(lifecycle(curve('2026-07-01')).settled).toBeUndefined();
  });

  it('is the last stage, once it began', () => {
    const stages = (start: string) => ({
      rollout: { start, stages: [{ percentage: 10, hours: 48 }, { percentage: 100 }] },
    });
    expect(lifecycle(stages('2026-05-01')).settled).toMatchObject({ variant: 'on', since: new Date('2026-05-03') });
    expect(lifecycle(stages('2026-05-31')).settled).toBeUndefined();
  });

  it('is decided by a watched rollout that is completed, and by no other', () => {
    const flag = {
      rollout: {
        stages: [{ percentage: 10, hours: 1 }, { percentage: 100 }],
        checks: { maxErrorRate: 0.01 },
      },
    };
    const at = Date.parse('2026-02-01');
    const completed = { status: 'completed', seed: 'f', by: 'halyard', at } as const;
    const rolledBack = {
      status: 'rolled-back',
      seed: 'f',
      by: 'halyard',
      at,
      stage: 0,
      reason: 'x',
      restsUntil: at,
    } as const;
    const withProgress = (progress: FlagState['rollouts'] extends ReadonlyMap<string, infer One> ? One : never) =>
      lifecycle(flag, { state: { rollouts: new Map([['f', progress]]) } });
    expect(withProgress(completed)).toMatchObject({
      settled: { variant: 'on', since: new Date(at) },
      stage: 'stale',
      why: 'its rollout is over: everyone gets on, and has been so for 120 days',
    });
    expect(withProgress({ ...completed, seed: 'another' }).settled).toBeUndefined();
    expect(withProgress(rolledBack).settled).toBeUndefined();
    expect(lifecycle(flag).settled).toBeUndefined();
  });

  it('is undecided while the flag is killed or its breaker is open', () => {
    const kill = { at: 0, by: 'ann', reason: 'down' };
    const killed = (until?: number) =>
      lifecycle({}, { state: { kills: new Map([['f', until === undefined ? kill : { ...kill, until }]]) } }).settled;
    expect(killed()).toBeUndefined();
    expect(killed(NOW + 1)).toBeUndefined();
    expect(killed(NOW)).toBeDefined();
    const evidence = { cause: 'probe', requests: 1, failures: 1, slow: 0 } as const;
    const trips = new Map([['f', { trippedBy: 'web-1:7', evidence }]]);
    expect(lifecycle({}, { state: { trips } }).settled).toBeUndefined();
  });

  it('follows the flags that are required', () => {
    const flag = { requires: [{ flag: 'g', variant: 'on' }] };
    expect(settledVariant(flag, { others: { g: { rollout: 100 } } })).toBe('on');
    expect(settledVariant(flag, { others: { g: { rollout: 0 } } })).toBe('off');
    expect(settledVariant(flag, { others: { g: { enabled: false, offVariant: 'on' } } })).toBe('off');
    expect(lifecycle(flag, { others: { g: { rollout: 50 } } }).settled).toBeUndefined();
    expect(settledVariant({ ...flag, serve: 'off' }, { others: { g: { rollout: 50 } } })).toBe('off');
  });
});

describe('a stale flag', () => {
  it('has been settled for 90 days, or as many as are said', () => {
    expect(lifecycle({ created: '2026-03-01', expires: '2027-01-01' })).toMatchObject({
      stage: 'stale',
      why: 'everyone gets on, and it was made 92 days ago',
    });
    const young = { created: '2026-04-01', expires: '2027-01-01' };
    expect(lifecycle(young).stage).toBe('active');
    expect(lifecycle(young, { options: { staleAfterDays: 30 } }).stage).toBe('stale');
  });

  it('is one that is settled and expired', () => {
    expect(lifecycle({ created: '2026-04-01' })).toMatchObject({
      stage: 'stale',
      why: 'everyone gets on, and the lifetime of its kind ended 21 days ago',
    });
  });

  it('is none of which nobody knows since when it is settled: it may be of today', () => {
    expect(lifecycle({ rollout: 100 })).toMatchObject({
      stage: 'active',
      why: 'everyone gets on, and nobody knows since when: say when it was `created`',
    });
  });

  it('is no kill switch that trips by itself', () => {
    expect(lifecycle({ created: '2020-01-01', breaker: {} }).stage).toBe('expired');
  });

  it('is no flag that still decides something, however old', () => {
    expect(lifecycle({ created: '2020-01-01', rollout: 50 }).stage).toBe('expired');
  });

  it('is never operational, nor a permission', () => {
    for (const kind of ['operational', 'permission']) {
      expect(lifecycle({ kind, created: '2020-01-01' }).stage).toBe('active');
      expect(lifecycle({ kind, expires: '2026-01-01' }).stage).toBe('expired');
    }
  });
});

describe('the options', () => {
  it('are checked', () => {
    const wrong = (options: object) => () => lifecycle({}, { options });
    expect(wrong({ staleAfterDay: 9 })).toThrow(
      'lifecycle: unknown option `staleAfterDay`. Did you mean `staleAfterDays`?',
    );
    expect(wrong({ lifetimes: { relase: 9 } })).toThrow('option `lifetimes`: unknown option `relase`');
    expect(wrong({ lifetimes: { release: '60 days' } })).toThrow(
      'lifecycle: option `lifetimes`: option `release`: expected a number of days from 0 to 36,500, or null for no end',
    );
  });
});

it('takes flags as names that mean something elsewhere', () => {
  const parsed = parseFlagDocument({ version: 1, flags: { constructor: { rollout: 10 } } });
  const [one] = lifecycleOf(parsed.flags, emptyFlagState, new Map(), NOW);
  expect(one).toMatchObject({ key: 'constructor', lastEvaluatedAt: undefined });
});
