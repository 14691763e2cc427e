import type { Halyard } from '../halyard.js';
import { isClientGone } from '../http/client-gone.js';
import { createCors } from '../http/cors.js';
import { createGate } from '../http/credentials.js';
import { createFetchHandler, type FetchHandler } from '../http/fetch-handler.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { HttpRequest } from '../http/http-request.js';
import { createRateLimit } from '../http/rate-limit.js';
import { RequestProblem } from '../http/request-problem.js';
import { runtimeOf } from '../request/runtime-of.js';
import { atMost } from '../runtime/at-most.js';
import { createBulkEvaluation } from './bulk-evaluation.js';
import { ClientFlags } from './client-flags.js';
import { createContextReader } from './context-reader.js';
import { openEventStream } from './event-stream.js';
import { createFailureAnswer } from './failure-answer.js';
import { checkOfrepOptions, type OfrepOptions } from './ofrep-options.js';
import { decodeKey, isOfrepPath, parseRoute, type Route } from './route.js';
import { createSingleEvaluation } from './single-evaluation.js';

const METHODS: Readonly<Record<Route['type'], readonly string[]>> = {
  bulk: ['POST'],
  single: ['POST'],
  events: ['GET', 'HEAD'],
};

/** Response headers that pages of other origins may read. */
const EXPOSED = ['ETag', 'Retry-After'];

/** At most so often a client makes this instance look for newer flags, and so long it waits for them. */
const CATCH_UP_MS = 1_000;

/**
 * Serves flags to other programs and to browsers, by the OpenFeature Remote Evaluation Protocol (0.3). Only flags with
 * `clientSafe: true` are served; all others are as if they weren't there.
 *
 * Mount it with `serve()` of an adapter, or use it as the fetch handler that it is. Its paths begin with `/ofrep/v1/`.
 * @throws TypeError for an option that is unknown or wrong
 */
export function ofrepHandler<Native = unknown>(
  halyard: Halyard,
  options: OfrepOptions<Native> = {},
): FetchHandler<Native> {
  const runtime = runtimeOf('ofrepHandler', halyard);
  checkOfrepOptions(options);
  const { trusted, auth, cors: corsOptions, rateLimit, maxBodyBytes = 65_536, eventStream = {} } = options;
  const flags = new ClientFlags(runtime);
  const stream = eventStream === false ? undefined : openEventStream(runtime, flags, eventStream, options);
  const readContext = createContextReader(runtime.evaluator.readers.base, trusted, maxBodyBytes);
  const evaluateAll = createBulkEvaluation({
    flags,
    readContext,
    stream: stream?.address,
    catchUp: () => atMost(CATCH_UP_MS, halyard.refresh({ olderThanMs: CATCH_UP_MS })),
  });
  const evaluateOne = createSingleEvaluation(flags, readContext);
  const cors = corsOptions && createCors(corsOptions, EXPOSED);
  const admit = auth && createGate(auth);
  const limit = rateLimit && createRateLimit(rateLimit, () => runtime.clock.now());
  const failureAnswer = createFailureAnswer(runtime.logger);

  const answerRoute = async (request: HttpRequest, route: Route | undefined): Promise<HttpAnswer> => {
    // Before whatever users write is asked: a method like TRACE fits into no `Request`.
    if (route === undefined) throw nothingHere();
    checkMethod(request, METHODS[route.type]);
    limit?.(request);
    // Browsers send no credentials to a stream; its address has a token instead.
    const hasToken = route.type === 'events' && stream?.hasToken === true;
    if (admit !== undefined && !hasToken) await admit(request);
    if (route.type === 'bulk') return evaluateAll(request);
    if (route.type === 'single') return evaluateOne(request, decodeKey(route.encodedKey));
    if (stream === undefined) throw nothingHere();
    return stream.answer(request);
  };

  const answer = async (request: HttpRequest): Promise<HttpAnswer> => {
    const route = parseRoute(request.path);
    const preflight = route && cors?.preflight(request, METHODS[route.type]);
    if (preflight !== undefined) return preflight;
    let answered: HttpAnswer;
    try {
      answered = await answerRoute(request, route);
    } catch (error) {
      if (isClientGone(error)) throw error;
      answered = failureAnswer(error, route);
    }
    return cors === undefined ? answered : { ...answered, headers: { ...answered.headers, ...cors.headers(request) } };
  };

  return createFetchHandler({ owns: isOfrepPath, close: () => stream?.close(), answer });
}

function nothingHere(): RequestProblem {
  return new RequestProblem(404, 'There is nothing here.');
}

function checkMethod({ method }: HttpRequest, allowed: readonly string[]): void {
  if (allowed.includes(method)) return;
  const list = allowed.join(', ');
  throw new RequestProblem(405, `Only ${list} is possible here.`, { Allow: list });
}
