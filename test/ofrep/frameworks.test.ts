import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express5 from 'express';
import { createHalyard, type Halyard, memoryStore } from 'halyard';
import { flags, serve } from 'halyard/express';
import { createNodeListener, ofrepHandler } from 'halyard/ofrep';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Answer, ask } from '../contracts/http-client.js';
import { EventClient } from './event-client.js';
import { Endings, flagOf, listen, shop } from './service.js';

const express4 = createRequire(import.meta.url)('express4') as typeof express5;

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

describe('NestJS', () => {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- a module of Nest's is a class
  class AppModule {}
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class
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
    app.use(createNodeListener(ofrepHandler(halyard)));
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
