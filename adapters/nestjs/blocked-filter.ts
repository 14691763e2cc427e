import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { BlockedException } from './blocked-exception.js';
import { isHttp } from './carrier.js';

/** Express's response or Fastify's reply. */
interface Reply {
  status(status: number): this;
  header(name: string, value: string): this;
  send(body: Buffer): unknown;
}

/** Answers what a guard blocked as `application/problem+json`: Nest itself would call it `application/json`. */
@Catch(BlockedException)
export class BlockedFilter implements ExceptionFilter<BlockedException> {
  catch(exception: BlockedException, host: ArgumentsHost): void {
    // GraphQL, and whoever else called, makes of it what it makes of all.
    if (!isHttp(host)) throw exception;
    const reply = host.getArgByIndex<Reply>(1).status(exception.getStatus());
    for (const [name, value] of Object.entries(exception.headers)) reply.header(name, value);
    // A text would be sent with a charset, which JSON has none of.
    reply.send(Buffer.from(JSON.stringify(exception.getResponse())));
  }
}
