import { RequestProblem } from '../http/request-problem.js';

/** The protocol's error codes. */
export type OfrepErrorCode = 'PARSE_ERROR' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT' | 'FLAG_NOT_FOUND' | 'GENERAL';

/** A request that is wrong in a way that the protocol has a word for. */
export class OfrepProblem extends RequestProblem {
  override readonly name = 'OfrepProblem';
  readonly errorCode: OfrepErrorCode;

  constructor(errorCode: OfrepErrorCode, message: string, status: 400 | 404 = 400) {
    super(status, message);
    this.errorCode = errorCode;
  }
}

/** How the protocol writes what is wrong with a request, or with one of the flags that it asks for. */
export interface OfrepFailure {
  /** The flag that was asked for; `undefined`: all. */
  readonly key: string | undefined;
  readonly errorCode: OfrepErrorCode;
  readonly errorDetails: string;
}

/** @param key the flag that was asked for; `undefined`: all */
export function describeProblem(problem: RequestProblem, key: string | undefined): OfrepFailure {
  const errorCode =
    problem instanceof OfrepProblem ? problem.errorCode : problem.status === 400 ? 'PARSE_ERROR' : 'GENERAL';
  return { key, errorCode, errorDetails: problem.message };
}
