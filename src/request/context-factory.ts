import { types } from 'node:util';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';

/** What is known about the request; `undefined`: nothing. */
export type KnownContext = EvaluationContext | undefined | null;

/** Makes the context of a request. */
export type ContextFactory<Source> = (source: Source) => KnownContext | Promise<KnownContext>;

const NOTHING: EvaluationContext = Object.freeze({});

/**
 * Whether a factory is awaited before the request goes on: one that is written `async`. Any other is called at the first
 * read, when it is too late to wait, so that there must be a way to tell without calling it.
 */
export function isAwaited(factory: ContextFactory<never>): boolean {
  return types.isAsyncFunction(factory);
}

/** @throws whatever the factory throws; TypeError if it returned a promise or something else that is no context */
export function callFactory<Source>(factory: ContextFactory<Source>, source: Source): EvaluationContext {
  const result = factory(source);
  if (isThenable(result)) {
    Promise.resolve(result).catch(() => undefined);
    throw new TypeError(
      '`context` returned a promise but is not written `async`. Write `async (…) => …`, and it is awaited.',
    );
  }
  return asContext(result);
}

/**
 * Rejects with what the factory rejects with, with a TypeError if that is no context, and with an Error if it takes too
 * long; what it still comes to afterwards is dropped.
 */
export async function awaitFactory<Source>(
  factory: ContextFactory<Source>,
  source: Source,
  timeoutMs: number,
): Promise<EvaluationContext> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error(`\`context\` took longer than ${timeoutMs} ms (contextTimeoutMs).`));
    timer = setTimeout(giveUp, timeoutMs);
  });
  try {
    return asContext(await Promise.race([factory(source), timeout]));
  } finally {
    clearTimeout(timer);
  }
}

/** @throws TypeError if the value is no context */
export function asContext(value: unknown): EvaluationContext {
  if (value === undefined || value === null) return NOTHING;
  if (typeof value === 'object' && !Array.isArray(value)) return value as EvaluationContext;
  throw new TypeError(
    `\`context\`: expected an object of attributes, found ${Array.isArray(value) ? 'an array' : `a ${typeof value}`}.`,
  );
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
