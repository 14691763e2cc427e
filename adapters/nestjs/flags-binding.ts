import type { ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import type { Halyard } from '../../src/halyard.js';
import { isAwaited } from '../../src/request/context-factory.js';
import type { FlagsOptions } from '../../src/request/flags-options.js';
import type { OpenedRequest } from '../../src/request/opened-request.js';
import { pinnedOn } from '../../src/request/pinned-flags.js';
import { createRequestOpener, type RequestOpener } from '../../src/request/request-opener.js';
import { runtimeOf } from '../../src/request/runtime-of.js';
import { addCarrier, carrierOf, isHttp, nodeRequest, nodeResponse } from './carrier.js';
import { FlagsSource, type PlatformRequest, translation } from './flags-source.js';
import { HttpExecution } from './http-execution.js';

/** Where the options were written, for messages. */
const WHERE = 'HalyardModule';

/** A source that has its flags. */
export type OpenedSource = FlagsSource & { readonly opened: OpenedRequest };

/** How one module gives requests and messages their flags. */
export class FlagsBinding {
  /** Whether a context has to be waited for before a handler. */
  readonly isAwaited: boolean;
  readonly #openRequest: RequestOpener<FlagsSource>;
  readonly #openMessage: RequestOpener<FlagsSource>;

  /** @throws TypeError for an option that is unknown or wrong */
  constructor(halyard: Halyard, options: FlagsOptions<ExecutionContext>) {
    const runtime = runtimeOf(WHERE, halyard);
    const ofSource = optionsOfSource(options);
    this.#openRequest = createRequestOpener(runtime, ofSource, translation, WHERE);
    // A message brings no cookie and no header, and takes none back: each would be somebody else's.
    const ofMessage = { ...ofSource, anonymous: undefined, forced: undefined };
    this.#openMessage = createRequestOpener(runtime, ofMessage, translation, WHERE);
    this.isAwaited = options.context !== undefined && isAwaited(options.context);
  }

  /** Gives an HTTP request its flags, before Nest knows what serves it. */
  openHttp(request: PlatformRequest, response: ServerResponse): OpenedSource {
    return this.#open(new FlagsSource(this, request, new HttpExecution(request, response), request, response));
  }

  /** The source that a guard or interceptor is asked about. It gets its flags now if it has none of this module. */
  enter(execution: ExecutionContext): OpenedSource {
    const carrier = carrierOf(execution) ?? addCarrier(execution);
    const known = this.#find(carrier);
    if (known === undefined) return this.#open(sourceOf(this, carrier, execution));
    known.execution = execution;
    return known;
  }

  #open(source: FlagsSource): OpenedSource {
    const open = source.response === undefined ? this.#openMessage : this.#openRequest;
    source.opened = open(source);
    return source as OpenedSource;
  }

  /** What this module opened: another one, or another application, may have passed the same request on. */
  #find(carrier: object): OpenedSource | undefined {
    for (let flags = pinnedOn(carrier); flags !== undefined; flags = flags.outer) {
      const { source } = flags;
      if (source instanceof FlagsSource && source.binding === this) return source as OpenedSource;
    }
    return undefined;
  }
}

/** Of a request that no middleware of ours saw, or of a message. */
function sourceOf(binding: FlagsBinding, carrier: object, execution: ExecutionContext): FlagsSource {
  if (!isHttp(execution)) return new FlagsSource(binding, carrier, execution);
  return new FlagsSource(binding, carrier, execution, nodeRequest(carrier), nodeResponse(execution));
}

/** The same options for what is behind an ExecutionContext. The kind of function tells whether a context is awaited. */
function optionsOfSource({ context, requestId, ...rest }: FlagsOptions<ExecutionContext>): FlagsOptions<FlagsSource> {
  return {
    ...rest,
    ...(context !== undefined && {
      context: isAwaited(context)
        ? async ({ execution }: FlagsSource) => context(execution)
        : ({ execution }: FlagsSource) => context(execution),
    }),
    ...(requestId !== undefined && { requestId: ({ execution }: FlagsSource) => requestId(execution) }),
  };
}
