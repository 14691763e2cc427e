import { type CallHandler, type ExecutionContext, HttpException, Inject, type NestInterceptor } from '@nestjs/common';
import { finalize, type Observable, tap } from 'rxjs';
import { endCall } from '../../src/request/guarded-call.js';
import type { RequestOutcome } from '../../src/runtime/events.js';
import { isHttp } from './carrier.js';
import type { FlagsBinding, OpenedSource } from './flags-binding.js';
import { BINDING } from './tokens.js';

/**
 * Waits for an `async` context, runs handlers of messages inside OpenFeature's transaction context, and tells how they and
 * GraphQL's resolvers end. `HalyardModule` puts it before all handlers that need it; where Nest runs no global interceptors
 * (gateways of Nest 11, hybrid applications without `inheritAppConfig`), it takes `@UseInterceptors(HalyardInterceptor)`.
 */
export class HalyardInterceptor implements NestInterceptor {
  readonly #binding: FlagsBinding;

  constructor(@Inject(BINDING) binding: FlagsBinding) {
    this.#binding = binding;
  }

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> | Promise<Observable<unknown>> {
    const source = this.#binding.enter(execution);
    const settled = source.opened.settle();
    if (settled === undefined) return handle(source, execution, next);
    return settled.then(() => handle(source, execution, next));
  }
}

function handle(source: OpenedSource, execution: ExecutionContext, next: CallHandler): Observable<unknown> {
  // What becomes of an HTTP request shows in its response, and it runs inside since our middleware.
  if (isHttp(execution)) return next.handle();
  const { opened, response } = source;
  const call = execution.getArgs();
  const fail = tap<unknown>({
    error: (error: unknown) => {
      opened.note(outcomeOf(error));
      endCall(call, outcomeOf(error));
    },
    complete: () => endCall(call, 'ok'),
    unsubscribe: () => endCall(call, 'client_error'),
  });
  if (response !== undefined) return next.handle().pipe(fail);
  return opened
    .run(() => next.handle())
    .pipe(
      fail,
      finalize(() => opened.end('ok')),
    );
}

/** Whose fault an error is: the client's, if it was thrown to tell the client. */
function outcomeOf(error: unknown): RequestOutcome {
  if (error instanceof HttpException) return error.getStatus() < 500 ? 'client_error' : 'server_error';
  return isTold(error) ? 'client_error' : 'server_error';
}

/** What a GraphQLError blames the client with, as Apollo and Nest name it. */
const CLIENT_CODES: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'NOT_FOUND',
  'UNAUTHENTICATED',
]);

/** WsException, RpcException, GraphQLError: of packages that are not everywhere. */
function isTold(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { extensions } = error as { readonly extensions?: { readonly code?: unknown } };
  return 'getError' in error || CLIENT_CODES.has(extensions?.code);
}
