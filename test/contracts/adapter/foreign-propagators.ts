import { AsyncLocalStorage } from 'node:async_hooks';
import type { EvaluationContext, TransactionContextPropagator } from '@openfeature/server-sdk';

/** A propagator of somebody else's, that counts how often it is asked. */
export class TracingPropagator implements TransactionContextPropagator {
  count = 0;
  isBroken = false;
  readonly #storage = new AsyncLocalStorage<EvaluationContext>();

  getTransactionContext(): EvaluationContext {
    return this.#storage.getStore() ?? {};
  }

  setTransactionContext<Args extends unknown[]>(
    context: EvaluationContext,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): void {
    if (this.isBroken) throw new Error('broken propagator');
    this.count += 1;
    this.#storage.run(context, callback, ...args);
  }
}

/** One that keeps a copy of what it is given, as it was then. */
export class CopyingPropagator extends TracingPropagator {
  override setTransactionContext<Args extends unknown[]>(
    context: EvaluationContext,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): void {
    super.setTransactionContext({ ...context }, callback, ...args);
  }
}
