import type { EvaluationDetails } from '../runtime/events.js';
import type { Runtime } from '../runtime/runtime.js';
import { checkOptions, isFunction, isWholeNumber } from '../options/check-options.js';
import type { Guard } from './guard.js';
import { expectKey } from './guarded-key.js';
import { pinnedOf } from './pinned-flags.js';
import { createProblemResponse } from './problem-response.js';

/** What `killSwitch()` may be told. `Handler` is the framework's. */
export interface KillSwitchOptions<Handler> {
  /** When a client may try again, in whole seconds, 0 or more. Default: 30. */
  readonly retryAfterSeconds?: number | undefined;
  /** Answers in place of the route. Default: 503 as `application/problem+json`, with `Retry-After`. */
  readonly fallback?: Handler | undefined;
}

/**
 * What every adapter's `killSwitch()` is made of. It blocks when the flag is disabled or killed, when a flag that it
 * requires fails, and when its value is `false`. In any doubt (no such flag, nothing loaded, an error, a value that
 * isn't boolean) it lets the request pass.
 *
 * It needs no `flags()` before it and waits for nothing. Where the request has flags, they and its context are used, but
 * the context is not settled by it: authentication may come later.
 * @throws TypeError for an option or key that is wrong; Error for a key that the document lacks, with `strictKeys`
 */
export function createKillSwitchGuard<Handler>(
  runtime: Runtime,
  flagKey: string,
  options: KillSwitchOptions<Handler>,
): Guard {
  checkOptions('killSwitch', options, {
    retryAfterSeconds: { allowed: 'a whole number of seconds, 0 or more', isRight: isWholeNumber(0) },
    fallback: { allowed: 'a handler', isRight: isFunction },
  });
  expectKey('killSwitch', runtime, flagKey);
  const { retryAfterSeconds = 30 } = options;
  const detail = 'This is switched off for the moment. Try again later.';
  const blocked = createProblemResponse(503, detail, { 'Retry-After': String(retryAfterSeconds) });

  return (carrier) => {
    const flags = pinnedOf(carrier, runtime);
    // Without a default to compare with, a killed flag is told as such whatever the type of its variants.
    const details = runtime.evaluator.details<unknown>(flagKey, undefined, flags?.peekFor(flagKey), flags?.snapshot);
    if (!isOff(details)) return undefined;
    flags?.record?.note('blocked');
    runtime.listeners.emit('blocked', { flagKey });
    return blocked;
  };
}

function isOff({ reason, value }: EvaluationDetails<unknown>): boolean {
  return reason === 'DISABLED' || reason === 'PREREQUISITE_FAILED' || value === false;
}
