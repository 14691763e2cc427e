import { HttpException } from '@nestjs/common';
import type { ProblemResponse } from '../../src/request/problem-response.js';

/** An answer of `@KillSwitch` or `@RequireFlag` as RFC 9457 describes it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
}

/**
 * What `@KillSwitch` and `@RequireFlag` throw, anew for each request, for HTTP and GraphQL. `getResponse()` is the problem.
 * It is no `ServiceUnavailableException`, so that a filter can tell a switch from a failure.
 */
export class BlockedException extends HttpException {
  /** What else belongs into an HTTP answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** What a GraphQL error tells beside its message. */
  readonly extensions: { readonly code: string };

  constructor({ body, status, headers }: ProblemResponse) {
    const problem = JSON.parse(body) as Problem;
    super(problem, status);
    this.message = problem.detail ?? problem.title;
    this.headers = headers;
    this.extensions = { code: problem.title.toUpperCase().replaceAll(/\W+/g, '_') };
  }

  override getResponse(): Problem {
    return super.getResponse() as Problem;
  }
}
