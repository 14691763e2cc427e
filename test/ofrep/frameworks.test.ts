import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { bodyParser } from '@koa/bodyparser';
import express5 from 'express';
import { createHalyard, type Halyard, memoryStore } from 'halyard';
import { flags, serve } from 'halyard/express';
import { serve as serveKoa } from 'halyard/koa';
import { serve as serveNest } from 'halyard/nestjs';
import { createNodeListener, ofrepHandler } from 'halyard/ofrep';
import koa3 from 'koa';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Answer, ask } from '../contracts/http-client.js';
import { EventClient } from './event-client.js';
import { Endings, flagOf, listen, shop } from './service.js';

const require = createRequire(import.meta.url);
const koa2 = require('koa2') as typeof koa3;
const express4 = require('express4') as typeof express5;

const endings = new Endings();
afterEach(() => endings.run());

async function start(): Promise<Halyard> {
  const halyard = await createHalyard({ store: memoryStore(shop) });
  endings.add(() => halyard.close());
  return halyard;
}

const evaluate = (url: string, context: object = {}): Promise<Answer> =>
  ask(`${url}/ofrep/v1/evaluate/flags`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ context }),
  });

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('%s', (_name, express) => {
  it('serves with one line, and everything else goes on', async () => {
    const halyard = await start();
    const app = express();
    app.use(serve(ofrepHandler(halyard)));
    app.get('/', (_request, response) => void response.send('hello'));
    const url = await listen(endings, app);
    expect(flagOf(await evaluate(url), 'button-color')).toMatchObject({ value: 'green' });
    expect((await ask(`${url}/`)).text).toBe('hello');
    expect((await ask(`${url}/ofrep`)).status).toBe(404);
  });

  it.each(['json', 'text', 'raw'] as const)(
    'takes the body from a parser that was there before: %s',
    async (parser) => {
      const halyard = await start();
      const app = express();
      app.use(express[parser]({ type: () => true }), serve(ofrepHandler(halyard)));
      const url = await listen(endings, app);
      const answer = await evaluate(url, { targetingKey: 'user-1', plan: 'pro' });
      expect(flagOf(answer, 'new-checkout')).toMatchObject({ reason: 'TARGETING_MATCH' });
      const empty = await ask(`${url}/ofrep/v1/evaluate/flags/limits`, { method: 'POST' });
      expect(empty.status).toBe(200);
    },
  );

  it.each([
    ['application/x-www-form-urlencoded', 'context[plan]=pro', 415],
    ['text/plain', '{"context":{"plan":"pro"}}', 415],
    ['application/json', JSON.stringify({ context: { a: 'x'.repeat(200) } }), 413],
  ])('wants of a parsed body what it wants of one that it reads: %s %s', async (type, body, status) => {
    const halyard = await start();
    const app = express();
    app.use(express.urlencoded({ extended: true }), express.text(), express.json());
    app.use(serve(ofrepHandler(halyard, { maxBodyBytes: 100 })));
    const url = await listen(endings, app);
    const question = { method: 'POST', headers: { 'content-type': type }, body };
    expect((await ask(`${url}/ofrep/v1/evaluate/flags`, question)).status).toBe(status);
  });

  it('knows where it is mounted', async () => {
    const halyard = await start();
    const app = express();
    app.use('/public', express.Router().use('/flags', serve(ofrepHandler(halyard))));
    const url = await listen(endings, app);
    const { json } = await evaluate(`${url}/public/flags`);
    expect(json).toMatchObject({
      eventStreams: [{ endpoint: { requestUri: '/public/flags/ofrep/v1/events' } }],
    });
    const client = await EventClient.open(`${url}/public/flags/ofrep/v1/events`);
    endings.add(() => client.leave());
    expect(client.response.statusCode).toBe(200);
  });

  it.each([
    ['pro', 'free', 'TARGETING_MATCH'],
    [undefined, 'pro', 'SPLIT'],
  ])('trusts what flags() is told: with the plan %s, a client that says %s is answered %s', async (...row) => {
    const [plan, said, reason] = row;
    const halyard = await start();
    const app = express();
    const known = (request: express5.Request) => ({ targetingKey: 'user-1', plan: request.get('x-plan') });
    app.use(flags(halyard, { context: known }));
    app.use(serve(ofrepHandler(halyard, { trusted: (_request, native) => native && known(native) })));
    const url = await listen(endings, app);
    const answer = await ask(`${url}/ofrep/v1/evaluate/flags/new-checkout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(plan !== undefined && { 'x-plan': plan }) },
      body: JSON.stringify({ context: { plan: said } }),
    });
    expect(answer.json).toMatchObject({ reason });
  });

  it('can trust the anonymous id that flags() issued, so that a page and the server agree', async () => {
    const half = { version: 1, flags: { half: { clientSafe: true, rollout: 50 } } } as const;
    const halyard = await createHalyard({ store: memoryStore(half) });
    endings.add(() => halyard.close());
    const app = express();
    app.use(flags(halyard, { anonymous: { secret: 'a secret of at least 32 characters' } }));
    const trusted = (_request: Request, native: express5.Request | undefined) => {
      const { targetingKey, anonymousId } = native?.flags.context ?? {};
      return { targetingKey, anonymousId };
    };
    app.use(serve(ofrepHandler(halyard, { trusted })));
    app.get('/', (request, response) => void response.json(request.flags.boolean('half', false)));
    const url = await listen(endings, app);
    for (let visitor = 0; visitor < 20; visitor += 1) {
      const page = await ask(url);
      const cookie = page.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      const answer = await ask(`${url}/ofrep/v1/evaluate/flags/half`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify({ context: { targetingKey: 'somebody-else' } }),
      });
      expect(answer.json).toMatchObject({ value: page.json });
    }
  });

  it('keeps what a middleware before said about caching', async () => {
    const halyard = await start();
    const app = express();
    app.use((_request, response, next) => {
      response.vary('Accept-Encoding');
      next();
    });
    app.use(serve(ofrepHandler(halyard, { cors: { origins: ['https://a.example'] } })));
    expect((await evaluate(await listen(endings, app))).headers.vary).toBe('Accept-Encoding, Origin');
  });
});

describe.each([
  ['Koa 2', koa2],
  ['Koa 3', koa3],
])('%s', (_name, Koa) => {
  const listenKoa = (app: koa3): Promise<string> => {
    const callback = app.callback();
    return listen(endings, (request, response) => void callback(request, response));
  };

  it('serves with one line, and everything else goes on', async () => {
    const app = new Koa();
    app.use(serveKoa(ofrepHandler(await start())));
    app.use((context) => void (context.body = 'hello'));
    const url = await listenKoa(app);
    expect(flagOf(await evaluate(url), 'button-color')).toMatchObject({ value: 'green' });
    expect((await ask(`${url}/`)).text).toBe('hello');
    const client = await EventClient.open(`${url}/ofrep/v1/events`);
    endings.add(() => client.leave());
    expect(client.response.statusCode).toBe(200);
  });

  it('takes the body from a parser that was there before', async () => {
    const app = new Koa();
    app.use(bodyParser()).use(serveKoa(ofrepHandler(await start())));
    const answer = await evaluate(await listenKoa(app), { targetingKey: 'user-1', plan: 'pro' });
    expect(flagOf(answer, 'new-checkout')).toMatchObject({ reason: 'TARGETING_MATCH' });
  });

  it('gives `trusted` Koa’s context', async () => {
    const app = new Koa();
    const trusted = (_request: Request, native: koa3.ParameterizedContext | undefined) => ({
      targetingKey: 'user-1',
      plan: native?.get('x-plan'),
    });
    app.use(serveKoa(ofrepHandler(await start(), { trusted })));
    const url = await listenKoa(app);
    const answer = await ask(`${url}/ofrep/v1/evaluate/flags/new-checkout`, {
      method: 'POST',
      headers: { 'x-plan': 'pro', 'content-type': 'application/json' },
      body: '{"context":{"plan":"free"}}',
    });
    expect(answer.json).toMatchObject({ reason: 'TARGETING_MATCH' });
  });

  it('knows where it is mounted', async () => {
    const serveOfrep = serveKoa(ofrepHandler(await start()));
    const app = new Koa();
    // As koa-mount does it.
    app.use(async (context, next) => {
      context.path = context.path.replace('/public', '');
      await serveOfrep(context, next);
    });
    const { json } = await evaluate(`${await listenKoa(app)}/public`);
    expect(json).toMatchObject({ eventStreams: [{ endpoint: { requestUri: '/public/ofrep/v1/events' } }] });
  });
});

describe('NestJS', () => {
  class AppModule {}
  const quiet: NestApplicationOptions = { logger: false };

  async function listenNest(app: INestApplication): Promise<string> {
    endings.add(() => app.close());
    await app.listen(0, '127.0.0.1');
    return `http://127.0.0.1:${(app.getHttpServer() as { address(): AddressInfo }).address().port}`;
  }

  it.each([
    ['Express', () => NestFactory.create(AppModule, quiet)],
    ['Fastify', () => NestFactory.create(AppModule, new FastifyAdapter(), quiet)],
  ])('serves on %s', async (_name, create) => {
    const halyard = await start();
    const app = await create();
    app.use(serveNest(ofrepHandler(halyard)));
    const url = await listenNest(app);
    expect(flagOf(await evaluate(url), 'button-color')).toMatchObject({ value: 'green' });
    expect((await ask(`${url}/elsewhere`)).status).toBe(404);
    const client = await EventClient.open(`${url}/ofrep/v1/events`);
    endings.add(() => client.leave());
    expect(client.response.statusCode).toBe(200);
  });
});

describe('two copies of this package', () => {
  it('serve one’s handler behind the other’s adapter', async () => {
    const handler = ofrepHandler(await start(), { maxBodyBytes: 100 });
    vi.resetModules();
    const other = await import('../../adapters/express/index.js');
    expect(other.serve).not.toBe(serve);
    const url = await listen(endings, express5().use(other.serve(handler)));
    expect((await evaluate(url)).status).toBe(200);
    expect((await evaluate(url, { a: 'x'.repeat(200) })).status).toBe(413);
  });
});

describe('a server that closes', () => {
  it('is held open by nobody once the handler is closed', async () => {
    const handler = ofrepHandler(await start());
    const server = createServer(createNodeListener(handler)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = await EventClient.open(`${url}/ofrep/v1/events`);
    const closed = once(server, 'close');
    server.close();
    handler.close();
    await closed;
    expect(await client.nextEvent()).toBeUndefined();
  });
});
