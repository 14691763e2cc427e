/** The same small service in several ways. */
import { AsyncLocalStorage } from 'node:async_hooks';
import Router from '@koa/router';
import Koa from 'koa';
import * as halyard from '../contestants/halyard.js';
import { openFeatureContext } from '../flag.js';
import { koa as adapter } from '../halyard.js';
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

/** @type {Readonly<Record<string, (app: import('koa')) => unknown>>} */
const services = {
  [BARE]: (app) => answer(app, constantAnswers),

  /** What it costs any library to know the request from everywhere, before it does anything with it. */
  [ALONE]: (app) => {
    const storage = new AsyncLocalStorage();
    app.use((context, next) => storage.run(context, next));
    answer(app, constantAnswers);
  },

  [HALYARD]: (app) => useHalyard(app, {}),

  [WITHOUT_TRANSACTION]: (app) => useHalyard(app, { transactionContext: false }),
};

export const names = Object.keys(services);

/** @param {string} name */
export async function createApp(name) {
  const app = new Koa();
  await services[name](app);
  return app;
}

async function useHalyard(app, options) {
  const { halyard: instance } = await halyard.load(halyard.write(KEYS.length));
  app.use(adapter.flags(instance, { ...options, context: ({ state }) => openFeatureContext(state.unit) }));
  answer(app, ({ state }) => answersFrom(state.flags));
}

/** Authentication, and one route. */
function answer(app, answersTo) {
  app.use(async (context, next) => {
    context.state.unit = unitOf(context.req);
    await next();
  });
  const router = new Router();
  router.get('/', (context) => {
    context.body = answersTo(context);
  });
  app.use(router.routes());
}
