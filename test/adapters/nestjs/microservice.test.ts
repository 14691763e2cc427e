import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AddressInfo, Server } from 'node:net';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  RpcException,
  type TcpContext,
  Transport,
} from '@nestjs/microservices';
import { OpenFeature } from '@openfeature/server-sdk';
import { firstValueFrom, of, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  Flag,
  Flags,
  flagsOf,
  HalyardInterceptor,
  HalyardModule,
  type HalyardModuleOptions,
  KillSwitch,
  RequireFlag,
  type RequestFlags,
} from '../../../adapters/nestjs/index.js';
import { createStage, moduleOf } from './application.js';

interface Order {
  readonly user?: string;
}

const dataOf = (execution: ExecutionContext) => execution.switchToRpc().getData<Order | string>();
const byData = (execution: ExecutionContext) => {
  const data = dataOf(execution);
  return { targetingKey: typeof data === 'string' ? data : data.user };
};
const test = { by: 'ana', reason: 'test' };

const { start, serve, endings } = createStage();

@Injectable()
class ReadingGuard implements CanActivate {
  static readonly seen: unknown[] = [];
  canActivate(execution: ExecutionContext): boolean {
    ReadingGuard.seen.push(flagsOf(execution).boolean('beta', false));
    return true;
  }
}

@Controller()
class Orders {
  @MessagePattern('place')
  async place(@Payload() _order: Order, @Flag('beta', false) beta: boolean, @Flags() flags: RequestFlags) {
    await nextTurn();
    const viaClient = await OpenFeature.getClient().getBooleanValue('beta', false);
    return { beta, viaClient, context: flags.context, transaction: { ...OpenFeature.getTransactionContext() } };
  }

  @MessagePattern('plain')
  plain() {
    return OpenFeature.getClient().getBooleanValue('beta', false);
  }

  @MessagePattern('guarded')
  @UseGuards(ReadingGuard)
  guarded(@Ctx() context: TcpContext) {
    return context.getPattern();
  }

  @MessagePattern('stream')
  stream(@Flag('beta', false) beta: boolean) {
    return of(beta, !beta);
  }

  @MessagePattern('pay')
  @KillSwitch('payments')
  pay() {
    return 'paid';
  }

  @MessagePattern('beta')
  @RequireFlag('beta')
  beta() {
    return 'passed';
  }

  @MessagePattern('later')
  @KillSwitch('payments', { fallback: () => 'later' })
  later() {
    return 'paid';
  }

  @MessagePattern('broken')
  broken(@Flag('beta', false) beta: boolean) {
    throw new Error(`broken: ${beta}`);
  }

  @MessagePattern('refused')
  refused(@Flag('beta', false) beta: boolean) {
    throw new RpcException(`refused: ${beta}`);
  }

  @EventPattern('happened')
  happened(@Flag('beta', false) beta: boolean) {
    return beta;
  }
}

function connect(server: unknown): ClientProxy {
  const { port } = (server as Server).address() as AddressInfo;
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port } });
  endings.push(() => client.close() as unknown);
  return client;
}

async function listen(options: Partial<HalyardModuleOptions> = {}, providers: object[] = []) {
  const halyard = await start();
  const module = HalyardModule.forRoot({ halyard, context: byData, setDefaultProvider: true, ...options });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    moduleOf({ imports: [module], controllers: [Orders], providers: providers as never }),
    { logger: false, abortOnError: false, transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } },
  );
  endings.push(() => app.close());
  await app.listen();
  const client = connect(app.unwrap());
  const send = (pattern: string, data: unknown): Promise<unknown> => firstValueFrom(client.send(pattern, data));
  return { halyard, client, send };
}

describe('a TCP microservice', () => {
  it('gives each message its flags and its transaction context', async () => {
    const { send } = await listen();
    const context = { targetingKey: 'ana' };
    const ana = { beta: true, viaClient: true, context, transaction: context };
    const [one, other] = await Promise.all([send('place', { user: 'ana' }), send('place', { user: 'bob' })]);
    expect(one).toEqual(ana);
    expect(other).toMatchObject({ beta: false, viaClient: false, context: { targetingKey: 'bob' } });
    expect(await send('place', 'ana')).toEqual(ana);
    expect(await send('plain', 'ana')).toBe(true);
  });

  it('awaits an asynchronous context before guards that need it, and before handlers', async () => {
    const context = async (execution: ExecutionContext) => {
      await nextTurn();
      return byData(execution);
    };
    const { send } = await listen({ context });
    expect(await send('place', { user: 'ana' })).toMatchObject({ beta: true, viaClient: true });
    expect(await send('beta', 'ana')).toBe('passed');
    await expect(send('beta', 'bob')).rejects.toMatchObject({ status: 404 });
  });

  it('gives guards the flags, global ones included', async () => {
    ReadingGuard.seen.length = 0;
    const { send } = await listen();
    expect(await send('guarded', 'ana')).toBe('guarded');
    expect(ReadingGuard.seen).toEqual([true]);
  });

  it('answers blocked messages with the problem, each anew', async () => {
    const { send, halyard } = await listen();
    expect(await send('pay', {})).toBe('paid');
    await halyard.kill('payments', test);
    for (let count = 0; count < 2; count++) {
      await expect(send('pay', {})).rejects.toEqual({
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        detail: 'This is switched off for the moment. Try again later.',
      });
    }
    expect(await send('later', {})).toBe('later');
    await expect(send('beta', 'bob')).rejects.toEqual({ type: 'about:blank', title: 'Not Found', status: 404 });
  });

  it('keeps to one flag set in a message', async () => {
    const { client } = await listen();
    expect(await firstValueFrom(client.send('stream', 'ana').pipe(toArray()))).toEqual([true, false]);
  });

  it('tells how messages end, and by which handler they were served', async () => {
    const { send, client, halyard } = await listen();
    const requests: unknown[] = [];
    halyard.on('request', ({ outcome, request, flags }) => requests.push([request.route, outcome, [...flags.keys()]]));
    await halyard.kill('payments', test);
    await send('place', 'ana');
    for (const pattern of ['pay', 'broken', 'refused']) await expect(send(pattern, {})).rejects.toBeDefined();
    await firstValueFrom(client.emit('happened', {}), { defaultValue: undefined });
    await expect.poll(() => requests).toHaveLength(5);
    expect(requests).toEqual([
      ['Orders.place', 'ok', ['beta']],
      ['Orders.pay', 'blocked', ['payments']],
      ['Orders.broken', 'server_error', ['beta']],
      ['Orders.refused', 'client_error', ['beta']],
      ['Orders.happened', 'ok', ['beta']],
    ]);
  });

  it('gives flags to guards of the application’s own module', async () => {
    ReadingGuard.seen.length = 0;
    const { send } = await listen({}, [{ provide: APP_GUARD, useClass: ReadingGuard }]);
    expect(await send('place', 'ana')).toMatchObject({ beta: true });
    expect(ReadingGuard.seen).toEqual([true]);
  });
});

describe('a hybrid application', () => {
  @Controller()
  @UseInterceptors(HalyardInterceptor)
  class Intercepted extends Orders {}

  it.each([
    ['inherits the global guards and interceptors', Orders, true],
    ['has the interceptor on its controller', Intercepted, false],
  ])('serves messages where it %s', async (_, controller, inheritAppConfig) => {
    const halyard = await start();
    const module = HalyardModule.forRoot({ halyard, context: byData, setDefaultProvider: true });
    const { app } = await serve(
      { imports: [module], controllers: [controller] },
      {
        async prepare(starting) {
          const tcp = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } } as const;
          starting.connectMicroservice<MicroserviceOptions>(tcp, { inheritAppConfig });
          await starting.startAllMicroservices();
        },
      },
    );
    const client = connect(app.getMicroservices()[0]!.unwrap());
    expect(await firstValueFrom(client.send('place', 'ana'))).toMatchObject({ beta: true, viaClient: true });
    await halyard.kill('payments', test);
    await expect(firstValueFrom(client.send('pay', {}))).rejects.toMatchObject({ status: 503 });
  });
});
