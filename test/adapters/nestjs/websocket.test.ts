import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { OpenFeature } from '@openfeature/server-sdk';
import { interval, map, Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
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
import { createStage, nestVersion } from './application.js';

/** A client as authentication leaves it. */
interface Client {
  user?: string;
}

const clientOf = (execution: ExecutionContext) => execution.switchToWs().getClient<Client>();
const byClient = (execution: ExecutionContext) => ({ targetingKey: clientOf(execution).user });
const test = { by: 'ana', reason: 'test' };

const { start, serve, endings } = createStage();

@Injectable()
class LoginGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    const data = execution.switchToWs().getData<string>();
    if (data.startsWith('i am ')) clientOf(execution).user = data.slice(5);
    return true;
  }
}

/** Nest 11 itself sends errors to clients of socket.io alone. */
@Catch()
class SendErrors implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const data = exception instanceof WsException ? exception.getError() : 'something else';
    host
      .switchToWs()
      .getClient<WebSocket>()
      .send(JSON.stringify({ event: 'exception', data }));
  }
}

let cancelled: () => void = () => undefined;

@WebSocketGateway()
@UseFilters(SendErrors)
@UseInterceptors(HalyardInterceptor)
@UseGuards(LoginGuard)
class Chat {
  @SubscribeMessage('hello')
  async hello(@MessageBody() text: string, @Flag('beta', false) beta: boolean, @Flags() flags: RequestFlags) {
    await nextTurn();
    const viaClient = await OpenFeature.getClient().getBooleanValue('beta', false);
    return { event: 'hello', data: { text, beta, viaClient, context: flags.context } };
  }

  @SubscribeMessage('stream')
  stream(@Flag('beta', false) beta: boolean) {
    return of(beta, !beta).pipe(map((data) => ({ event: 'stream', data })));
  }

  @SubscribeMessage('endless')
  endless() {
    return new Observable((subscriber) => {
      const ticking = interval(1)
        .pipe(map((data) => ({ event: 'tick', data })))
        .subscribe(subscriber);
      return () => {
        ticking.unsubscribe();
        cancelled();
      };
    });
  }

  @SubscribeMessage('pay')
  @KillSwitch('payments')
  pay() {
    return { event: 'paid', data: true };
  }

  @SubscribeMessage('beta')
  @RequireFlag('beta')
  beta() {
    return { event: 'beta', data: true };
  }

  @SubscribeMessage('broken')
  broken(@Flag('beta', false) beta: boolean) {
    throw new Error(`broken: ${beta}`);
  }

  @SubscribeMessage('refused')
  refused(@Flag('beta', false) beta: boolean) {
    throw new WsException(`refused: ${beta}`);
  }
}

async function open(gateway: new () => object, options: Partial<HalyardModuleOptions> = {}) {
  const halyard = await start();
  const module = HalyardModule.forRoot({ halyard, context: byClient, setDefaultProvider: true, ...options });
  const { port } = await serve(
    { imports: [module], providers: [gateway] },
    { prepare: (app) => app.useWebSocketAdapter(new WsAdapter(app)) },
  );
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, 'open');
  endings.push(() => socket.terminate());
  const received: { event: string; data: unknown }[] = [];
  socket.on('message', (message: Buffer) => received.push(JSON.parse(message.toString()) as (typeof received)[number]));
  const tell = (event: string, data: string) => socket.send(JSON.stringify({ event, data }));
  const say = async (event: string, data: string) => {
    const count = received.length;
    tell(event, data);
    await expect.poll(() => received.length).toBeGreaterThan(count);
    return received.at(-1)!;
  };
  return { halyard, socket, received, say, tell };
}

const ofAna = { beta: true, viaClient: true, context: { targetingKey: 'ana' } };
const ofNobody = { beta: false, viaClient: false, context: {} };

describe('a WebSocket gateway', () => {
  it('gives each message its flags and its transaction context', async () => {
    const { say } = await open(Chat);
    expect(await say('hello', 'who am i')).toEqual({ event: 'hello', data: { text: 'who am i', ...ofNobody } });
    expect(await say('hello', 'i am ana')).toMatchObject({ data: ofAna });
    expect(await say('hello', 'i am bob')).toMatchObject({ data: { beta: false, viaClient: false } });
  });

  it('awaits an asynchronous context behind the gateway’s guards', async () => {
    const context = async (execution: ExecutionContext) => {
      await nextTurn();
      return byClient(execution);
    };
    const { say } = await open(Chat, { context });
    expect(await say('beta', 'i am bob')).toMatchObject({ event: 'exception', data: { status: 404 } });
    expect(await say('beta', 'i am ana')).toEqual({ event: 'beta', data: true });
    expect(await say('hello', 'i am ana')).toMatchObject({ data: ofAna });
  });

  it('answers blocked messages with the problem, each anew', async () => {
    const { say, halyard } = await open(Chat);
    expect(await say('pay', '')).toEqual({ event: 'paid', data: true });
    await halyard.kill('payments', test);
    const data = { type: 'about:blank', title: 'Service Unavailable', status: 503 };
    for (let count = 0; count < 2; count++) expect(await say('pay', '')).toMatchObject({ event: 'exception', data });
  });

  it('streams, and ends the handler’s Observable when the client leaves', async () => {
    const left = new Promise<void>((resolve) => (cancelled = resolve));
    const { tell, received, socket } = await open(Chat);
    tell('stream', 'i am ana');
    await expect.poll(() => received.map(({ data }) => data)).toEqual([true, false]);
    tell('endless', '');
    await expect.poll(() => received.length).toBeGreaterThan(3);
    socket.close();
    await left;
  });

  it('tells how messages end', async () => {
    const { say, halyard } = await open(Chat);
    const requests: unknown[] = [];
    halyard.on('request', ({ outcome, request }) => requests.push([request.route, outcome]));
    await halyard.kill('payments', test);
    for (const event of ['hello', 'pay', 'broken', 'refused']) await say(event, '');
    await expect.poll(() => requests).toHaveLength(4);
    expect(requests).toEqual([
      ['Chat.hello', 'ok'],
      ['Chat.pay', 'blocked'],
      ['Chat.broken', 'server_error'],
      ['Chat.refused', 'client_error'],
    ]);
  });

  @WebSocketGateway()
  class Bare {
    @SubscribeMessage('hello')
    async hello(@Flag('beta', false) beta: boolean) {
      const viaClient = await OpenFeature.getClient().getBooleanValue('beta', false);
      return { event: 'hello', data: { beta, viaClient } };
    }

    @SubscribeMessage('guarded')
    @UseGuards({ canActivate: (execution: ExecutionContext) => flagsOf(execution).boolean('payments', false) })
    guarded() {
      return { event: 'guarded', data: true };
    }
  }

  it.runIf(nestVersion >= 12)('needs no decorator of its own since Nest 12', async () => {
    const { say } = await open(Bare, { context: () => ({ targetingKey: 'ana' }) });
    expect(await say('hello', '')).toEqual({ event: 'hello', data: { beta: true, viaClient: true } });
    expect(await say('guarded', '')).toEqual({ event: 'guarded', data: true });
  });
});
