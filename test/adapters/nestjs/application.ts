import type { AddressInfo } from 'node:net';
import 'reflect-metadata';
import { type INestApplication, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NOOP_TRANSACTION_CONTEXT_PROPAGATOR, OpenFeature } from '@openfeature/server-sdk';
import { afterEach } from 'vitest';
import type { WrittenFlag } from '../../../src/flags/flag-document.js';
import { createHalyard } from '../../../src/create-halyard.js';
import type { Halyard } from '../../../src/halyard.js';
import { memoryStore } from '../../../src/stores/memory-store.js';
import { shop, silent } from '../../contracts/adapter/bench.js';
import { type Answer, ask, type Question } from '../../contracts/http-client.js';
import { type Platform, platforms } from './platforms.js';

export type Get = (path: string, question?: Question) => Promise<Answer>;

/** Applications of Nest for one test each. Everything is closed after it. */
export interface Stage {
  /** Called after the test, the last first. */
  readonly endings: (() => unknown)[];
  /** A Halyard on the contract's flags, with others over them. */
  readonly start: (flags?: Readonly<Record<string, WrittenFlag>>) => Promise<Halyard>;
  /** Listens, after `prepare` had its way with the application. */
  readonly serve: (
    module: ModuleMetadata,
    options?: { readonly on?: Platform; readonly prepare?: (app: INestApplication) => unknown },
  ) => Promise<{ readonly app: INestApplication; readonly get: Get; readonly port: number }>;
}

export function createStage(): Stage {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
    await OpenFeature.clearProviders();
    OpenFeature.setTransactionContextPropagator(NOOP_TRANSACTION_CONTEXT_PROPAGATOR);
  });
  return {
    endings,
    async start(flags = {}) {
      const store = memoryStore({ ...shop, flags: { ...shop.flags, ...flags } });
      const halyard = await createHalyard({ store, logger: silent() });
      endings.push(() => halyard.close());
      return halyard;
    },
    async serve(module, { on = platforms[0]!, prepare } = {}) {
      const options = { logger: false, abortOnError: false } as const;
      const app = await NestFactory.create(moduleOf(module), on.adapter(), options);
      endings.push(() => app.close());
      await prepare?.(app);
      await app.listen(0, '127.0.0.1');
      const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
      return { app, port, get: (path, question) => ask(`http://127.0.0.1:${port}${path}`, question) };
    },
  };
}

/** A module of its own. */
export function moduleOf(metadata: ModuleMetadata): Type {
  class Root {}
  Module(metadata)(Root);
  return Root;
}

/** The Nest that these tests run with. */
export const nestVersion = Number(process.env['NESTJS'] ?? 12);

export const as = (user: string, question: Question = {}): Question => ({
  ...question,
  headers: { ...question.headers, 'x-user': user },
});
