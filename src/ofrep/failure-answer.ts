import type { HttpAnswer } from '../http/http-answer.js';
import { isRequestProblem, RequestProblem } from '../http/request-problem.js';
import type { Logger } from '../runtime/logger.js';
import { jsonAnswer } from './json-answer.js';
import { describeProblem } from './ofrep-problem.js';
import { decodeKey, type Route } from './route.js';

/**
 * Answers requests that failed, in the protocol's form. What is wrong with the request is said; what went wrong on our side
 * is nobody's business but the log's, which gets the first one.
 */
export function createFailureAnswer(logger: Logger): (error: unknown, route: Route | undefined) => HttpAnswer {
  let isLogged = false;
  const report = (error: unknown): void => {
    if (isLogged) return;
    isLogged = true;
    const message = error instanceof Error ? error.message : typeof error;
    logger.error(
      { err: error },
      `An OFREP request failed and was answered with 500: ${message} Further failures are not logged.`,
    );
  };
  return (error, route) => {
    const isTheirs = isRequestProblem(error);
    if (!isTheirs) report(error);
    const problem = isTheirs ? error : new RequestProblem(500, 'Something went wrong here.');
    const key = route?.type === 'single' ? readableKey(route.encodedKey) : undefined;
    return jsonAnswer(problem.status, describeProblem(problem, key), {
      'Cache-Control': 'no-store',
      ...problem.headers,
    });
  };
}

/** The key that was asked for; as it was written, where its escapes mean nothing. */
function readableKey(encodedKey: string): string {
  try {
    return decodeKey(encodedKey);
  } catch {
    return encodedKey;
  }
}
