/** How a problem is known, also one that another copy of this package threw. */
const REQUEST_PROBLEM = Symbol.for('halyard.request-problem');

/** A request that can't be answered as it is, because of what it is. The message is for whoever sent it. */
export class RequestProblem extends Error {
  override readonly name: string = 'RequestProblem';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
    Object.defineProperty(this, REQUEST_PROBLEM, { value: true });
  }
}

export function isRequestProblem(error: unknown): error is RequestProblem {
  return error instanceof Error && REQUEST_PROBLEM in error;
}
