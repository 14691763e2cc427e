import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { Expired, FlagKey, IfExpired } from '../flags/known-flags.js';
import { checkOptions, isFunction, isObject, isText, type OptionChecks, show } from '../options/check-options.js';
import type { Runtime } from '../runtime/runtime.js';
import type { CallOutcome } from './breaker.js';
import type { Breakers } from './breakers.js';
import { isKillSwitchOffError, KillSwitchOffError } from './kill-switch-off-error.js';
import type { RequestHealth } from './rollout/health/request-health.js';
import { refusalBy } from './switched-off.js';

/** What `protect` may be told. */
export interface ProtectOptions<Fallback = never> {
  /** Answers in place of the call. Default: none, and `protect` throws the error that this would get. */
  readonly fallback?: ((error: KillSwitchOffError) => Fallback) | undefined;
  /**
   * Whom the flag is evaluated for. Default: nobody, an empty context. With one, a call that a watched rollout decided on
   * counts for its checks.
   */
  readonly context?: EvaluationContext | undefined;
  /**
   * Whether an error of the call counts as a failure of what it calls. One that doesn't is as if there had been no call: a
   * request that was wrong, or that the caller gave up. Default: every error does.
   */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
}

/** How calls are protected. Flags that should be gone have a signature of their own, as with `FlagReads`. */
export type Protection = IfExpired<ExpiredProtection, object> & KnownProtection;

interface KnownProtection {
  /**
   * Makes a call to what a flag guards, and returns what it returns, a promise or not. If the flag is off, or its breaker
   * open, it isn't made: `fallback` answers, or KillSwitchOffError is thrown, at once also where the call is `async`.
   * Errors, rejections and slowness count for the flag's breaker. Timeouts are the call's own business.
   */
  protect<Result, Fallback = never>(
    flagKey: FlagKey,
    call: () => Result,
    options?: ProtectOptions<Fallback>,
  ): Result | Fallback;
}

interface ExpiredProtection {
  /** @deprecated The flag should be gone: remove it from the code, then from the document. */
  protect<Result, Fallback = never>(
    flagKey: Expired<FlagKey>,
    call: () => Result,
    options?: ProtectOptions<Fallback>,
  ): Result | Fallback;
}

const checks: OptionChecks<ProtectOptions> = {
  fallback: { allowed: 'a function', isRight: isFunction },
  context: { allowed: 'an object of attributes', isRight: isObject },
  isFailure: { allowed: 'a function that says whether an error is a failure', isRight: isFunction },
};

/** What a call is made with. */
export interface ProtectParts {
  readonly runtime: Runtime;
  readonly breakers: Breakers;
  readonly health: RequestHealth;
}

/**
 * Makes a call unless a kill switch is off, and tells the flag's breaker, and the checks of its rollout, how it went.
 * @throws TypeError for a key, call or option that is wrong; KillSwitchOffError, if there is no fallback; whatever the call
 * or the fallback throws
 */
export function protect<Result, Fallback>(
  { runtime, breakers, health }: ProtectParts,
  flagKey: string,
  call: () => Result,
  options: ProtectOptions<Fallback>,
): Result | Fallback {
  checkArguments(flagKey, call, options);
  const { context, fallback, isFailure } = options;
  const answer = runtime.evaluator.answer(flagKey, context);
  const entry = refusalBy(answer, runtime, flagKey) ?? breakers.of(flagKey)?.enter('call');
  if (entry?.isAdmitted !== false) {
    const note = context && health.callNote(flagKey, answer, context);
    if (entry === undefined && note === undefined) return call();
    return measure(call, isFailure, (outcome) => {
      entry?.end(outcome);
      note?.(outcome);
    });
  }
  runtime.listeners.emit('blocked', { flagKey });
  const error = new KillSwitchOffError(flagKey, entry);
  if (fallback === undefined) throw error;
  return fallback(error);
}

function checkArguments(flagKey: unknown, call: unknown, options: ProtectOptions<unknown>): void {
  if (!isText(flagKey)) throw new TypeError(`protect: expected a flag key, found ${show(flagKey)}.`);
  if (!isFunction(call)) throw new TypeError(`protect: expected a function to call, found ${show(call)}.`);
  checkOptions<ProtectOptions<unknown>>('protect', options, checks);
}

/** A call that returns a promise is over when that is settled. */
function measure<Result>(
  call: () => Result,
  isFailure: ProtectOptions['isFailure'],
  end: (outcome: CallOutcome) => void,
): Result {
  const fail = (error: unknown): never => {
    end(outcomeOf(error, isFailure));
    throw error;
  };
  let result: Result;
  try {
    result = call();
  } catch (error) {
    return fail(error);
  }
  if (isThenable(result)) {
    const succeed = (value: unknown): unknown => {
      end('success');
      return value;
    };
    // A promise of the same kind, for the same value.
    return result.then(succeed, fail) as Result;
  }
  end('success');
  return result;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

/** What another kill switch kept from being done did not fail. */
function outcomeOf(error: unknown, isFailure: ProtectOptions['isFailure']): CallOutcome {
  if (isKillSwitchOffError(error)) return 'neither';
  try {
    return isFailure?.(error) === false ? 'neither' : 'failure';
  } catch {
    return 'failure';
  }
}
