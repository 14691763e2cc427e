import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { RequestInfo } from '../runtime/events.js';
import type { Runtime } from '../runtime/runtime.js';
import { createAnonymousIds } from './anonymous-ids.js';
import { awaitFactory, callFactory, isAwaited } from './context-factory.js';
import { ContextFailures } from './context-failures.js';
import { checkFlagsOptions, type FlagsOptions } from './flags-options.js';
import { ForcedFlags } from './forced-flags.js';
import { OpenedRequest } from './opened-request.js';
import { pin, PinnedFlags, pinnedOf, pinnedOn } from './pinned-flags.js';
import { RequestContext } from './request-context.js';
import { createRequestDescriber } from './request-info.js';
import { RequestRecord } from './request-record.js';
import type { RequestTranslation } from './request-translation.js';
import { currentTransactionContext, ensurePropagator } from './transaction.js';
import { createExchangeWatch } from './watch-exchange.js';

/** Gives a request its flags. `source` is what the `context` option is called with. */
export type RequestOpener<Source> = (source: Source) => OpenedRequest;

/**
 * What every adapter's `flags()` is made of.
 * @param where what the options were given to, for messages
 * @throws TypeError for an option that is unknown or wrong
 */
export function createRequestOpener<Source extends object>(
  runtime: Runtime,
  options: FlagsOptions<Source>,
  translation: RequestTranslation<Source>,
  where = 'flags',
): RequestOpener<Source> {
  checkFlagsOptions(where, options);
  const { context: factory = knowNothing, contextTimeoutMs = 1_000, requestId, anonymous } = options;
  const { transactionContext: isTransaction = true } = options;
  if (isTransaction) ensurePropagator();
  const readAnonymousId = anonymous && createAnonymousIds(anonymous);
  const forced = options.forced && new ForcedFlags(runtime, options.forced);
  const describe = createRequestDescriber(translation, requestId);
  const failures = new ContextFailures(runtime);
  const watch = createExchangeWatch();
  const mustWait = isAwaited(factory);

  const begin = (source: Source): Pick<PinnedFlags, 'snapshot' | 'record'> => {
    const begun = pinFlags(runtime, describe(source));
    if (forced === undefined) return begun;
    return { ...begun, snapshot: forced.for(begun.snapshot, (name) => translation.header(source, name)) };
  };

  return (source) => {
    const carrier = translation.carrier(source);
    const response = translation.response(source);
    const outer = pinnedOn(carrier);
    const anonymousId =
      outer?.anonymousId === undefined
        ? readAnonymousId?.(translation.header(source, 'cookie'), translation.isSecure(source))
        : { id: outer.anonymousId, setCookie: undefined };
    const below = layersBelow(anonymousId?.id, outer, isTransaction);
    const context = new RequestContext(below, () => callFactory(mustWait ? knowNothing : factory, source), failures);
    // Of two middlewares with one Halyard the second reads the same flags, and it stays one request.
    const { snapshot, record } = pinnedOf(carrier, runtime) ?? begin(source);
    const parts = { runtime, source, snapshot, record, context, anonymousId: anonymousId?.id, isTransaction, outer };
    const flags = new PinnedFlags(parts);
    pin(carrier, flags);
    if (response !== undefined && (isTransaction || record !== undefined)) {
      const prototypes = translation.prototypes?.(source);
      if (isTransaction) watch.request(response.req, prototypes?.request);
      watch.response(response, prototypes?.response);
    }
    const awaitContext = () => settle(context, awaitFactory(factory, source, contextTimeoutMs));
    return new OpenedRequest(flags, anonymousId?.setCookie, mustWait ? awaitContext : undefined);
  };
}

function knowNothing(): undefined {
  return undefined;
}

/** Fixes the flags that serve a request. What it asks is written down only if somebody wants to know. */
function pinFlags(runtime: Runtime, request: RequestInfo): Pick<PinnedFlags, 'snapshot' | 'record'> {
  if (runtime.listeners.of('request').length === 0) return { snapshot: runtime.snapshot(request), record: undefined };
  const record = new RequestRecord(runtime, request);
  return { snapshot: runtime.snapshot(request, record.answers), record };
}

/** What is known without the request's own context, weakest first: the anonymous id, and the transaction context from before. */
function layersBelow(
  anonymousId: string | undefined,
  outer: PinnedFlags | undefined,
  isTransaction: boolean,
): readonly object[] {
  const layers: object[] = anonymousId === undefined ? [] : [{ targetingKey: anonymousId, anonymousId }];
  if (!isTransaction) return layers;
  const before = outer?.transaction?.context;
  if (before !== undefined) layers.push(before);
  // Something between two middlewares may have lost the transaction context, or added to it.
  const current = currentTransactionContext();
  if (current !== before) layers.push(current);
  return layers;
}

async function settle(context: RequestContext, made: Promise<EvaluationContext>): Promise<void> {
  try {
    context.replace(await made);
  } catch (error) {
    context.fail(error);
  }
}
