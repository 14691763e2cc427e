import type { Halyard } from '../halyard.js';
import type { Runtime } from '../runtime/runtime.js';
import { checkOptions, isFunction, isWholeNumber } from '../options/check-options.js';
import type { Guard } from './guard.js';
import { blockCall } from './guarded-call.js';
import { expectKey } from './guarded-key.js';
import { needsContext } from './needs-context.js';
import { pinnedOf } from './pinned-flags.js';
import { createProblemResponse } from './problem-response.js';
import { runtimeOf } from './runtime-of.js';

/** What `requireFlag()` may be told. `Handler` is the framework's. */
export interface RequireFlagOptions<Handler> {
  /** The status of the answer, 400–599. Default: 404, as if there were no such route. */
  readonly status?: number | undefined;
  /** Answers in place of the route. Default: `status` as `application/problem+json`, which doesn't tell of any flag. */
  readonly fallback?: Handler | undefined;
}

/**
 * What every adapter's `requireFlag()` is made of. It lets a request pass only if the flag is `true` for it: in any
 * doubt it doesn't. Without `flags()` before it, the flag is evaluated with an empty context, and if the answer
 * could depend on one, that is logged once.
 * @throws TypeError for an option or key that is wrong; Error for a key that the document lacks, with `strictKeys`
 */
export function createRequireFlagGuard<Handler>(
  halyard: Halyard,
  flagKey: string,
  options: RequireFlagOptions<Handler>,
): Guard {
  const runtime = runtimeOf('requireFlag', halyard);
  checkOptions('requireFlag', options, {
    status: { allowed: 'a status from 400 to 599', isRight: isWholeNumber(400, 599) },
    fallback: { allowed: 'a handler', isRight: isFunction },
  });
  expectKey('requireFlag', runtime, flagKey);
  const refused = createProblemResponse(options.status ?? 404);
  const isOnForNobody = createContextlessRead(runtime, flagKey);

  return (carrier, _response, call = carrier) => {
    const flags = pinnedOf(carrier, runtime);
    if (flags === undefined ? isOnForNobody() : flags.boolean(flagKey, false)) return undefined;
    flags?.record?.note('blocked');
    blockCall(call);
    return refused;
  };
}

/** Reads a flag for a request that has no context. That this was forgotten would otherwise look like any 404. */
function createContextlessRead(runtime: Runtime, flagKey: string): () => boolean {
  let isTold = false;
  return () => {
    if (!isTold && needsContext(runtime.evaluator.current.set.flags.get(flagKey))) {
      isTold = true;
      runtime.logger.warn(
        { flagKey },
        `requireFlag('${flagKey}') can't tell for whom the flag is on: put flags() before it.`,
      );
    }
    return runtime.evaluator.read('boolean', flagKey, false, undefined);
  };
}
