import type { Runtime } from '../runtime/runtime.js';
import { checkOptions, isFunction, isWholeNumber } from '../options/check-options.js';
import type { Guard } from './guard.js';
import { expectKey } from './guarded-key.js';
import { pinnedOf } from './pinned-flags.js';
import { createProblemResponse } from './problem-response.js';

/** What `requireFlag()` may be told. `Handler` is the framework's. */
export interface RequireFlagOptions<Handler> {
  /** The status of the answer, 400–599. Default: 404, as if there were no such route. */
  readonly status?: number | undefined;
  /** Answers in place of the route. Default: `status` as `application/problem+json`, which doesn't tell of any flag. */
  readonly fallback?: Handler | undefined;
}

/**
 * What every adapter's `requireFlag()` is made of. It lets a request pass only if the flag is `true` for it: in any
 * doubt it doesn't. Without `flags()` before it, the flag is evaluated with an empty context.
 * @throws TypeError for an option or key that is wrong; Error for a key that the document lacks, with `strictKeys`
 */
export function createRequireFlagGuard<Handler>(
  runtime: Runtime,
  flagKey: string,
  options: RequireFlagOptions<Handler>,
): Guard {
  checkOptions('requireFlag', options, {
    status: { allowed: 'a status from 400 to 599', isRight: isWholeNumber(400, 599) },
    fallback: { allowed: 'a handler', isRight: isFunction },
  });
  expectKey('requireFlag', runtime, flagKey);
  const refused = createProblemResponse(options.status ?? 404);

  return (carrier) => {
    const flags = pinnedOf(carrier, runtime);
    const isOn =
      flags === undefined
        ? runtime.evaluator.read('boolean', flagKey, false, undefined)
        : flags.boolean(flagKey, false);
    if (isOn) return undefined;
    flags?.record?.note('blocked');
    return refused;
  };
}
