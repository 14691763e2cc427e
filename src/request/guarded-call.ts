import type { ServerResponse } from 'node:http';
import type { Breaker, CallOutcome, OpenRefusal, Passage } from '../control/breaker.js';
import type { RequestOutcome } from '../runtime/events.js';
import { outcomeOf } from './request-outcome.js';

/** Under this key a request carries the breakers that let it through, also across two copies of this package. */
const ADMITTED: unique symbol = Symbol.for('halyard.admitted');

type Admitted = Map<Breaker, Passage>;

/**
 * Asks a breaker whether a request may pass, once however many guards of its flag stand in a row. One that may is
 * measured: from now to the end of its response, or until `endCall`.
 * @returns why not
 */
export function enterBreaker(
  breaker: Breaker | undefined,
  call: object,
  response: ServerResponse | undefined,
): OpenRefusal | undefined {
  if (breaker === undefined) return undefined;
  const earlier = admittedBy(call);
  if (earlier?.has(breaker) === true) return undefined;
  const answer = breaker.enter('route');
  if (!answer.isAdmitted) return answer;
  if (earlier !== undefined) earlier.set(breaker, answer);
  else begin(call, response, breaker, answer);
  return undefined;
}

/** A guard answers in the route's place: that says nothing about what others guard. */
export function blockCall(call: object): void {
  endCall(call, 'blocked');
}

/** What is guarded is over. Only the first call counts. */
export function endCall(call: object, outcome: RequestOutcome): void {
  for (const passage of admittedBy(call)?.values() ?? []) passage.end(meaning[outcome]);
}

/** A mistake of the client's is none of what is guarded, and doesn't show that it works either. */
const meaning: Readonly<Record<RequestOutcome, CallOutcome>> = {
  ok: 'success',
  server_error: 'failure',
  client_error: 'neither',
  blocked: 'neither',
};

function begin(call: object, response: ServerResponse | undefined, breaker: Breaker, passage: Passage): void {
  (call as { [ADMITTED]?: Admitted })[ADMITTED] = new Map([[breaker, passage]]);
  // A client that is gone already: its response doesn't close again.
  if (response?.closed === true) endCall(call, 'client_error');
  else response?.once('close', () => endCall(call, outcomeOf(response)));
}

function admittedBy(call: object): Admitted | undefined {
  return (call as { readonly [ADMITTED]?: Admitted })[ADMITTED];
}
