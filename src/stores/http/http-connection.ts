import { once } from 'node:events';
import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http';
import { Agent as TlsAgent, request as requestHttps } from 'node:https';
import { readBody } from './bounded-body.js';
import { connectionError, HttpStoreError } from './http-store-error.js';
import { type HttpStoreOptions, isToken, secureContextOf } from './http-store-options.js';
import { refusal } from './answer-error.js';
import { Refusals } from './refusals.js';

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Below the store's address. Default: the address itself. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
  /** What a token is refused for: who may not report may read all the same. Default: `flags`. */
  readonly scope?: 'flags' | 'fleet';
  /** Whether the process may end while there is no answer yet. */
  readonly isBackground: boolean;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Empty unless the status is 200 or 226. */
  readonly body: Buffer;
}

/** How often a request is sent again because the connection that it came upon was just being closed. */
const MOST_ATTEMPTS = 5;

/**
 * Requests to one address, with the token and all limits. Redirects are not followed: they would carry the token elsewhere.
 *
 * Every method rejects with {@link HttpStoreError} if there is no answer in time, or the token was just refused.
 */
export class HttpConnection {
  /** The address, for errors. */
  readonly where: string;
  readonly #url: URL;
  readonly #options: HttpStoreOptions;
  readonly #agent: Agent;
  readonly #refusals: Readonly<Record<'flags' | 'fleet', Refusals>> = { flags: new Refusals(), fleet: new Refusals() };
  readonly #underWay = new Set<AbortController>();
  #isClosed = false;

  constructor(url: URL, options: HttpStoreOptions) {
    const { tls = {} } = options;
    this.where = url.href.replace(/\/$/, '');
    this.#url = url;
    this.#options = options;
    const servername = tls.servername === undefined ? {} : { servername: tls.servername };
    this.#agent =
      url.protocol === 'https:'
        ? new TlsAgent({ keepAlive: true, ...secureContextOf(tls), ...servername })
        : new Agent({ keepAlive: true });
  }

  /** Asks, and reads the answer to its end. */
  async ask(question: Question): Promise<Answered> {
    const { maxBytes = 20_000_000 } = this.#options;
    return await this.#withinTime(async (deadline) => {
      const response = await this.#send(question, deadline);
      const { statusCode: status = 0, headers } = response;
      const hasBody = question.method === 'GET' && (status === 200 || status === 226);
      if (hasBody) return { status, headers, body: await readBody(response, maxBytes, this.where, deadline.signal) };
      // What is said beside an error is nobody's business, and may be long.
      if ([200, 204, 304].includes(status)) response.resume();
      else response.destroy();
      return { status, headers, body: Buffer.alloc(0) };
    });
  }

  /** Asks for an answer that doesn't end. The caller ends it, or `close`. It doesn't keep the process alive. */
  async open(path: string): Promise<IncomingMessage> {
    const question: Question = { method: 'GET', path, headers: { Accept: 'text/event-stream' }, isBackground: true };
    return await this.#withinTime((deadline) => this.#send(question, deadline));
  }

  close(): void {
    this.#isClosed = true;
    for (const deadline of this.#underWay) deadline.abort(this.#closedError());
    this.#agent.destroy();
  }

  async #send(question: Question, deadline: AbortController): Promise<IncomingMessage> {
    const token = await this.#token();
    const refusals = this.#refusals[question.scope ?? 'flags'];
    refusals.check(token);
    const response = await this.#sendUntilItArrives(question, token, deadline);
    const { statusCode: status = 0 } = response;
    if (status === 401 || status === 403) {
      response.destroy();
      const error = refusal(this.where, status, token);
      refusals.note(token, error);
      throw error;
    }
    refusals.forget();
    return response;
  }

  /** A connection that was kept may be closed by the other side in the very moment in which it is used again. */
  async #sendUntilItArrives(
    question: Question,
    token: string | undefined,
    deadline: AbortController,
  ): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt += 1) {
      const request = this.#begin(question, token, deadline);
      try {
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        return response;
      } catch (error) {
        if (!request.reusedSocket || deadline.signal.aborted || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  #begin(
    { method, path = '', headers = {}, body, isBackground }: Question,
    token: string | undefined,
    deadline: AbortController,
  ): ClientRequest {
    const { connectTimeoutMs = 3_000 } = this.#options;
    const begin = this.#url.protocol === 'https:' ? requestHttps : requestHttp;
    const authorisation = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    const content = body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(length) };
    const request = begin(`${this.where}${path}`, {
      method,
      agent: this.#agent,
      headers: { ...headers, ...content, ...authorisation },
      signal: deadline.signal,
    });
    request.once('socket', (socket) => {
      if (isBackground) socket.unref();
      if (!socket.connecting) return;
      const expire = (): void =>
        deadline.abort(
          new HttpStoreError(`${this.where}: no connection within ${connectTimeoutMs} ms (connectTimeoutMs).`),
        );
      const timer = setTimeout(expire, connectTimeoutMs).unref();
      const connected = this.#url.protocol === 'https:' ? 'secureConnect' : 'connect';
      for (const event of [connected, 'close']) socket.once(event, () => clearTimeout(timer));
    });
    // Whoever waits for the response hears of a failure; one that comes later shows in the body.
    request.on('error', () => undefined).end(body);
    return request;
  }

  async #token(): Promise<string | undefined> {
    const { token } = this.#options;
    if (typeof token !== 'function') return token;
    let given: unknown;
    try {
      given = await token();
    } catch (cause) {
      throw new HttpStoreError(`${this.where}: the function \`token\` failed.`, { cause });
    }
    if (isToken(given)) return given;
    throw new HttpStoreError(`${this.where}: the function \`token\` must return a text without white space.`);
  }

  async #withinTime<Result>(action: (deadline: AbortController) => Promise<Result>): Promise<Result> {
    const { timeoutMs = 10_000 } = this.#options;
    const deadline = new AbortController();
    const expire = (): void =>
      deadline.abort(new HttpStoreError(`${this.where} did not answer within ${timeoutMs} ms (timeoutMs).`));
    const timer = setTimeout(expire, timeoutMs).unref();
    this.#underWay.add(deadline);
    try {
      if (this.#isClosed) throw this.#closedError();
      return await untilAborted(deadline.signal, () => action(deadline));
    } catch (error) {
      throw connectionError(this.where, deadline.signal.aborted ? deadline.signal.reason : error);
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(deadline);
    }
  }

  #closedError(): HttpStoreError {
    return new HttpStoreError(`${this.where} is closed.`);
  }
}

/** Rejects when the signal is aborted, whatever becomes of the action. */
async function untilAborted<Result>(signal: AbortSignal, action: () => Promise<Result>): Promise<Result> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([action(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
