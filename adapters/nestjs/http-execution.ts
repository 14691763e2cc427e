import type { ExecutionContext } from '@nestjs/common';

/**
 * What is known of an HTTP request before Nest has chosen its handler: request and response, no class and no handler. On
 * Fastify these are Node's own, because middleware runs before Fastify's request can be seen.
 *
 * What returns `never` returns whatever the caller says that it expects, as Nest's own does.
 */
export class HttpExecution implements ExecutionContext {
  readonly #args: readonly object[];

  constructor(request: object, response: object) {
    this.#args = [request, response];
  }

  getClass(): never {
    return undefined as never;
  }

  getHandler(): never {
    return undefined as never;
  }

  getArgs(): never {
    return [...this.#args] as never;
  }

  getArgByIndex(index: number): never {
    return this.#at(index);
  }

  getType(): never {
    return 'http' as never;
  }

  switchToHttp(): ReturnType<ExecutionContext['switchToHttp']> {
    return { getRequest: () => this.#at(0), getResponse: () => this.#at(1), getNext: () => this.#at(2) };
  }

  switchToRpc(): ReturnType<ExecutionContext['switchToRpc']> {
    return { getData: () => this.#at(0), getContext: () => this.#at(1) };
  }

  switchToWs(): ReturnType<ExecutionContext['switchToWs']> {
    return { getClient: () => this.#at(0), getData: () => this.#at(1), getPattern: () => '' };
  }

  #at(index: number): never {
    return this.#args[index] as never;
  }
}
