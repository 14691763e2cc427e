/** The same small service in several ways. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { OpenFeature } from '@openfeature/server-sdk';
import express from 'express';
import * as flagdCore from '../contestants/flagd-core.js';
import * as halyard from '../contestants/halyard.js';
import * as unleash from '../contestants/unleash.js';
import { openFeatureContext } from '../flag.js';
import { express as adapter } from '../halyard.js';
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

/** @type {Readonly<Record<string, (app: import('express').Express) => unknown>>} */
const services = {
  [BARE]: (app) => {
    app.use(authenticate);
    app.get('/', (_request, response) => void response.json(constantAnswers()));
  },

  /** What it costs any library to know the request from everywhere, before it does anything with it. */
  [ALONE]: (app) => {
    const storage = new AsyncLocalStorage();
    app.use((request, _response, next) => storage.run(request, next));
    services[BARE](app);
  },

  [HALYARD]: (app) => useHalyard(app, {}),

  [WITHOUT_TRANSACTION]: (app) => useHalyard(app, { transactionContext: false }),

  'OpenFeature + flagd-core': async (app) => {
    const { core } = flagdCore.load(flagdCore.write(KEYS.length));
    await OpenFeature.setProviderAndWait({
      metadata: { name: flagdCore.name },
      runsOn: 'server',
      resolveBooleanEvaluation: async (key, fallback, context) => core.resolveBooleanEvaluation(key, fallback, context),
    });
    const client = OpenFeature.getClient();
    app.use(authenticate);
    app.get('/', async (request, response) => {
      const context = openFeatureContext(request.unit);
      const answers = {};
      for (const key of KEYS) answers[key] = await client.getBooleanValue(key, false, context);
      response.json(answers);
    });
  },

  'unleash-client': async (app) => {
    const { isOn, contextOf } = await unleash.load(unleash.write(KEYS.length));
    app.use(authenticate);
    app.get('/', (request, response) => {
      const context = contextOf(request.unit);
      const answers = {};
      for (const key of KEYS) answers[key] = isOn(key, context);
      response.json(answers);
    });
  },
};

export const names = Object.keys(services);

/** @param {string} name */
export async function createApp(name) {
  const app = express();
  await services[name](app);
  return app;
}

async function useHalyard(app, options) {
  const { halyard: instance } = await halyard.load(halyard.write(KEYS.length));
  app.use(adapter.flags(instance, { ...options, context: ({ unit }) => openFeatureContext(unit) }));
  app.use(authenticate);
  app.get('/', (request, response) => void response.json(answersFrom(request.flags)));
}

function authenticate(request, _response, next) {
  request.unit = unitOf(request);
  next();
}
