import { type Credentials, secretsOf } from '../http/credentials.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { HttpRequest } from '../http/http-request.js';
import type { Runtime } from '../runtime/runtime.js';
import { ChangeStream } from './change-stream.js';
import type { ClientFlags } from './client-flags.js';
import type { EventStreamOptions, OfrepOptions } from './ofrep-options.js';
import { createStreamAddress, type StreamAddress } from './stream-address.js';

/** The event stream of one handler. */
export interface EventStream {
  /** Whether its address has a token, which stands for the credentials that a browser can't send. */
  readonly hasToken: boolean;
  readonly address: StreamAddress;
  /** @throws RequestProblem: 401 if the token is missing or wrong, 503 if too many listen */
  answer(request: HttpRequest): HttpAnswer;
  close(): void;
}

/** Follows a runtime's changes until it, or the stream, is closed. */
export function openEventStream<Native>(
  runtime: Runtime,
  flags: ClientFlags,
  options: EventStreamOptions,
  { auth, publicUrl }: OfrepOptions<Native>,
): EventStream {
  const { heartbeatSeconds = 15, maxStreams = 10_000, inactivitySeconds, secret } = options;
  const secrets = secret === undefined ? secretsOfAuth(auth) : [secret].flat();
  const address = createStreamAddress(secrets, publicUrl, inactivitySeconds);
  const changes = new ChangeStream(
    { heartbeatMs: heartbeatSeconds * 1_000, maxStreams },
    runtime.clock,
    () => flags.look().tag,
  );
  const unlisten = runtime.listeners.on('change', () => changes.tell());
  const end = (): void => {
    unlisten();
    changes.close();
  };
  const forget = runtime.onStreamsEnd(end);
  return {
    hasToken: secrets.length > 0,
    address,
    answer(request) {
      address.check(request);
      return changes.answer(request.header('last-event-id'));
    },
    close() {
      forget();
      end();
    },
  };
}

/** A function has no secrets, and is asked itself. */
function secretsOfAuth(auth: Credentials | ((...args: never) => unknown) | undefined): readonly string[] {
  return auth === undefined || typeof auth === 'function' ? [] : secretsOf(auth);
}
