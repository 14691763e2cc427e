import { FLEET } from '../fleet/fleet.js';
import type { Halyard } from '../halyard.js';
import { isClientGone } from '../http/client-gone.js';
import { type Authorise, createGate, type Credentials } from '../http/credentials.js';
import { createFetchHandler, type FetchHandler } from '../http/fetch-handler.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { HttpRequest } from '../http/http-request.js';
import { createRateLimit } from '../http/rate-limit.js';
import { RequestProblem } from '../http/request-problem.js';
import { runtimeOf } from '../request/runtime-of.js';
import type { Runtime } from '../runtime/runtime.js';
import { createFailureAnswer } from './failure-answer.js';
import { ServedFleet } from './served-fleet.js';
import { ServedSource } from './served-source.js';
import { checkSyncOptions, type SyncFleetOptions, type SyncOptions } from './sync-options.js';

/**
 * Serves the flags of a Halyard to those of other processes, which have `httpStore(url, { token })`: the document as its
 * store holds it, with the kills, all of one moment. What is said about flags in this process alone isn't passed on. Readers
 * are listed among the instances of `halyard.fleet()`.
 *
 * Mount it with `serve()` of an adapter, or use it as the fetch handler that it is. Its path is `/halyard`, unless another
 * is given. Only those who know a token are let in, or whom `authorise` lets in.
 * @throws TypeError for an option that is unknown or wrong, and without `token` and `authorise`
 */
export function syncHandler<Native = unknown>(halyard: Halyard, options: SyncOptions<Native>): FetchHandler<Native> {
  const runtime = runtimeOf('syncHandler', halyard);
  checkSyncOptions(options);
  const { path = '/halyard', rateLimit } = options;
  const admit = createGate(gateOf(options));
  const limit = rateLimit && createRateLimit(rateLimit, () => runtime.clock.now());
  const source = new ServedSource(halyard, runtime, options.eventStream ?? {});
  const failureAnswer = createFailureAnswer(runtime.logger);
  const fleet = options.fleet === false ? undefined : fleetOf(halyard, runtime, options.fleet ?? {});
  const routes = new Map<string, Route>([
    [path, { methods: READING, answer: (request) => source.answer(request) }],
    [`${path}/events`, { methods: READING, answer: () => source.listen() }],
  ]);
  if (fleet !== undefined) {
    routes.set(`${path}/fleet`, { methods: REPORTING, answer: (request) => fleet.answer(request) });
    routes.set(`${path}/fleet/usage`, { methods: NOTING, answer: (request) => fleet.answerUsage(request) });
  }

  const answerRoute = async (request: HttpRequest): Promise<HttpAnswer> => {
    const route = routes.get(request.path);
    // Before whatever users write is asked: a method like TRACE fits into no `Request`.
    if (route === undefined) throw new RequestProblem(404, 'There is nothing here.');
    checkMethod(request, route);
    limit?.(request);
    await admit(request);
    return route.answer(request);
  };

  const answer = async (request: HttpRequest): Promise<HttpAnswer> => {
    try {
      return await answerRoute(request);
    } catch (error) {
      if (isClientGone(error)) throw error;
      return failureAnswer(error);
    }
  };

  const owns = (asked: string): boolean => asked === path || asked.startsWith(`${path}/`);
  return createFetchHandler({ owns, close: () => source.close(), answer });
}

/** One of the two is there: that was checked. */
function gateOf<Native>({ token, authorise }: SyncOptions<Native>): Credentials | Authorise<Native> {
  return authorise ?? { bearer: token };
}

interface Route {
  readonly methods: readonly string[];
  readonly answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
}

const READING = ['GET', 'HEAD'];
const NOTING = ['GET', 'HEAD', 'POST'];
const REPORTING = ['GET', 'HEAD', 'POST', 'DELETE'];

/** `undefined` for a Halyard of an older copy of this package. */
function fleetOf(halyard: Halyard, runtime: Runtime, options: SyncFleetOptions): ServedFleet | undefined {
  const fleet = (halyard as Partial<Halyard>)[FLEET];
  const isServed = (key: string): boolean => runtime.evaluator.current.set.flags.get(key)?.definition !== undefined;
  return fleet && new ServedFleet(fleet.serveOthers(), isServed, options);
}

function checkMethod({ method }: HttpRequest, { methods }: Route): void {
  if (methods.includes(method)) return;
  const [last = '', ...others] = methods.toReversed();
  const allowed = `${others.toReversed().join(', ')} and ${last}`;
  throw new RequestProblem(405, `Only ${allowed} are possible here.`, { Allow: methods.join(', ') });
}
