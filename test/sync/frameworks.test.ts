import type { AddressInfo } from 'node:net';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import { createHalyard, type FlagStore, type Halyard, httpStore, memoryStore } from 'halyard';
import { serve } from 'halyard/express';
import { serve as serveKoa } from 'halyard/koa';
import { serve as serveNest } from 'halyard/nestjs';
import { syncHandler } from 'halyard/sync';
import Koa from 'koa';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ask } from '../contracts/http-client.js';
import { Endings, listen } from '../ofrep/service.js';
import { quietLogger, shop, token, why } from './served.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

const endings = new Endings();
afterEach(() => endings.run());

async function start(store: FlagStore): Promise<Halyard> {
  const halyard = await createHalyard({ store, logger: quietLogger() });
  endings.add(() => halyard.close());
  return halyard;
}

@Module({})
class EmptyModule {}

/** How each framework serves a Halyard; the origin comes back. */
const frameworks: Readonly<Record<string, (halyard: Halyard) => Promise<string>>> = {
  Express: (halyard) => listen(endings, express().use(serve(syncHandler(halyard, { token })))),
  Koa: (halyard) => {
    const app = new Koa();
    app.use(serveKoa(syncHandler(halyard, { token })));
    const callback = app.callback();
    return listen(endings, (request, response) => void callback(request, response));
  },
  'Nest on Express': (halyard) => serveByNest((module) => NestFactory.create(module, { logger: false }), halyard),
  'Nest on Fastify': (halyard) =>
    serveByNest((module) => NestFactory.create(module, new FastifyAdapter(), { logger: false }), halyard),
};

async function serveByNest(
  create: (module: typeof EmptyModule) => Promise<INestApplication>,
  halyard: Halyard,
): Promise<string> {
  const app = await create(EmptyModule);
  app.use(serveNest(syncHandler(halyard, { token })));
  await app.listen(0, '127.0.0.1');
  endings.add(() => app.close());
  const server = app.getHttpServer() as { address(): AddressInfo };
  return `http://127.0.0.1:${server.address().port}`;
}

describe.each(Object.entries(frameworks))('%s', (_name, mount) => {
  it('serves flags and events with one line', async () => {
    const source = memoryStore(shop);
    const origin = await mount(await start(source));
    const reader = await start(httpStore(`${origin}/halyard`, { token, pollMs: 600_000 }));
    expect(reader.string('button-color', 'none')).toBe('green');
    const changed = new Promise((resolve) => reader.on('change', resolve));
    await source.updateState(() => ({ ...emptyFlagState, kills: new Map([['payments', { at: 0, ...why }]]) }), why);
    await changed;
    expect(reader.boolean('payments', true)).toBe(false);
    // It lists itself and its reader.
    expect(await reader.fleet()).toHaveLength(2);
    expect((await ask(`${origin}/halyard`)).status).toBe(401);
    expect((await ask(`${origin}/other`)).status).toBe(404);
  });
});

describe('a chain over all of them', () => {
  it('has the source’s version, flags and kills at its end', async () => {
    const source = memoryStore(shop);
    const chain = [await start(source)];
    for (const mount of Object.values(frameworks)) {
      const origin = await mount(chain.at(-1)!);
      chain.push(await start(httpStore(`${origin}/halyard`, { token, pollMs: 600_000 })));
    }
    const last = chain.at(-1)!;
    const { version } = await source.update(
      (document) => ({ ...document, flags: { ...document.flags, added: { rollout: 100 } } }),
      { ...why, state: () => ({ ...emptyFlagState, kills: new Map([['payments', { at: 0, ...why }]]) }) },
    );
    await vi.waitFor(() => expect(last.health().version).toBe(version), { timeout: 15_000 });
    expect(last.boolean('added', false)).toBe(true);
    expect(last.details('payments', true)).toMatchObject({ value: false, reason: 'DISABLED', version });
    await chain[0]!.waitForFleet(version);
    expect(await last.fleet()).toHaveLength(chain.length);
  });

  it('serves the last good flags at its end while its beginning is away, and says so there', async () => {
    const source = memoryStore(shop);
    const chain = [await start(source)];
    for (const mount of Object.values(frameworks)) {
      const origin = await mount(chain.at(-1)!);
      chain.push(await start(httpStore(`${origin}/halyard`, { token, pollMs: 600_000 })));
    }
    const load = vi.spyOn(source, 'load').mockRejectedValue(new Error('away'));
    await chain[0]!.refresh();
    await vi.waitFor(() => expect(chain.at(-1)!.health().status).toBe('stale'), { timeout: 15_000 });
    expect(chain.at(-1)!.string('button-color', 'none')).toBe('green');
    load.mockRestore();
    await chain[0]!.refresh();
    await vi.waitFor(() => expect(chain.at(-1)!.health().status).toBe('ready'), { timeout: 15_000 });
  });
});
