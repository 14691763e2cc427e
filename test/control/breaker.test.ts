import { hostname } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDeferred } from './deferred.js';
import { START, startGuarded } from './failing-calls.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

const breaker = { errorRate: 0.5, minimumRequests: 10, windowSeconds: 10, cooldownSeconds: 30 };
const ana = { by: 'ana', reason: 'provider is back' };

afterEach(() => {
  vi.useRealTimers();
});

describe('a breaker that is closed', () => {
  it('trips at the share of failures, not below it', async () => {
    const { succeed, fail, isRefused } = await startGuarded(breaker);
    succeed(10);
    fail(9);
    expect(isRefused()).toBe(false);
    fail();
    expect(isRefused()).toBe(true);
  });

  it('trips where every request fails, at an error rate of 1', async () => {
    const { fail, isRefused } = await startGuarded({ ...breaker, errorRate: 1 });
    fail(10);
    expect(isRefused()).toBe(true);
  });

  it.each([0.55, 0.07, 0.29, 0.57])('takes the share %d as it is written', async (errorRate) => {
    const { succeed, fail, isRefused } = await startGuarded({ ...breaker, errorRate, minimumRequests: 100 });
    const failures = Math.round(errorRate * 100);
    fail(failures);
    succeed(100 - failures - 1);
    expect(isRefused()).toBe(false);
    succeed();
    expect(isRefused()).toBe(true);
  });

  it('waits for as many requests as it needs, of whatever kind', async () => {
    const { succeed, fail, isRefused } = await startGuarded(breaker);
    fail(9);
    expect(isRefused()).toBe(false);
    succeed();
    expect(isRefused()).toBe(true);
  });

  it('forgets what is older than its window', async () => {
    const { fail, isRefused, wait, halyard } = await startGuarded(breaker);
    fail(9);
    wait(10_000);
    expect(halyard.breakers()).toEqual([{ flagKey: 'payments', status: 'closed', requests: 0, failures: 0, slow: 0 }]);
    fail(9);
    expect(isRefused()).toBe(false);
  });

  it('forgets little by little: the window slides', async () => {
    const { succeed, halyard, wait } = await startGuarded(breaker);
    const held = [];
    for (let second = 0; second < 14; second += 1) {
      succeed();
      held.push(halyard.breakers()[0]?.requests);
      wait(1_000);
    }
    expect(held).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10, 10]);
  });

  it('trips on slow answers, where it knows what is slow', async () => {
    const { succeedIn, isRefused, trips } = await startGuarded({ ...breaker, slowMs: 800, slowRate: 0.8 });
    succeedIn(800, 2);
    succeedIn(801, 7);
    expect(isRefused()).toBe(false);
    succeedIn(801);
    expect(isRefused()).toBe(true);
    expect(trips[0]?.evidence).toEqual({
      cause: 'slow',
      requests: 10,
      failures: 0,
      slow: 8,
      share: 0.8,
      limit: 0.8,
      windowMs: 10_000,
      slowMs: 800,
    });
  });

  it('never trips on slow answers where nothing says what is slow', async () => {
    const { succeedIn, isRefused } = await startGuarded(breaker);
    succeedIn(900, 20);
    expect(isRefused()).toBe(false);
  });

  it('is no other flag’s', async () => {
    const { fail, isRefused, halyard } = await startGuarded(breaker);
    fail(10);
    expect(isRefused()).toBe(true);
    expect(halyard.protect('mail', () => 'sent')).toBe('sent');
  });

  it('is no other Halyard’s', async () => {
    const [first, second] = [await startGuarded(breaker), await startGuarded(breaker)];
    first.fail(10);
    expect([first.isRefused(), second.isRefused()]).toEqual([true, false]);
  });

  it('keeps evaluation as it is when it opens', async () => {
    const { fail, halyard, isRefused } = await startGuarded(breaker);
    fail(10);
    expect(isRefused()).toBe(true);
    expect(halyard.details('payments', false)).toMatchObject({ value: true, reason: 'STATIC' });
  });
});

describe('a breaker that tripped', () => {
  it('tells the numbers that caused it', async () => {
    const { succeed, fail, trips, log, halyard } = await startGuarded(breaker);
    succeed(3);
    fail(7);
    const trip = {
      openUntil: START + 30_000,
      trippedBy: `${hostname()}:${process.pid}`,
      evidence: {
        cause: 'errors',
        requests: 10,
        failures: 7,
        slow: 0,
        share: 0.7,
        limit: 0.5,
        windowMs: 10_000,
      },
    };
    expect(trips).toEqual([{ flagKey: 'payments', ...trip }]);
    expect(log.warn.mock.calls).toEqual([
      [
        { flagKey: 'payments', ...trip },
        'The breaker of "payments" opened: 7 of 10 requests of the last 10 s failed (70 %, limit 50 %). ' +
          'It is open for 30 s, then it lets a probe through.',
      ],
    ]);
    expect(halyard.breakers()).toEqual([
      { flagKey: 'payments', status: 'open', requests: 0, failures: 0, slow: 0, trip },
    ]);
    expect(JSON.parse(JSON.stringify(halyard.breakers()))).toEqual(halyard.breakers());
  });

  it('is open for its cooldown, then lets one call through', async () => {
    const { fail, isRefused, wait, status, succeed, resets } = await startGuarded(breaker);
    fail(10);
    wait(29_999);
    expect([isRefused(), status()]).toEqual([true, 'open']);
    wait(1);
    expect(status()).toBe('half-open');
    succeed();
    expect(status()).toBe('closed');
    expect(resets).toEqual([{ flagKey: 'payments', cause: 'probe' }]);
  });

  it('begins with an empty window when a probe closed it', async () => {
    const { fail, isRefused, wait, succeed } = await startGuarded(breaker);
    fail(10);
    wait(30_000);
    succeed();
    fail(9);
    expect(isRefused()).toBe(false);
    fail();
    expect(isRefused()).toBe(true);
  });

  it('stays open for another cooldown when its probe fails', async () => {
    const { fail, isRefused, wait, status, trips, log } = await startGuarded(breaker);
    fail(10);
    wait(30_000);
    fail();
    expect([isRefused(), status()]).toEqual([true, 'open']);
    expect(trips[1]).toMatchObject({
      openUntil: START + 60_000,
      evidence: { cause: 'probe', requests: 1, failures: 1, slow: 0 },
    });
    expect(log.info).toHaveBeenLastCalledWith(
      expect.anything(),
      'The breaker of "payments" stays open: the probe failed. It is open for 30 s, then it lets a probe through.',
    );
    wait(29_999);
    expect(isRefused()).toBe(true);
    wait(1);
    expect(isRefused()).toBe(false);
  });

  it('stays open when its probe is slow', async () => {
    const { fail, succeedIn, wait, status } = await startGuarded({ ...breaker, slowMs: 100 });
    fail(10);
    wait(30_000);
    succeedIn(101);
    expect(status()).toBe('open');
  });

  it('lets the next call through at once when a probe said nothing', async () => {
    const { fail, isRefused, wait, succeed, status } = await startGuarded(breaker);
    fail(10);
    wait(30_000);
    expect([isRefused(), isRefused()]).toEqual([false, false]);
    succeed();
    expect(status()).toBe('closed');
  });

  it('lets one of many through at once', async () => {
    const { fail, wait, halyard, status } = await startGuarded(breaker);
    fail(10);
    wait(30_000);
    const probe = createDeferred<string>();
    const call = () =>
      halyard.protect('payments', () => probe.promise, { fallback: ({ retryAfterMs }) => retryAfterMs });
    const first = call();
    wait(1_000);
    expect(Array.from({ length: 50 }, call)).toEqual(Array.from({ length: 50 }, () => 29_000));
    probe.resolve('done');
    expect(await first).toBe('done');
    expect(status()).toBe('closed');
  });

  it('gives a probe up that hangs for a whole cooldown', async () => {
    const { fail, wait, halyard, isRefused, succeed, status } = await startGuarded(breaker);
    fail(10);
    wait(30_000);
    const hanging = createDeferred();
    const lost = halyard.protect('payments', () => hanging.promise);
    wait(29_999);
    expect(isRefused()).toBe(true);
    wait(1);
    succeed();
    expect(status()).toBe('closed');
    hanging.reject(new Error('too late'));
    await expect(lost).rejects.toThrow('too late');
    expect(status()).toBe('closed');
  });

  it('takes no notice of what was under way when it opened', async () => {
    const { fail, wait, halyard, status, succeed } = await startGuarded(breaker);
    const late = [createDeferred(), createDeferred()] as const;
    const calls = late.map(({ promise }) => halyard.protect('payments', () => promise));
    fail(10);
    late[0].resolve();
    await calls[0];
    expect(status()).toBe('open');
    wait(30_000);
    succeed();
    late[1].reject(new Error('late'));
    await expect(calls[1]).rejects.toThrow('late');
    expect(halyard.breakers()[0]).toMatchObject({ status: 'closed', requests: 0 });
  });

  it('is closed by restore, and measures anew', async () => {
    const { fail, isRefused, halyard, resets } = await startGuarded(breaker);
    fail(10);
    await halyard.restore('payments', ana);
    expect(resets).toEqual([{ flagKey: 'payments', cause: 'restore' }]);
    expect(isRefused()).toBe(false);
    fail(9);
    expect(isRefused()).toBe(false);
  });

  it('is closed by restore even if the store can not be written', async () => {
    const { fail, isRefused, halyard, store } = await startGuarded({ ...breaker, reset: 'manual' });
    fail(10);
    vi.spyOn(store, 'updateState').mockRejectedValue(new Error('disk full'));
    await expect(halyard.restore('payments', ana)).rejects.toThrow('disk full');
    expect(isRefused()).toBe(false);
  });
});

describe('a breaker that a person resets', () => {
  it('stays open until restore', async () => {
    const { fail, isRefused, wait, halyard, trips, log } = await startGuarded({ ...breaker, reset: 'manual' });
    fail(10);
    wait(86_400_000);
    expect(isRefused()).toBe(true);
    expect(halyard.breakers()[0]?.status).toBe('open');
    expect(trips[0]).not.toHaveProperty('openUntil');
    expect(log.warn).toHaveBeenLastCalledWith(
      expect.anything(),
      expect.stringContaining('It is open until somebody restores the flag.'),
    );
    await halyard.restore('payments', ana);
    expect(isRefused()).toBe(false);
  });
});

describe('a breaker follows its document', () => {
  it('with a new window for other limits', async () => {
    const { fail, isRefused, configure, halyard } = await startGuarded(breaker);
    fail(9);
    await configure({ ...breaker, minimumRequests: 5 });
    expect(halyard.breakers()[0]).toMatchObject({ requests: 0 });
    fail(4);
    expect(isRefused()).toBe(false);
    fail();
    expect(isRefused()).toBe(true);
  });

  it('and keeps its window when something else changes', async () => {
    const { fail, isRefused, configure } = await startGuarded(breaker);
    fail(9);
    await configure(breaker, { description: 'what customers pay with' });
    fail();
    expect(isRefused()).toBe(true);
  });

  it('with a shorter cooldown, counted from when it opened', async () => {
    const { fail, isRefused, configure, wait } = await startGuarded({ ...breaker, cooldownSeconds: 3_600 });
    fail(10);
    wait(10_000);
    await configure({ ...breaker, cooldownSeconds: 11 });
    expect(isRefused()).toBe(true);
    wait(1_000);
    expect(isRefused()).toBe(false);
  });

  it('from a person’s reset to its own', async () => {
    const { fail, isRefused, configure, wait } = await startGuarded({ ...breaker, reset: 'manual' });
    fail(10);
    wait(30_000);
    await configure(breaker);
    expect(isRefused()).toBe(false);
  });

  it('and closes when that has none any more', async () => {
    const { fail, isRefused, configure, halyard, resets } = await startGuarded(breaker);
    fail(10);
    await configure(undefined);
    expect(isRefused()).toBe(false);
    expect(halyard.breakers()).toEqual([]);
    expect(resets).toEqual([{ flagKey: 'payments', cause: 'change' }]);
  });

  it('and closes when its flag is deleted', async () => {
    const { fail, halyard, store } = await startGuarded(breaker);
    fail(10);
    const changed = new Promise((resolve) => halyard.on('change', resolve));
    store.set({ version: 1, flags: {} });
    await changed;
    expect(halyard.protect('payments', () => 'paid')).toBe('paid');
    expect(halyard.breakers()).toEqual([]);
  });

  it('begins when the document gives one', async () => {
    const { fail, isRefused, configure } = await startGuarded(undefined);
    fail(20);
    await configure(breaker);
    fail(9);
    expect(isRefused()).toBe(false);
    fail();
    expect(isRefused()).toBe(true);
  });

  it('keeps its place while the document is refused', async () => {
    const { fail, isRefused, halyard, store } = await startGuarded(breaker);
    fail(10);
    vi.spyOn(store, 'load').mockRejectedValue(new Error('down'));
    await halyard.refresh();
    expect(isRefused()).toBe(true);
  });
});

describe('a kill', () => {
  it('makes a breaker irrelevant, and its end begins anew', async () => {
    const { fail, isRefused, halyard } = await startGuarded({ ...breaker, reset: 'manual' });
    fail(10);
    await halyard.kill('payments', ana);
    expect(halyard.breakers()).toEqual([]);
    expect(() => halyard.protect('payments', () => 'paid')).toThrow('it is killed');
    await halyard.restore('payments', ana);
    expect(isRefused()).toBe(false);
    fail(9);
    expect(isRefused()).toBe(false);
  });

  it('of another instance does, too', async () => {
    const { fail, halyard, store, isRefused } = await startGuarded({ ...breaker, reset: 'manual' });
    fail(10);
    const change = async (kills: ReadonlyMap<string, { at: number; by: string; reason: string }>): Promise<void> => {
      const changed = new Promise((resolve) => halyard.on('change', resolve));
      await store.updateState(() => ({ ...emptyFlagState, kills }), ana);
      await changed;
    };
    await change(new Map([['payments', { at: START, ...ana }]]));
    expect(halyard.breakers()).toEqual([]);
    await change(new Map());
    expect(isRefused()).toBe(false);
  });

  it('that ends by itself does, too', async () => {
    const { fail, halyard, wait, isRefused } = await startGuarded({ ...breaker, reset: 'manual' });
    fail(10);
    await halyard.kill('payments', { ...ana, forSeconds: 60 });
    wait(60_000);
    expect(isRefused()).toBe(false);
  });

  it('leaves nothing behind of what ends after it', async () => {
    const { halyard } = await startGuarded({ ...breaker, minimumRequests: 1 });
    const slow = createDeferred();
    const call = halyard.protect('payments', () => slow.promise);
    await halyard.kill('payments', ana);
    await halyard.restore('payments', ana);
    slow.reject(new Error('late'));
    await expect(call).rejects.toThrow('late');
    expect(halyard.protect('payments', () => 'paid')).toBe('paid');
  });
});

describe('a clock that jumps', () => {
  it.each([3_600_000, -3_600_000])('by %d ms leaves a breaker as it is, if it is the system’s', async (jump) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const { fail, isRefused, halyard, succeed } = await startGuarded(breaker, { clock: undefined });
    fail(5);
    succeed(4);
    vi.setSystemTime(Date.now() + jump);
    expect(halyard.breakers()[0]).toMatchObject({ status: 'closed', requests: 9, failures: 5 });
    fail();
    expect(isRefused()).toBe(true);
    vi.setSystemTime(Date.now() + jump);
    vi.advanceTimersByTime(29_999);
    expect(isRefused()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(isRefused()).toBe(false);
    succeed();
    vi.setSystemTime(Date.now() + jump);
    expect(halyard.breakers()[0]?.status).toBe('closed');
  });

  it('back leaves no breaker open for longer, if it is the application’s own', async () => {
    const { fail, isRefused, wait } = await startGuarded(breaker);
    fail(10);
    wait(-3_600_000);
    expect(isRefused()).toBe(true);
    wait(29_999);
    expect(isRefused()).toBe(true);
    wait(1);
    expect(isRefused()).toBe(false);
  });

  it('to what is no time leaves no breaker open for longer, if it is the application’s own', async () => {
    let time = START;
    const { fail, isRefused } = await startGuarded(breaker, { clock: { now: () => time } });
    fail(10);
    for (time of [NaN, Infinity, -Infinity, START + 29_999]) expect(isRefused()).toBe(true);
    time = START + 30_000;
    expect(isRefused()).toBe(false);
  });

  it('forward opens none, if it is the application’s own', async () => {
    const { fail, wait, status } = await startGuarded(breaker);
    fail(9);
    wait(3_600_000);
    fail();
    expect(status()).toBe('closed');
  });
});
