import type { ExecutionContext } from '@nestjs/common';
import type { ProblemResponse } from '../../src/request/problem-response.js';
import { BlockedException } from './blocked-exception.js';
import { isHttp } from './carrier.js';

/**
 * Ends a request or message that a guard blocks. Never returns.
 * @throws BlockedException, or for messages what their transport can send: WsException, RpcException
 */
export async function block(execution: ExecutionContext, answer: ProblemResponse): Promise<never> {
  const exception = new BlockedException(answer);
  switch (execution.getType<string>()) {
    case 'ws': {
      // Whoever is asked by messages has these packages; nobody else needs them.
      const { WsException } = await import('@nestjs/websockets');
      throw new WsException(exception.getResponse());
    }
    case 'rpc': {
      const { RpcException } = await import('@nestjs/microservices');
      throw new RpcException(exception.getResponse());
    }
  }
  if (isHttp(execution)) tellWhenToRetry(execution, exception);
  throw exception;
}

/** Also for an application whose own filter answers. */
function tellWhenToRetry(execution: ExecutionContext, { headers }: BlockedException): void {
  const reply = execution.getArgByIndex<{ header(name: string, value: string): unknown }>(1);
  for (const name of ['Retry-After', 'Cache-Control']) {
    const value = headers[name];
    if (value !== undefined) reply.header(name, value);
  }
}
