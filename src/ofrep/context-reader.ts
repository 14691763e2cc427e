import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { HttpRequest } from '../http/http-request.js';
import { readJsonBody } from '../http/json-body.js';
import { parseClientContext, withKnown } from './client-context.js';
import type { Trusted } from './ofrep-options.js';

/**
 * Makes the context that a request's flags are evaluated for: what the client says, under the static attributes and what
 * the server knows about it.
 * @param base the static attributes under every evaluation
 * @returns a function that throws RequestProblem for what the client did wrong, and whatever `trusted` throws
 */
export function createContextReader<Native>(
  base: EvaluationContext,
  trusted: Trusted<Native> | undefined,
  maxBodyBytes: number,
): (request: HttpRequest) => Promise<EvaluationContext> {
  return async (request) => {
    const client = parseClientContext(await readJsonBody(request, maxBodyBytes));
    if (trusted === undefined) return withKnown(client, [base]);
    // Whoever serves the handler knows which framework's request it is.
    const known: unknown = await trusted(request.toFetch(), request.native as Native | undefined);
    return withKnown(client, [base, asAttributes(known)]);
  };
}

function asAttributes(known: unknown): EvaluationContext {
  if (known === undefined || known === null) return {};
  if (typeof known === 'object' && !Array.isArray(known)) return known as EvaluationContext;
  const found = Array.isArray(known) ? 'an array' : `a ${typeof known}`;
  throw new TypeError(`ofrepHandler: \`trusted\` must return an object of attributes, and returned ${found}.`);
}
