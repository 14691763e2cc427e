/** The same small service in five ways: ten answers per request, constant or from flags. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { OpenFeature } from '@openfeature/server-sdk';
import express from 'express';
import * as flagdCore from '../contestants/flagd-core.js';
import * as halyard from '../contestants/halyard.js';
import * as unleash from '../contestants/unleash.js';
import { FLAG, flagKeys, openFeatureContext, units } from '../flag.js';
import { flags } from '../halyard.js';

const KEYS = flagKeys(10);

/** What answers a request when nothing is asked. */
const CONSTANT = Object.fromEntries(KEYS.map((key) => [key, false]));

/** @type {Readonly<Record<string, (app: import('express').Express) => unknown>>} */
export const services = {
  'bare Express': (app) => {
    app.use(authenticate);
    app.get('/', (_request, response) => void response.json({ ...CONSTANT }));
  },

  /** What it costs any library to know the request from everywhere, before it does anything with it. */
  'AsyncLocalStorage alone': (app) => {
    const storage = new AsyncLocalStorage();
    app.use((request, _response, next) => storage.run(request, next));
    app.use(authenticate);
    app.get('/', (_request, response) => void response.json({ ...CONSTANT }));
  },

  Halyard: async (app) => {
    const { halyard: instance } = await halyard.load(halyard.write(KEYS.length));
    app.use(flags(instance, { context: ({ unit }) => openFeatureContext(unit) }));
    app.use(authenticate);
    app.get('/', (request, response) => {
      const answers = {};
      for (const key of KEYS) answers[key] = request.flags.boolean(key, false);
      response.json(answers);
    });
  },

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

/** @param {string} name */
export async function createApp(name) {
  const app = express();
  await services[name](app);
  return app;
}

/** Stands for real authentication: believes the header. */
function authenticate(request, _response, next) {
  request.unit = units[Number(request.headers['x-unit'])];
  next();
}

/** How many units have the first flag on, by the service's answers. @param {readonly string[]} answers */
export const unitsOn = (answers) => answers.filter((body) => JSON.parse(body)[FLAG] === true).length;
