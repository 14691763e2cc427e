import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { HttpAnswer } from '../http/http-answer.js';
import type { HttpRequest } from '../http/http-request.js';
import type { ClientFlags } from './client-flags.js';
import { jsonAnswer } from './json-answer.js';
import { OfrepProblem } from './ofrep-problem.js';

/** Evaluates one flag. One that may not leave the server is answered as one that isn't there. */
export function createSingleEvaluation(
  flags: ClientFlags,
  readContext: (request: HttpRequest) => Promise<EvaluationContext>,
): (request: HttpRequest, key: string) => Promise<HttpAnswer> {
  return async (request, key) => {
    const context = await readContext(request);
    const evaluated = flags.evaluate(key, context, flags.lookLoaded());
    if (evaluated === undefined) throw new OfrepProblem('FLAG_NOT_FOUND', 'There is no flag with this key.', 404);
    if (!('errorCode' in evaluated)) return jsonAnswer(200, evaluated);
    return jsonAnswer(evaluated.errorCode === 'TARGETING_KEY_MISSING' ? 400 : 500, evaluated);
  };
}
