import {
  AsyncLocalStorageTransactionContextPropagator,
  type EvaluationContext as OpenFeatureContext,
  OpenFeature,
} from '@openfeature/server-sdk';

/** Sees to it that transaction contexts are propagated: a propagator that works stays, whoever installed it. */
export function ensurePropagator(): void {
  if (!isPropagated()) OpenFeature.setTransactionContextPropagator(new AsyncLocalStorageTransactionContextPropagator());
}

/** OpenFeature doesn't tell which propagator it has. A context that is set can be read back where one works. */
function isPropagated(): boolean {
  const probe = { halyardProbe: true };
  let isSeen = false;
  try {
    OpenFeature.setTransactionContext(probe, () => {
      isSeen = OpenFeature.getTransactionContext()['halyardProbe'] === true;
    });
  } catch {
    return false;
  }
  return isSeen;
}

/** What OpenFeature's clients see now, outside their own contexts. */
export function currentTransactionContext(): object {
  const context: unknown = OpenFeature.getTransactionContext();
  // A propagator of somebody else's may break its word.
  return typeof context === 'object' && context !== null ? context : {};
}

/**
 * Calls `callback` once, and whatever follows from it, inside a transaction context; outside if the propagator fails.
 * @throws what `callback` throws
 */
export function runInTransaction<Result>(context: object, callback: () => Result): Result {
  let finish: (() => Result) | undefined;
  try {
    OpenFeature.setTransactionContext(context as OpenFeatureContext, () => {
      finish ??= outcomeOf(callback);
    });
  } catch {
    // The propagator's failure, not the request's.
  }
  finish ??= outcomeOf(callback);
  return finish();
}

/** Calls a function now; whoever calls the result gets what it returned, or what it threw. */
function outcomeOf<Result>(callback: () => Result): () => Result {
  try {
    const result = callback();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
