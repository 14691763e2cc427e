import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type * as ExpressModule from 'express';
import type { ErrorRequestHandler, Request, RequestHandler, Router } from 'express';
import { flags, killSwitch, requireFlag } from '../../adapters/express/index.js';
import {
  type AdapterHarness,
  type Handler,
  optionsFor,
  type Step,
  type TestRequest,
} from '../contracts/adapter-harness.js';

type Express = typeof ExpressModule.default;

/** Express, version 4 or 5. */
export function expressHarness(express: Express): AdapterHarness {
  return {
    async listen(steps) {
      const app = express().set('trust proxy', true);
      mount(express, app, steps);
      const answerErrors: ErrorRequestHandler = (error: Error, _request, response, next) => {
        if (response.headersSent) next(error);
        else response.status(500).json({ error: error.message });
      };
      app.use(answerErrors);
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

function mount(express: Express, router: Router, steps: readonly Step[]): void {
  for (const step of steps) {
    if ('route' in step)
      router.all(step.route, ...(step.steps ?? []).map((each) => toMiddleware(express, each)), answer(step.handle));
    else if ('router' in step) {
      const inner = express.Router();
      mount(express, inner, step.steps);
      router.use(step.router, inner);
    } else router.use(toMiddleware(express, step));
  }
}

function toMiddleware(express: Express, step: Step): RequestHandler {
  if ('flags' in step) return flags(step.flags, optionsFor(step.options ?? {}, view));
  if ('killSwitch' in step) {
    const { fallback, ...rest } = step.options ?? {};
    return killSwitch(step.of, step.killSwitch, { ...rest, ...(fallback && { fallback: answer(fallback) }) });
  }
  if ('requireFlag' in step) {
    const { fallback, ...rest } = step.options ?? {};
    return requireFlag(step.of, step.requireFlag, { ...rest, ...(fallback && { fallback: answer(fallback) }) });
  }
  if ('parseJson' in step) return express.json({ limit: '10mb' });
  if ('around' in step) return (_request, _response, next) => step.around(next);
  if ('before' in step) {
    return (request, _response, next) => {
      Promise.resolve(step.before(view(request))).then(() => next(), next);
    };
  }
  throw new Error('A route or router is no middleware.');
}

function answer(handle: Handler): RequestHandler {
  return async (request, response, next) => {
    try {
      const result = await handle(view(request));
      if (!response.headersSent) response.json(result);
    } catch (error) {
      next(error);
    }
  };
}

/** The framework's request in the contract's words. */
export function view(request: Request): TestRequest {
  const carrier = request as Request & { user?: string };
  return {
    get user() {
      return carrier.user;
    },
    set user(user) {
      if (user !== undefined) carrier.user = user;
    },
    get flags() {
      return request.flags;
    },
    get body(): unknown {
      return request.body as unknown;
    },
    incoming: request,
    get outgoing(): ServerResponse {
      return request.res as ServerResponse;
    },
    header: (name) => request.get(name),
  };
}
