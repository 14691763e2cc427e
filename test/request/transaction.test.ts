import {
  AsyncLocalStorageTransactionContextPropagator,
  NOOP_TRANSACTION_CONTEXT_PROPAGATOR,
  OpenFeature,
  type TransactionContextPropagator,
} from '@openfeature/server-sdk';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { currentTransactionContext, ensurePropagator, runInTransaction } from '../../src/request/transaction.js';

const install = (setTransactionContext: unknown, getTransactionContext: unknown = () => ({})) =>
  OpenFeature.setTransactionContextPropagator({
    setTransactionContext,
    getTransactionContext,
  } as TransactionContextPropagator);

afterEach(() => {
  OpenFeature.setTransactionContextPropagator(NOOP_TRANSACTION_CONTEXT_PROPAGATOR);
});

describe('ensurePropagator', () => {
  it.each<[string, () => unknown]>([
    ['there is none', () => undefined],
    [
      'it throws',
      () =>
        install(() => {
          throw new Error('broken');
        }),
    ],
    ['it forgets', () => install((_: object, callback: () => void) => callback())],
    [
      'it has nothing to read',
      () =>
        install(
          (_: object, callback: () => void) => callback(),
          () => undefined,
        ),
    ],
  ])('installs one that works where %s', (_, prepare) => {
    prepare();
    ensurePropagator();
    expect(runInTransaction({ a: 1 }, currentTransactionContext)).toEqual({ a: 1 });
  });

  it('keeps one that works', () => {
    const mine = new AsyncLocalStorageTransactionContextPropagator();
    OpenFeature.setTransactionContextPropagator(mine);
    ensurePropagator();
    const set = vi.spyOn(mine, 'setTransactionContext');
    runInTransaction({}, () => undefined);
    expect(set).toHaveBeenCalledOnce();
  });
});

describe('runInTransaction', () => {
  it('returns what the callback returns, and throws what it throws', () => {
    ensurePropagator();
    expect(runInTransaction({}, () => 7)).toBe(7);
    expect(() =>
      runInTransaction({}, () => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
  });

  it.each<[string, (context: object, callback: () => void) => void]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    [
      'throws afterwards',
      (_, callback) => {
        callback();
        throw new Error('broken');
      },
    ],
    ['calls nothing', () => undefined],
    [
      'calls twice',
      (_, callback) => {
        callback();
        callback();
      },
    ],
    ['calls later', (_, callback) => queueMicrotask(callback)],
  ])('calls the callback once with a propagator that %s', async (_, propagate) => {
    install(propagate);
    const callback = vi.fn(() => 7);
    expect(runInTransaction({}, callback)).toBe(7);
    await Promise.resolve();
    expect(callback).toHaveBeenCalledOnce();
  });
});
