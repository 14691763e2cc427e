import { BREAKERS } from '../control/breakers.js';
import { type Refusal, switchedOff } from '../control/switched-off.js';
import type { Halyard } from '../halyard.js';
import { checkOptions, isFunction, isWholeNumber } from '../options/check-options.js';
import type { Guard } from './guard.js';
import { blockCall, enterBreaker } from './guarded-call.js';
import { expectKey } from './guarded-key.js';
import { pinnedOf } from './pinned-flags.js';
import { createProblemResponse, type ProblemResponse } from './problem-response.js';
import { runtimeOf } from './runtime-of.js';

/** What `killSwitch()` may be told. `Handler` is the framework's. */
export interface KillSwitchOptions<Handler> {
  /**
   * When a client may try again, in whole seconds, 0 or more. While a breaker is open that closes by itself, it is told
   * what is left of its cooldown instead. Default: 30.
   */
  readonly retryAfterSeconds?: number | undefined;
  /** Answers in place of the route. Default: 503 as `application/problem+json`, with `Retry-After`. */
  readonly fallback?: Handler | undefined;
}

/**
 * What every adapter's `killSwitch()` is made of. It blocks when the flag is disabled or killed, when a flag that it
 * requires fails, when its value is `false`, and while its breaker is open. In any doubt (no such flag, nothing loaded, an
 * error, a value that isn't boolean) it lets the request pass, and tells the breaker how it ends.
 *
 * It needs no `flags()` before it and waits for nothing. Where the request has flags, they and its context are used, but
 * the context is not settled by it: authentication may come later.
 * @throws TypeError for an option or key that is wrong; Error for a key that the document lacks, with `strictKeys`
 */
export function createKillSwitchGuard<Handler>(
  halyard: Halyard,
  flagKey: string,
  options: KillSwitchOptions<Handler>,
): Guard {
  const runtime = runtimeOf('killSwitch', halyard);
  const breakers = halyard[BREAKERS];
  checkOptions('killSwitch', options, {
    retryAfterSeconds: { allowed: 'a whole number of seconds, 0 or more', isRight: isWholeNumber(0) },
    fallback: { allowed: 'a handler', isRight: isFunction },
  });
  expectKey('killSwitch', runtime, flagKey);
  const answer = createAnswers(options.retryAfterSeconds ?? 30);

  return (carrier, response, call = carrier) => {
    const flags = pinnedOf(carrier, runtime);
    const refusal =
      switchedOff(runtime, flagKey, flags?.peekFor(flagKey), flags?.snapshot) ??
      enterBreaker(breakers.of(flagKey), call, response);
    if (refusal === undefined) return undefined;
    flags?.record?.note('blocked');
    blockCall(call);
    runtime.listeners.emit('blocked', { flagKey });
    return answer(refusal);
  };
}

/** The answers by what they say of the time to come back. All that come within one second get the same. */
function createAnswers(retryAfterSeconds: number): (refusal: Refusal) => ProblemResponse {
  const create = (seconds: number): ProblemResponse =>
    createProblemResponse(503, 'This is switched off for the moment. Try again later.', {
      'Retry-After': String(seconds),
    });
  const usual = create(retryAfterSeconds);
  let latest = { seconds: retryAfterSeconds, answer: usual };
  return ({ why, retryAfterMs }) => {
    if (why !== 'breaker-open' || retryAfterMs === undefined) return usual;
    const seconds = Math.ceil(retryAfterMs / 1000);
    if (latest.seconds !== seconds) latest = { seconds, answer: create(seconds) };
    return latest.answer;
  };
}
