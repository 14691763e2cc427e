import type { HttpAnswer } from '../http/http-answer.js';
import { isRequestProblem, RequestProblem } from '../http/request-problem.js';
import { createProblemResponse } from '../request/problem-response.js';
import type { Logger } from '../runtime/logger.js';

/**
 * Answers requests that failed. What is wrong with the request is said; what went wrong on our side is nobody's business but
 * the log's, which gets the first one.
 */
export function createFailureAnswer(logger: Logger): (error: unknown) => HttpAnswer {
  let isLogged = false;
  const report = (error: unknown): void => {
    if (isLogged) return;
    isLogged = true;
    const message = error instanceof Error ? error.message : typeof error;
    logger.error(
      { err: error },
      `A reader's request failed and was answered with 500: ${message} Further failures are not logged.`,
    );
  };
  return (error) => {
    const isTheirs = isRequestProblem(error);
    if (!isTheirs) report(error);
    const { status, message, headers } = isTheirs ? error : new RequestProblem(500, 'Something went wrong here.');
    return createProblemResponse(status, message, headers);
  };
}
