import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { Runtime } from '../runtime/runtime.js';
import { createAnonymousIds } from './anonymous-ids.js';
import { awaitFactory, callFactory, isAwaited } from './context-factory.js';
import { ContextFailures } from './context-failures.js';
import { checkFlagsOptions, type FlagsOptions } from './flags-options.js';
import { pin, PinnedFlags, pinnedOf, pinnedOn } from './pinned-flags.js';
import { RequestContext } from './request-context.js';
import type { RequestFlags } from './request-flags.js';
import { createRequestDescriber } from './request-info.js';
import type { RequestTranslation } from './request-translation.js';
import { currentTransactionContext, ensurePropagator } from './transaction.js';

/** A request that has its flags. */
export interface OpenedRequest {
  readonly flags: RequestFlags;
  /** The `Set-Cookie` header to add to the answer. */
  readonly setCookie: string | undefined;
  /** Wait for this before the request goes on; it never rejects. `undefined`: nothing to wait for. */
  readonly ready: Promise<void> | undefined;
  /** Runs the rest of the request inside its transaction context, and returns what that returns. */
  run<Result>(callback: () => Result): Result;
}

/**
 * Gives a request its flags.
 * @param source what the `context` option is called with
 * @param carrier the object that this request, and no other, has everywhere: the guards find its flags on it. Default: `source`
 */
export type RequestOpener<Source> = (source: Source, carrier?: object) => OpenedRequest;

/**
 * What every adapter's `flags()` is made of.
 * @throws TypeError for an option that is unknown or wrong
 */
export function createRequestOpener<Source extends object>(
  runtime: Runtime,
  options: FlagsOptions<Source>,
  translation: RequestTranslation<Source>,
): RequestOpener<Source> {
  checkFlagsOptions(options);
  ensurePropagator();
  const { context: factory = knowNothing, contextTimeoutMs = 1_000, requestId, anonymous } = options;
  const readAnonymousId = anonymous && createAnonymousIds(anonymous);
  const describe = createRequestDescriber(translation, requestId);
  const failures = new ContextFailures(runtime);
  const mustWait = isAwaited(factory);

  return (source, carrier = source) => {
    const outer = pinnedOn(carrier);
    const anonymousId =
      outer?.anonymousId === undefined
        ? readAnonymousId?.(translation.header(source, 'cookie'), translation.isSecure(source))
        : { id: outer.anonymousId, setCookie: undefined };
    const snapshot = pinnedOf(carrier, runtime)?.snapshot ?? runtime.snapshot(describe(source));
    const make = () => callFactory(mustWait ? knowNothing : factory, source);
    const context = new RequestContext(layersBelow(anonymousId?.id, outer), make, failures);
    const flags = new PinnedFlags({ runtime, snapshot, context, anonymousId: anonymousId?.id, outer });
    pin(carrier, flags);
    for (const emitter of translation.emitters(source)) flags.transaction.keep(emitter);
    return {
      flags,
      setCookie: anonymousId?.setCookie,
      ready: mustWait ? settle(context, awaitFactory(factory, source, contextTimeoutMs)) : undefined,
      run: (callback) => flags.transaction.run(callback),
    };
  };
}

function knowNothing(): undefined {
  return undefined;
}

/** What is known without the request's own context, weakest first: the anonymous id, and the transaction context from before. */
function layersBelow(anonymousId: string | undefined, outer: PinnedFlags | undefined): readonly object[] {
  const anonymous = anonymousId === undefined ? [] : [{ targetingKey: anonymousId, anonymousId }];
  const current = currentTransactionContext();
  // Something between two middlewares may have lost the transaction context, or added to it.
  const before = outer === undefined ? [current] : [outer.transaction.context, current];
  return [...anonymous, ...new Set(before)];
}

async function settle(context: RequestContext, made: Promise<EvaluationContext>): Promise<void> {
  try {
    context.replace(await made);
  } catch (error) {
    context.fail(error);
  }
}
