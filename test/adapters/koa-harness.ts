import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import type Koa from 'koa';
import type { Middleware, ParameterizedContext } from 'koa';
import { flags, killSwitch, requireFlag } from '../../adapters/koa/index.js';
import {
  type AdapterHarness,
  type Handler,
  optionsFor,
  type Step,
  type TestRequest,
} from '../contracts/adapter-harness.js';

/** Koa, version 2 or 3, with its router. */
export function koaHarness(KoaVersion: typeof Koa): AdapterHarness {
  return {
    async listen(steps) {
      const app = new KoaVersion({ proxy: true });
      app.silent = true;
      app.use(answerErrors);
      for (const step of steps) app.use(isRouted(step) ? routerOf([step]).routes() : toMiddleware(step));
      const server = app.listen(0);
      await once(server, 'listening');
      return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        async close() {
          server.close();
          server.closeAllConnections();
          await once(server, 'close');
        },
      };
    },
  };
}

const answerErrors: Middleware = async (context, next) => {
  try {
    await next();
  } catch (error) {
    if (context.headerSent) throw error;
    context.status = 500;
    context.body = { error: (error as Error).message };
  }
};

function isRouted(step: Step): boolean {
  return 'route' in step || 'router' in step;
}

function routerOf(steps: readonly Step[]): Router {
  const router = new Router();
  for (const step of steps) {
    if ('route' in step) router.all(step.route, ...(step.steps ?? []).map(toMiddleware), answer(step.handle));
    else if ('router' in step) router.use(step.router, routerOf(step.steps).routes());
    else router.use(toMiddleware(step));
  }
  return router;
}

function toMiddleware(step: Step): Middleware {
  if ('flags' in step) return flags(step.flags, optionsFor(step.options ?? {}, view));
  if ('killSwitch' in step) {
    const { fallback, ...rest } = step.options ?? {};
    return killSwitch(step.of, step.killSwitch, { ...rest, ...(fallback && { fallback: answer(fallback) }) });
  }
  if ('requireFlag' in step) {
    const { fallback, ...rest } = step.options ?? {};
    return requireFlag(step.of, step.requireFlag, { ...rest, ...(fallback && { fallback: answer(fallback) }) });
  }
  if ('parseJson' in step) return bodyParser({ jsonLimit: '10mb' }) as Middleware;
  if ('around' in step) {
    return (_context, next) => new Promise((resolve, reject) => step.around(() => void next().then(resolve, reject)));
  }
  if ('before' in step) {
    return async (context, next) => {
      await step.before(view(context));
      await next();
    };
  }
  throw new Error('A route or router is no middleware.');
}

function answer(handle: Handler): Middleware {
  return async (context) => {
    const result = await handle(view(context));
    if (context.headerSent) context.respond = false;
    else {
      context.body = JSON.stringify(result);
      context.type = 'json';
    }
  };
}

/** The framework's request in the contract's words. */
function view(context: ParameterizedContext): TestRequest {
  return {
    get user() {
      return context.state['user'] as string | undefined;
    },
    set user(user) {
      if (user !== undefined) context.state['user'] = user;
    },
    get flags() {
      return context.state.flags;
    },
    get body() {
      return context.request.body;
    },
    incoming: context.req,
    outgoing: context.res,
    header: (name) => context.get(name) || undefined,
  };
}
