import type { IncomingMessage, ServerResponse } from 'node:http';
import 'reflect-metadata';
import {
  All,
  applyDecorators,
  type CanActivate,
  Controller,
  createParamDecorator,
  type DynamicModule,
  type ExecutionContext,
  Header,
  HttpCode,
  HttpException,
  Module,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Halyard } from '../../../src/halyard.js';
import {
  flagsOf,
  HalyardModule,
  KillSwitch,
  KillSwitchGuard,
  RequireFlag,
  RequireFlagGuard,
} from '../../../adapters/nestjs/index.js';
import {
  type AdapterHarness,
  type Handler,
  optionsFor,
  type Step,
  type TestRequest,
} from '../../contracts/adapter-harness.js';
import type { Platform } from './platforms.js';

const noRoute: Step = { route: '/', handle: () => undefined };

type FlagsStep = Extract<Step, { flags: Halyard }>;
type GuardStep = Extract<Step, { of: Halyard }>;
type Before = Extract<Step, { before: unknown } | { around: unknown }>;

/**
 * Nest on one of its platforms. What comes before the first `flags` is middleware of the application; `flags` is the module;
 * what follows, and belongs to no route, guards each route after it, as decorators of its controller.
 */
export function nestHarness(platform: Platform): AdapterHarness {
  return {
    whyNot: (steps) => whyNot(steps) ?? platform.whyNot?.(steps),
    async listen(steps) {
      const isParsing = steps.some((step) => 'parseJson' in step);
      const app = await NestFactory.create(applicationOf(steps), platform.adapter({ isParsing }), {
        logger: false,
        abortOnError: false,
        bodyParser: isParsing,
      });
      if (isParsing) platform.parseLargeJson(app);
      for (const step of steps) {
        if ('flags' in step) break;
        if (isBefore(step) && steps.some((other) => 'flags' in other)) app.use(middlewareOf(step));
      }
      await app.listen(0, '127.0.0.1');
      return { url: await app.getUrl(), close: () => app.close() };
    },
  };
}

/** What no application of Nest can do. */
function whyNot(steps: readonly Step[]): string | undefined {
  const guard = steps.findIndex((step) => 'of' in step);
  if (guard !== -1 && steps.slice(guard).some((step) => 'parseJson' in step))
    return 'guards of Nest run after its parsers';
  if (steps.some((step) => 'router' in step && step.steps.some((inner) => 'flags' in inner)))
    return 'a module of Nest’s serves all routes of an application';
  const given = steps.filter((step) => 'flags' in step);
  const between = steps.slice(
    steps.findIndex((step) => 'flags' in step),
    steps.findLastIndex((step) => 'flags' in step),
  );
  if (new Set(given.map((step) => step.flags)).size > 1 && between.some((step) => 'before' in step))
    return 'modules of Nest’s give a request all its flags before anything else runs';
  const halyards = steps.flatMap((step) => ('flags' in step ? [step.flags] : 'of' in step ? [step.of] : []));
  if (halyards.some((halyard) => typeof (halyard as Partial<Halyard>).boolean !== 'function'))
    return 'the module of Nest’s takes options and promises, too';
  return undefined;
}

function applicationOf(steps: readonly Step[]): DynamicModule {
  const given = steps.filter((step): step is FlagsStep => 'flags' in step);
  const first = firstGuard(steps);
  // Guards of Nest get their Halyard from the module.
  const needed = given.length === 0 && first !== undefined ? [{ flags: first.of }] : given;
  const modules = needed.map((step) =>
    HalyardModule.forRoot({
      halyard: step.flags,
      closeWithApplication: false,
      isGlobal: false,
      ...optionsFor(step.options ?? {}, view),
    }),
  );
  const start = steps.findIndex((step) => 'flags' in step) + 1;
  // A module serves routes wherever they are.
  const inside = [...steps.slice(0, start).filter(isServed), ...steps.slice(start)];
  // Guards that guard nothing are never made.
  const served = inside.some(isServed) ? inside : [...inside, noRoute];
  class Application {}
  Module({})(Application);
  return { module: Application, imports: modules, controllers: controllersOf(served, '', [], needed[0]?.flags) };
}

function firstGuard(steps: readonly Step[]): GuardStep | undefined {
  for (const step of steps) {
    if ('of' in step) return step;
    const inner = 'steps' in step ? firstGuard(step.steps ?? []) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** A controller for each route, behind all steps that lead to it. */
function controllersOf(
  steps: readonly Step[],
  path: string,
  inherited: readonly ClassDecorator[],
  main: Halyard | undefined,
): (new () => object)[] {
  const decorators = [...inherited];
  return steps.flatMap((step) => {
    if ('route' in step) {
      const own = (step.steps ?? []).map((each) => decoratorOf(each, main));
      return [controllerOf(path + step.route, step.handle, [...decorators, ...own])];
    }
    if ('router' in step) return controllersOf(step.steps, path + step.router, decorators, main);
    // A second module, or what the platform does for all routes.
    if (!('flags' in step) && !('parseJson' in step)) decorators.push(decoratorOf(step, main));
    return [];
  });
}

const Execution = createParamDecorator((_: unknown, execution: ExecutionContext) => execution);

function controllerOf(path: string, handle: Handler, guards: readonly ClassDecorator[]): new () => object {
  const answer = asJson(handle);
  class Route {
    answer(execution: ExecutionContext): Promise<string> {
      return answer(execution);
    }
  }
  const method = Object.getOwnPropertyDescriptor(Route.prototype, 'answer')!;
  applyDecorators(All(path), HttpCode(200), Header('Content-Type', 'application/json'))(
    Route.prototype,
    'answer',
    method,
  );
  Execution()(Route.prototype, 'answer', 0);
  for (const decorate of guards) decorate(Route);
  Controller()(Route);
  return Route;
}

function decoratorOf(step: Step, main: Halyard | undefined): ClassDecorator {
  if ('killSwitch' in step) {
    const { fallback, ...options } = step.options ?? {};
    // A guard of another Halyard than the module's is made by hand.
    if (step.of !== main) return UseGuards(new (KillSwitchGuard(step.killSwitch, options))(step.of));
    return KillSwitch(step.killSwitch, { ...options, ...(fallback && { fallback: asJson(fallback) }) });
  }
  if ('requireFlag' in step) {
    const { fallback, ...options } = step.options ?? {};
    if (step.of !== main) return UseGuards(new (RequireFlagGuard(step.requireFlag, options))(step.of));
    return RequireFlag(step.requireFlag, { ...options, ...(fallback && { fallback: asJson(fallback) }) });
  }
  if ('before' in step) {
    const canActivate: CanActivate['canActivate'] = async (execution) => {
      await step.before(view(execution));
      return true;
    };
    return UseGuards({ canActivate });
  }
  throw new Error('Guards can’t do this.');
}

function asJson(handle: Handler): (execution: ExecutionContext) => Promise<string> {
  return async (execution) => {
    try {
      const request = view(execution);
      const result = await handle(request);
      // Who has begun an answer ends it, too: Nest is to wait for ever.
      if (request.outgoing.headersSent) return await new Promise(() => undefined);
      // `undefined` is no JSON.
      return JSON.stringify(result ?? null);
    } catch (error) {
      throw new HttpException({ error: (error as Error).message }, 500);
    }
  };
}

function isServed(step: Step): boolean {
  return 'route' in step || 'router' in step;
}

function isBefore(step: Step): step is Before {
  return 'before' in step || 'around' in step;
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

function middlewareOf(step: Before): Middleware {
  if ('around' in step) return (_request, _response, next) => step.around(next);
  return (request, response, next) => {
    Promise.resolve(step.before(viewOf(request, response, request as FrameworkRequest))).then(() => next(), next);
  };
}

interface FrameworkRequest {
  user?: string;
  readonly body?: unknown;
  readonly raw?: IncomingMessage;
}

/** Nest's request in the contract's words. */
function view(execution: ExecutionContext): TestRequest {
  const request = execution.getArgByIndex<FrameworkRequest>(0);
  const response = execution.getArgByIndex<ServerResponse & { readonly raw?: ServerResponse }>(1);
  return viewOf(request.raw ?? (request as IncomingMessage), response.raw ?? response, request);
}

function viewOf(incoming: IncomingMessage, outgoing: ServerResponse, request: FrameworkRequest): TestRequest {
  return {
    get user() {
      return request.user ?? (incoming as FrameworkRequest).user;
    },
    set user(user) {
      if (user !== undefined) request.user = user;
    },
    get flags() {
      return flagsOf(incoming);
    },
    get body() {
      return request.body;
    },
    incoming,
    outgoing,
    header: (name) => incoming.headers[name]?.toString(),
  };
}
