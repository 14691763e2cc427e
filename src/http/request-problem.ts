/** A request that can't be answered as it is, because of what it is. The message is for whoever sent it. */
export class RequestProblem extends Error {
  override readonly name: string = 'RequestProblem';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
