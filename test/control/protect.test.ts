import { KillSwitchOffError } from 'halyard';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import { createDeferred } from './deferred.js';
import { startGuarded } from './failing-calls.js';

const breaker = { errorRate: 0.5, minimumRequests: 2, windowSeconds: 10, cooldownSeconds: 30 };
const ana = { by: 'ana', reason: 'provider down' };

const broken = (): never => {
  throw new Error('broken');
};

describe('protect', () => {
  it('gives back what the call returns, as it is', async () => {
    const { halyard } = await startGuarded(breaker);
    const paid = { paid: true };
    expect(halyard.protect('payments', () => paid)).toBe(paid);
    expect(halyard.protect('payments', () => null)).toBeNull();
    await expect(halyard.protect('payments', () => Promise.resolve(paid))).resolves.toBe(paid);
  });

  it('has the type of the call, and of its fallback', async () => {
    const { halyard } = await startGuarded(breaker);
    expectTypeOf(halyard.protect('payments', () => 1)).toEqualTypeOf<number>();
    expectTypeOf(halyard.protect('payments', () => 1, { context: {} })).toEqualTypeOf<number>();
    expectTypeOf(halyard.protect('payments', async () => Promise.resolve(1))).toEqualTypeOf<Promise<number>>();
    expectTypeOf(halyard.protect('payments', () => 1, { fallback: () => 'later' })).toEqualTypeOf<number | string>();
  });

  it('throws what the call throws, and rejects with what it rejects with', async () => {
    const { halyard } = await startGuarded(undefined);
    expect(() => halyard.protect('payments', broken)).toThrow('broken');
    const error = new Error('down');
    await expect(halyard.protect('payments', () => Promise.reject(error))).rejects.toBe(error);
  });

  it.each<[string, () => unknown]>([
    ['throws', broken],
    ['rejects', () => Promise.reject(new Error('broken'))],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- people do
    ['rejects with nothing', () => Promise.reject(undefined)],
    [
      'returns a thenable that rejects',
      () => ({ then: (_: unknown, fail: (error: Error) => void) => fail(new Error()) }),
    ],
  ])('counts a call that %s as a failure', async (_, call) => {
    const { halyard } = await startGuarded(breaker);
    for (let count = 0; count < 2; count += 1) await settled(() => halyard.protect('payments', call));
    expect(halyard.breakers()[0]?.trip?.evidence).toMatchObject({ requests: 2, failures: 2 });
  });

  it('counts a promise when it is settled', async () => {
    const { halyard } = await startGuarded({ ...breaker, slowMs: 100 });
    const work = createDeferred();
    const call = halyard.protect('payments', () => work.promise);
    expect(halyard.breakers()[0]).toMatchObject({ requests: 0 });
    work.resolve();
    await call;
    expect(halyard.breakers()[0]).toMatchObject({ requests: 1, failures: 0, slow: 0 });
  });

  it('counts a promise that takes long as slow', async () => {
    const { halyard, wait } = await startGuarded({ ...breaker, slowMs: 100 });
    for (let count = 0; count < 2; count += 1) {
      const work = createDeferred();
      const call = halyard.protect('payments', () => work.promise);
      wait(101);
      work.resolve();
      await call;
    }
    expect(halyard.breakers()[0]?.trip?.evidence).toMatchObject({ cause: 'slow', slow: 2 });
  });

  it('leaves a rejection that nobody handles unhandled', async () => {
    const { halyard } = await startGuarded(breaker);
    const unhandled = vi.fn();
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').once('unhandledRejection', unhandled);
    try {
      void halyard.protect('payments', () => Promise.reject(new Error('nobody')));
      await vi.waitFor(() => expect(unhandled).toHaveBeenCalledOnce());
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of others) process.on('unhandledRejection', listener);
    }
  });

  it('runs a query that only begins when it is awaited once', async () => {
    const { halyard } = await startGuarded(breaker);
    const run = vi.fn(() => Promise.resolve('rows'));
    const query: PromiseLike<string> = { then: (done, fail) => run().then(done, fail) };
    expect(await halyard.protect('payments', () => query)).toBe('rows');
    expect(run).toHaveBeenCalledOnce();
  });

  it('counts errors that are no failures neither way', async () => {
    const { halyard } = await startGuarded(breaker);
    const isFailure = (error: unknown): boolean => (error as Error).name !== 'AbortError';
    for (let count = 0; count < 5; count += 1) {
      const aborted = halyard.protect('payments', () => Promise.reject(AbortSignal.abort().reason as Error), {
        isFailure,
      });
      await expect(aborted).rejects.toThrow('aborted');
    }
    expect(halyard.breakers()[0]).toMatchObject({ status: 'closed', requests: 0 });
    for (let count = 0; count < 2; count += 1)
      expect(() => halyard.protect('payments', broken, { isFailure })).toThrow('broken');
    expect(halyard.breakers()[0]).toMatchObject({ status: 'open' });
  });

  it('counts an error as a failure if the judge of it fails, and throws the error', async () => {
    const { halyard } = await startGuarded(breaker);
    const isFailure = (): boolean => {
      throw new Error('the judge');
    };
    expect(() => halyard.protect('payments', broken, { isFailure })).toThrow('broken');
    expect(halyard.breakers()[0]).toMatchObject({ failures: 1 });
  });

  it('does not count what another kill switch kept from being done', async () => {
    const { halyard } = await startGuarded(breaker);
    await halyard.kill('mail', ana);
    for (let count = 0; count < 5; count += 1) {
      expect(() => halyard.protect('payments', () => halyard.protect('mail', () => 'sent'))).toThrow(
        KillSwitchOffError,
      );
    }
    expect(halyard.breakers()[0]).toMatchObject({ flagKey: 'payments', status: 'closed', requests: 0 });
  });

  it('makes the call in any doubt: no such flag, a value that is not boolean, no unit', async () => {
    const { halyard, configure } = await startGuarded(breaker);
    expect(halyard.protect('no-such-flag', () => 'done')).toBe('done');
    await configure(breaker, { variants: { on: 'x', off: 'y' } });
    expect(halyard.protect('payments', () => 'done')).toBe('done');
    await configure(breaker, { rollout: 50 });
    expect(halyard.protect('payments', () => 'done')).toBe('done');
  });

  it('asks the flag for the context that it is given', async () => {
    const { halyard, configure } = await startGuarded(breaker);
    await configure(breaker, { rules: [{ when: { country: 'CU' }, serve: 'off' }], serve: 'on' });
    const call = (country: string): string =>
      halyard.protect('payments', () => 'paid', { context: { country }, fallback: () => 'not here' });
    expect([call('CU'), call('US')]).toEqual(['not here', 'paid']);
  });

  it.each<[unknown, unknown, unknown, string]>([
    [7, () => 1, {}, 'protect: expected a flag key, found 7.'],
    ['', () => 1, {}, 'protect: expected a flag key, found "".'],
    ['payments', Promise.resolve(1), {}, 'protect: expected a function to call, found an object.'],
    ['payments', () => 1, { fallback: 5 }, 'protect: option `fallback`: expected a function, found 5.'],
    ['payments', () => 1, { fallbak: () => 1 }, 'protect: unknown option `fallbak`. Did you mean `fallback`?'],
    ['payments', () => 1, null, 'protect: expected an object of options, found null.'],
  ])('with wrong arguments throws: %j, %s, %j', async (key, call, options, message) => {
    const { halyard } = await startGuarded(breaker);
    expect(() => halyard.protect(key as string, call as () => number, options as object)).toThrow(
      new TypeError(message),
    );
  });
});

describe('a call that protect does not make', () => {
  const never = (): never => {
    throw new Error('must not be called');
  };

  it.each([undefined, 60])('because its flag is killed throws an error that says so: %j', async (forSeconds) => {
    const { halyard, wait } = await startGuarded(breaker);
    await halyard.kill('payments', { ...ana, forSeconds });
    wait(500);
    const retryAfterMs = forSeconds === undefined ? undefined : 59_500;
    const end = forSeconds === undefined ? 'until somebody restores it' : 'for another 60 s';
    expect(errorOf(() => halyard.protect('payments', never))).toMatchObject({
      name: 'KillSwitchOffError',
      message: `"payments" is off: it is killed, ${end}.`,
      flagKey: 'payments',
      why: 'killed',
      retryAfterMs,
    });
  });

  it.each([
    ['enabled', { enabled: false }],
    ['serve', { serve: 'off' }],
    ['requires', { requires: [{ flag: 'mail', variant: 'off' }], serve: 'on' }],
  ])('because of `%s` in the document throws an error that says so', async (_, flag) => {
    const { halyard, configure } = await startGuarded(breaker);
    await configure(breaker, flag);
    expect(errorOf(() => halyard.protect('payments', never))).toMatchObject({
      message: '"payments" is off: its document says so.',
      why: 'disabled',
      retryAfterMs: undefined,
    });
  });

  it('because its breaker is open throws an error that says so', async () => {
    const { halyard, fail, wait } = await startGuarded(breaker);
    fail(2);
    wait(10_500);
    expect(errorOf(() => halyard.protect('payments', never))).toMatchObject({
      message: '"payments" is off: its breaker is open, for another 20 s.',
      why: 'breaker-open',
      retryAfterMs: 19_500,
    });
  });

  it('because a person has to reset its breaker throws an error that says so', async () => {
    const { halyard, fail } = await startGuarded({ ...breaker, reset: 'manual' });
    fail(2);
    expect(errorOf(() => halyard.protect('payments', never))).toMatchObject({
      message: '"payments" is off: its breaker is open, until somebody restores it.',
      retryAfterMs: undefined,
    });
  });

  it('is answered by the fallback, which knows why', async () => {
    const { halyard, fail } = await startGuarded(breaker);
    fail(2);
    const fallback = (error: KillSwitchOffError) => [error instanceof KillSwitchOffError, error.why];
    expect(halyard.protect('payments', never, { fallback })).toEqual([true, 'breaker-open']);
    const later = () => Promise.resolve('later');
    await expect(halyard.protect('payments', never, { fallback: later })).resolves.toBe('later');
  });

  it('throws what its fallback throws', async () => {
    const { halyard } = await startGuarded(breaker);
    await halyard.kill('payments', ana);
    expect(() => halyard.protect('payments', never, { fallback: broken })).toThrow('broken');
  });

  it('is told as blocked', async () => {
    const { halyard } = await startGuarded(breaker);
    const blocked = vi.fn();
    halyard.on('blocked', blocked);
    await halyard.kill('payments', ana);
    halyard.protect('payments', never, { fallback: () => undefined });
    expect(blocked.mock.calls).toEqual([[{ flagKey: 'payments' }]]);
  });
});

async function settled(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch {
    // It is the breaker that is asked.
  }
}

function errorOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
