import type { ContextType, ExecutionContext, Type } from '@nestjs/common';

/**
 * What is known of an HTTP request before Nest has chosen its handler: request and response, no class and no handler. On
 * Fastify these are Node's own, because Nest's middleware runs before Fastify's request can be seen.
 */
export class HttpExecution implements ExecutionContext {
  readonly #args: readonly unknown[];

  constructor(request: object, response: object) {
    this.#args = [request, response];
  }

  getClass<T>(): Type<T> {
    return undefined as never;
  }

  getHandler(): never {
    return undefined as never;
  }

  getArgs<T extends unknown[]>(): T {
    return [...this.#args] as T;
  }

  getArgByIndex<T>(index: number): T {
    return this.#args[index] as T;
  }

  getType<Name extends string = ContextType>(): Name {
    return 'http' as Name;
  }

  switchToHttp(): ReturnType<ExecutionContext['switchToHttp']> {
    return {
      getRequest: <T>() => this.getArgByIndex<T>(0),
      getResponse: <T>() => this.getArgByIndex<T>(1),
      getNext: <T>() => this.getArgByIndex<T>(2),
    };
  }

  switchToRpc(): ReturnType<ExecutionContext['switchToRpc']> {
    return { getData: <T>() => this.getArgByIndex<T>(0), getContext: <T>() => this.getArgByIndex<T>(1) };
  }

  switchToWs(): ReturnType<ExecutionContext['switchToWs']> {
    return {
      getClient: <T>() => this.getArgByIndex<T>(0),
      getData: <T>() => this.getArgByIndex<T>(1),
      getPattern: () => '',
    };
  }
}
