/** The same small service on Nest, by what Nest runs on. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import * as halyard from '../contestants/halyard.js';
import { openFeatureContext } from '../flag.js';
import { nestjs } from '../halyard.js';
import {
  ALONE,
  answersFrom,
  BARE,
  constantAnswers,
  HALYARD,
  KEYS,
  unitOf,
  WITHOUT_TRANSACTION,
} from './ten-answers.js';

/** Stands for real authentication: a guard, as people write it. */
const authentication = {
  canActivate(execution) {
    const request = execution.switchToHttp().getRequest();
    request.unit = unitOf(request.raw ?? request);
    return true;
  },
};

/** What decorators write, without the syntax. */
class Constant {
  index() {
    return constantAnswers();
  }
}
class Flagged {
  index(flags) {
    return answersFrom(flags);
  }
}
for (const service of [Constant, Flagged]) {
  Get()(service.prototype, 'index', Object.getOwnPropertyDescriptor(service.prototype, 'index'));
  UseGuards(authentication)(service);
  Controller()(service);
}
nestjs.Flags()(Flagged.prototype, 'index', 0);

async function flagged(options) {
  const { halyard: instance } = await halyard.load(halyard.write(KEYS.length));
  const context = (execution) => openFeatureContext(execution.switchToHttp().getRequest().unit);
  return {
    imports: [nestjs.HalyardModule.forRoot({ halyard: instance, context, ...options })],
    controllers: [Flagged],
  };
}

const services = {
  [BARE]: () => ({ controllers: [Constant] }),

  /** What it costs any library to know the request from everywhere, before it does anything with it. */
  [ALONE]: () => ({ controllers: [Constant], middleware: new AsyncLocalStorage() }),

  [HALYARD]: () => flagged({}),

  [WITHOUT_TRANSACTION]: () => flagged({ transactionContext: false }),
};

export const names = Object.keys(services);

/** @param {() => import('@nestjs/core').AbstractHttpAdapter} createAdapter @param {string} name */
export async function createNestApp(createAdapter, name) {
  const { middleware: storage, ...metadata } = await services[name]();
  class Application {}
  Module(metadata)(Application);
  const app = await NestFactory.create(Application, createAdapter(), { logger: false });
  if (storage !== undefined) app.use((request, _response, next) => storage.run(request, next));
  await app.init();
  await app.getHttpAdapter().getInstance().ready?.();
  return app.getHttpServer();
}

export const onExpress = () => new ExpressAdapter();
export const onFastify = () => new FastifyAdapter();
