import type { AddressInfo } from 'node:net';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Controller, HttpException, NotFoundException } from '@nestjs/common';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import type { Server } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Halyard } from '../../../src/halyard.js';
import { HalyardModule, KillSwitch, RequireFlag } from '../../../adapters/nestjs/index.js';
import { createStage } from './application.js';

const { start, serve, endings } = createStage();

const startGuarded = (): Promise<Halyard> =>
  start({ payments: { breaker: { minimumRequests: 2, errorRate: 0.5 } }, mail: { breaker: { minimumRequests: 2 } } });

const breakerOf = (halyard: Halyard, key = 'payments') => halyard.breakers().find(({ flagKey }) => flagKey === key);

const broken = (): never => {
  throw new Error('broken');
};

const mistaken = (): never => {
  throw new NotFoundException();
};

@Resolver()
class Payments {
  @Query('pay')
  @KillSwitch('payments')
  pay() {
    return broken();
  }

  @Query('find')
  @KillSwitch('payments')
  find() {
    return mistaken();
  }

  @Query('mail')
  @KillSwitch('mail')
  mail() {
    return 'sent';
  }

  @Query('later')
  @KillSwitch('payments', { fallback: () => 'later' })
  later() {
    throw new HttpException('broken', 500);
  }
}

describe('a breaker of GraphQL’s fields', () => {
  async function listen() {
    const halyard = await startGuarded();
    const typeDefs = 'type Query { pay: String, find: String, mail: String, later: String }';
    const { get } = await serve({
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, typeDefs }),
        HalyardModule.forRoot({ halyard }),
      ],
      providers: [Payments],
    });
    const query = async (text: string) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await get('/graphql', { method: 'POST', headers, body: JSON.stringify({ query: text }) });
      return answer.json as { data: Record<string, unknown>; errors?: { message: string }[] };
    };
    return { halyard, query };
  }

  it('measures each field by itself, though they come in one request', async () => {
    const { halyard, query } = await listen();
    const { data } = await query('{ pay second: pay mail other: mail }');
    expect(data).toEqual({ pay: null, second: null, mail: 'sent', other: 'sent' });
    expect(breakerOf(halyard)).toMatchObject({ status: 'open', trip: { evidence: { requests: 2, failures: 2 } } });
    expect(breakerOf(halyard, 'mail')).toMatchObject({ status: 'closed', requests: 2, failures: 0 });
    expect((await query('{ later }')).data).toEqual({ later: 'later' });
  });

  it('measures what has a fallback, and not what the client did wrong', async () => {
    const { halyard, query } = await listen();
    for (let count = 0; count < 3; count += 1) await query('{ find }');
    await query('{ later }');
    expect(breakerOf(halyard)).toMatchObject({ status: 'closed', requests: 1, failures: 1 });
    await query('{ later }');
    expect(breakerOf(halyard)).toMatchObject({ status: 'open' });
  });
});

@Controller()
class Messages {
  @MessagePattern('pay')
  @KillSwitch('payments')
  pay() {
    return broken();
  }

  @MessagePattern('find')
  @KillSwitch('payments')
  find() {
    throw new RpcException('not found');
  }

  @MessagePattern('refused')
  @KillSwitch('payments')
  @RequireFlag('disabled')
  refused() {
    return 'passed';
  }

  @MessagePattern('mail')
  @KillSwitch('mail')
  mail() {
    return 'sent';
  }
}

describe('a breaker of messages', () => {
  async function listen() {
    const halyard = await startGuarded();
    const { app } = await serve(
      { imports: [HalyardModule.forRoot({ halyard })], controllers: [Messages] },
      {
        prepare: async (application) => {
          application.connectMicroservice<MicroserviceOptions>(
            { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } },
            { inheritAppConfig: true },
          );
          await application.startAllMicroservices();
        },
      },
    );
    const [service] = app.getMicroservices();
    const { port } = service!.unwrap<Server>().address() as AddressInfo;
    const client: ClientProxy = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port },
    });
    endings.push(() => client.close());
    const send = (pattern: string): Promise<unknown> =>
      firstValueFrom(client.send<unknown>(pattern, {})).catch((error: unknown) => error);
    return { halyard, send };
  }

  it('trips when their handlers fail, and no other notices', async () => {
    const { halyard, send } = await listen();
    for (let count = 0; count < 3; count += 1) await send('find');
    await send('refused');
    expect(breakerOf(halyard)).toMatchObject({ status: 'closed', requests: 0 });
    await send('pay');
    await send('pay');
    expect(breakerOf(halyard)).toMatchObject({ status: 'open', trip: { evidence: { requests: 2, failures: 2 } } });
    expect(await send('pay')).toMatchObject({ status: 503 });
    expect(await send('mail')).toBe('sent');
  });
});
