import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Inject,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  Post,
  Res,
  Sse,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import {
  APP_FILTER,
  APP_GUARD,
  APP_INTERCEPTOR,
  BaseExceptionFilter,
  ExternalContextCreator,
  HttpAdapterHost,
} from '@nestjs/core';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { map, Observable, of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  BlockedException,
  Flag,
  Flags,
  flagsOf,
  type HalyardModuleOptions,
  HALYARD,
  HalyardModule,
  InjectHalyard,
  KillSwitch,
  KillSwitchGuard,
  RequireFlag,
  RequireFlagGuard,
  type RequestFlags,
} from '../../../adapters/nestjs/index.js';
import { killSwitch } from '../../../adapters/express/index.js';
import type { Halyard } from '../../../src/halyard.js';
import { memoryStore } from '../../../src/stores/memory-store.js';
import { shop, silent } from '../../contracts/adapter/bench.js';
import { as, createStage, nestVersion } from './application.js';
import { platforms } from './platforms.js';

interface ShopRequest {
  user?: { readonly id: string };
  readonly headers: Readonly<Record<string, string | undefined>>;
}

const requestOf = (execution: ExecutionContext) => execution.switchToHttp().getRequest<ShopRequest>();

/** Authentication as people write it: a guard that leaves the user on the framework's request. */
@Injectable()
class AuthGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    const request = requestOf(execution);
    const id = request.headers['x-user'];
    if (id !== undefined) request.user = { id };
    return true;
  }
}

const byUser = (execution: ExecutionContext) => ({ targetingKey: requestOf(execution).user?.id });

it('runs with the Nest that it says', () => {
  const metadata = createRequire(import.meta.url);
  const core = nestVersion === 11 ? '../nestjs11/node_modules/@nestjs/core' : '@nestjs/core';
  const { version } = metadata(`${core}/package.json`) as { version: string };
  expect(version).toMatch(new RegExp(`^${nestVersion}\\.`));
});

describe.each(platforms)('Nest on $name', (platform) => {
  const { start, serve } = createStage();

  /** An application of one controller. */
  async function serveOf(
    controller: new (...args: never[]) => object,
    options: Partial<HalyardModuleOptions> = {},
    more: Parameters<typeof serve>[0] & { readonly prepare?: NonNullable<Parameters<typeof serve>[1]>['prepare'] } = {},
  ) {
    const { prepare, imports = [], ...metadata } = more;
    const halyard = (options.halyard ?? (await start())) as Halyard;
    const module = HalyardModule.forRoot({ ...options, halyard });
    const served = await serve(
      { ...metadata, imports: [module, ...imports], controllers: [controller as never] },
      { on: platform, ...(prepare && { prepare }) },
    );
    return { ...served, halyard };
  }

  describe('parameter decorators', () => {
    @Controller()
    @UseGuards(AuthGuard)
    class Shop {
      @Get('all')
      all(
        @Flag('payments', false) payments: boolean,
        @Flag('banner', 'none') banner: string,
        @Flag('no-such', 3) pageSize: number,
        @Flag('no-such', { perMinute: 60 }) limits: object,
        @Flag('beta', false) beta: boolean,
        @Flags() flags: RequestFlags,
      ) {
        return { payments, banner, pageSize, limits, beta, context: flags.context };
      }

      @Get('piped')
      piped(@Flag('no-such', '12', ParseIntPipe) size: number) {
        return { size };
      }
    }

    it('give handlers plain values, for the user that a guard found', async () => {
      const { get } = await serveOf(Shop, { context: byUser });
      expect((await get('/all', as('ana'))).json).toEqual({
        payments: true,
        banner: 'Spring!',
        pageSize: 3,
        limits: { perMinute: 60 },
        beta: true,
        context: { targetingKey: 'ana' },
      });
      expect((await get('/all', as('bob'))).json).toMatchObject({ beta: false });
    });

    it('pass values through pipes', async () => {
      const { get } = await serveOf(Shop);
      expect((await get('/piped')).json).toEqual({ size: 12 });
    });
  });

  describe('the Halyard', () => {
    it('is injected into whatever asks for it', async () => {
      @Injectable()
      class Prices {
        readonly halyard: Halyard;
        constructor(@InjectHalyard() halyard: Halyard) {
          this.halyard = halyard;
        }
      }
      @Controller()
      class Shop {
        readonly #prices: Prices;
        constructor(@Inject(Prices) prices: Prices) {
          this.#prices = prices;
        }
        @Get()
        index() {
          return { banner: this.#prices.halyard.string('banner', 'none') };
        }
      }
      const { get, app, halyard } = await serveOf(Shop, {}, { providers: [Prices] });
      expect((await get('/')).json).toEqual({ banner: 'Spring!' });
      expect(app.get(HALYARD)).toBe(halyard);
    });
  });

  describe('the context', () => {
    @Controller()
    class Shop {
      readonly #client: Client;

      constructor(@Inject('client') client: Client) {
        this.#client = client;
      }

      @Get('client')
      async viaClient() {
        await nextTurn();
        return { beta: await this.#client.getBooleanValue('beta', false) };
      }

      @Get('required')
      @RequireFlag('beta')
      required() {
        return { passed: true };
      }

      @Get('switched')
      @KillSwitch('payments')
      switched() {
        return { passed: true };
      }
    }
    const clientOf = { provide: 'client', useFactory: () => OpenFeature.getClient() };
    const auth = { provide: APP_GUARD, useClass: AuthGuard };

    it('is seen by OpenFeature’s clients in services and handlers', async () => {
      const { get } = await serveOf(
        Shop,
        { context: byUser, setDefaultProvider: true },
        { providers: [clientOf, auth] },
      );
      expect((await get('/client', as('ana'))).json).toEqual({ beta: true });
      expect((await get('/client', as('bob'))).json).toEqual({ beta: false });
    });

    it('is awaited behind the guards, where it is asynchronous', async () => {
      const context = async (execution: ExecutionContext) => {
        await nextTurn();
        return byUser(execution);
      };
      const { get } = await serveOf(Shop, { context, setDefaultProvider: true }, { providers: [clientOf, auth] });
      expect((await get('/client', as('ana'))).json).toEqual({ beta: true });
      expect((await get('/required', as('ana'))).status).toBe(200);
      expect((await get('/required', as('bob'))).status).toBe(404);
    });

    it('is there for interceptors of the application’s own module, where it is asynchronous', async () => {
      const seen: unknown[] = [];
      @Injectable()
      class Reading implements NestInterceptor {
        intercept(execution: ExecutionContext, next: CallHandler) {
          seen.push(flagsOf(execution).boolean('beta', false));
          return next.handle();
        }
      }
      const providers = [clientOf, auth, { provide: APP_INTERCEPTOR, useClass: Reading }];
      const context = async (execution: ExecutionContext) => Promise.resolve(byUser(execution));
      const { get } = await serveOf(Shop, { context }, { providers });
      await get('/client', as('ana'));
      expect(seen).toEqual([true]);
    });

    it('is waited for by @RequireFlag and by no @KillSwitch', async () => {
      const context = async () => new Promise<never>(() => undefined);
      const serveFor = (contextTimeoutMs: number) =>
        serveOf(Shop, { context, contextTimeoutMs }, { providers: [clientOf] });
      // Whoever waited for this one would never answer.
      const { get, halyard } = await serveFor(2_000_000_000);
      await halyard.kill('payments', { by: 'ana', reason: 'test' });
      expect((await get('/switched')).status).toBe(503);
      const impatient = await serveFor(20);
      expect((await impatient.get('/required')).status).toBe(404);
    });

    it('knows class and handler once Nest has chosen them', async () => {
      const seen: unknown[] = [];
      const context = (execution: ExecutionContext) => {
        seen.push([execution.getClass().name, execution.getHandler().name]);
        return undefined;
      };
      const { get } = await serveOf(Shop, { context }, { providers: [clientOf] });
      await get('/required');
      expect(seen).toEqual([['Shop', 'required']]);
    });
  });

  describe('guards', () => {
    it('stand on controllers and handlers, several at once', async () => {
      @Controller()
      @KillSwitch('payments')
      class Shop {
        @Get('one')
        @KillSwitch('pro-payments')
        @RequireFlag('banner-on')
        one() {
          return 'passed';
        }
        @Get('two')
        two() {
          return 'passed';
        }
      }
      const halyard = await start({ 'banner-on': {} });
      const { get } = await serveOf(Shop, { halyard });
      const statuses = async () => [(await get('/one')).status, (await get('/two')).status];
      const test = { by: 'ana', reason: 'test' };
      expect(await statuses()).toEqual([200, 200]);
      await halyard.kill('pro-payments', test);
      expect(await statuses()).toEqual([503, 200]);
      await halyard.restore('pro-payments', test);
      await halyard.kill('banner-on', test);
      expect(await statuses()).toEqual([404, 200]);
      await halyard.kill('payments', test);
      expect(await statuses()).toEqual([503, 503]);
    });

    @Controller()
    class Shop {
      @Get()
      index() {
        return 'passed';
      }
    }

    it('guard all routes under APP_GUARD', async () => {
      const { get, halyard } = await serveOf(
        Shop,
        {},
        {
          providers: [
            { provide: APP_GUARD, useClass: KillSwitchGuard('payments', { retryAfterSeconds: 5 }) },
            { provide: APP_GUARD, useClass: RequireFlagGuard('banner-on', { status: 403 }) },
          ],
        },
      );
      expect((await get('/')).status).toBe(403);
      await halyard.kill('payments', { by: 'ana', reason: 'test' });
      expect(await get('/')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    });

    it('guard all routes with useGlobalGuards', async () => {
      const Guard = KillSwitchGuard('disabled');
      const prepare = (app: { get(token: symbol): unknown; useGlobalGuards(guard: CanActivate): unknown }) =>
        app.useGlobalGuards(new Guard(app.get(HALYARD)));
      const { get } = await serveOf(Shop, {}, { prepare });
      expect((await get('/')).status).toBe(503);
    });

    it('leave it to middleware to answer ahead of body parsing', async () => {
      const prepare = (app: { get(token: symbol): Halyard; use(path: string, handler: unknown): unknown }) =>
        app.use('/', killSwitch(app.get(HALYARD), 'disabled'));
      const { get } = await serveOf(Shop, {}, { prepare });
      const headers = { 'content-type': 'application/json' };
      expect((await get('/', { method: 'POST', body: '{ not json', headers })).status).toBe(503);
    });

    it('answer a fallback that is an Observable', async () => {
      @Controller()
      class Fallbacks {
        @Get()
        @KillSwitch('disabled', { fallback: () => of({ later: true }) })
        index() {
          return 'passed';
        }
      }
      const { get } = await serveOf(Fallbacks);
      expect(await get('/')).toMatchObject({ status: 200, json: { later: true } });
    });

    it('warn at the start about a key that no document has', async () => {
      const logger = silent();
      @Controller()
      class Misspelt {
        @Get()
        @KillSwitch('paymants')
        index() {
          return 'passed';
        }
      }
      await serve(
        {
          imports: [HalyardModule.forRoot({ halyard: { store: memoryStore(shop), logger } })],
          controllers: [Misspelt],
        },
        { on: platform },
      );
      const message = 'No flag has the key `paymants`. Did you mean `payments`?';
      await expect.poll(() => logger.warn.mock.calls).toEqual([[{ flagKey: 'paymants' }, message]]);
    });
  });

  describe('a blocked request', () => {
    @Controller()
    class Shop {
      @Get()
      @KillSwitch('disabled')
      index() {
        return 'passed';
      }
    }

    const problem = {
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: 'This is switched off for the moment. Try again later.',
    };

    it('throws an exception of its own each time', async () => {
      const seen: unknown[] = [];
      @Catch(BlockedException)
      class Remember implements ExceptionFilter {
        catch(exception: BlockedException, host: ArgumentsHost): void {
          seen.push(exception);
          host
            .switchToHttp()
            .getResponse<{ status(status: number): { send(body: string): void } }>()
            .status(418)
            .send('x');
        }
      }
      const { get } = await serveOf(Shop, {}, { prepare: (app) => app.useGlobalFilters(new Remember()) });
      expect((await get('/')).status).toBe(418);
      await get('/');
      expect(seen).toEqual([expect.any(BlockedException), expect.any(BlockedException)]);
      expect(seen[0]).not.toBe(seen[1]);
    });

    class OwnFormat implements ExceptionFilter {
      catch(exception: HttpException, host: ArgumentsHost): void {
        const reply = host.switchToHttp().getResponse<{ status(status: number): { send(body: object): void } }>();
        reply.status(exception.getStatus()).send({ own: exception.getResponse() });
      }
    }
    Catch(HttpException)(OwnFormat);

    it.each([
      [
        'useGlobalFilters',
        {
          prepare: (app: { useGlobalFilters(filter: ExceptionFilter): unknown }) =>
            app.useGlobalFilters(new OwnFormat()),
        },
      ],
      ['APP_FILTER', { providers: [{ provide: APP_FILTER, useClass: OwnFormat }] }],
      ['a factory under APP_FILTER', { providers: [{ provide: APP_FILTER, useFactory: () => new OwnFormat() }] }],
    ])('is formatted by a filter of the application’s own: %s', async (_, more) => {
      const { get } = await serveOf(Shop, {}, more);
      expect(await get('/')).toMatchObject({
        status: 503,
        headers: { 'retry-after': '30', 'cache-control': 'no-store' },
        json: { own: problem },
      });
    });

    it('is formatted by a filter on the route, and not by one for something else', async () => {
      @Catch(TypeError)
      class ForTypeErrors extends BaseExceptionFilter {}
      @Controller()
      class Formatted {
        @Get()
        @UseFilters(OwnFormat)
        @KillSwitch('disabled')
        index() {
          return 'passed';
        }
        @Get('plain')
        @KillSwitch('disabled')
        plain() {
          return 'passed';
        }
      }
      const providers = [ForTypeErrors, { provide: APP_FILTER, useExisting: ForTypeErrors }];
      const { get, app } = await serveOf(Formatted, {}, { providers });
      expect(app.get(HttpAdapterHost)).toBeDefined();
      expect((await get('/')).json).toEqual({ own: problem });
      const plain = await get('/plain');
      expect(plain.json).toEqual(problem);
      expect(plain.headers['content-type']).toBe('application/problem+json');
    });
  });

  describe('flagsOf()', () => {
    it('gives guards, interceptors and middleware the flags of the request', async () => {
      const seen: unknown[] = [];
      const see = (where: string, flags: RequestFlags) => seen.push([where, flags.boolean('payments', false)]);
      class Interceptor implements NestInterceptor {
        intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
          see('interceptor', flagsOf(execution));
          return next.handle().pipe(map((value: unknown) => ({ value, late: flagsOf(execution).context })));
        }
      }
      class Guard implements CanActivate {
        canActivate(execution: ExecutionContext): boolean {
          see('guard', flagsOf(execution));
          see('guard, by its request', flagsOf(requestOf(execution)));
          return true;
        }
      }
      @Controller()
      class Shop {
        @Get()
        @UseGuards(Guard)
        @UseInterceptors(Interceptor)
        index() {
          return 'passed';
        }
      }
      const { get } = await serveOf(Shop, { context: () => ({ targetingKey: 'ana' }) });
      expect((await get('/')).json).toEqual({ value: 'passed', late: { targetingKey: 'ana' } });
      expect(seen).toEqual([
        ['guard', true],
        ['guard, by its request', true],
        ['interceptor', true],
      ]);
    });

    it('says what to do where there are none', () => {
      expect(() => flagsOf({})).toThrow('Import `HalyardModule.forRoot(…)`');
    });
  });

  describe('streams', () => {
    it('ends the handler’s Observable when an interceptor has enough of it', async () => {
      let isEnded = false;
      @Controller()
      @UseInterceptors({ intercept: (_: ExecutionContext, next: CallHandler) => next.handle().pipe(take(1)) })
      class Shop {
        @Get()
        index(@Flag('payments', false) payments: boolean) {
          return new Observable((subscriber) => {
            subscriber.next({ payments });
            return () => (isEnded = true);
          });
        }
      }
      const { get } = await serveOf(Shop, { context: async () => Promise.resolve({}) });
      expect((await get('/')).json).toEqual({ payments: true });
      expect(isEnded).toBe(true);
    });

    it('ends the handler’s Observable when the client leaves', async () => {
      let leave: () => void = () => undefined;
      const left = new Promise<void>((resolve) => (leave = resolve));
      @Controller()
      class Shop {
        @Sse('events')
        events(@Flag('beta', false) isBeta: boolean): Observable<{ data: object }> {
          return new Observable((subscriber) => {
            void OpenFeature.getClient()
              .getBooleanValue('beta', false)
              .then((viaClient) => subscriber.next({ data: { isBeta, viaClient } }));
            return leave;
          });
        }
      }
      const context = async () => Promise.resolve({ targetingKey: 'ana' });
      const { port } = await serveOf(Shop, { context, setDefaultProvider: true });
      const [response] = (await once(request(`http://127.0.0.1:${port}/events`).end(), 'response')) as [
        IncomingMessage,
      ];
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) if ((text += String(chunk)).includes('}')) break;
      expect(text).toContain('{"isBeta":true,"viaClient":true}');
      response.destroy();
      await left;
    });
  });

  describe('the rest of an application', () => {
    @Controller('items')
    class Items {
      @Get(':id')
      item(@Flags() flags: RequestFlags) {
        return { payments: flags.boolean('payments', false) };
      }
    }

    it('has flags under a global prefix, and outside of it', async () => {
      let viaMiddleware: unknown;
      const prepare = (app: Parameters<NonNullable<NonNullable<Parameters<typeof serve>[1]>['prepare']>>[0]) => {
        app.setGlobalPrefix('api', { exclude: ['items/:id'] });
      };
      const { get, halyard } = await serveOf(Items, {}, { prepare });
      halyard.on('evaluation', ({ request }) => (viaMiddleware = request?.route));
      expect((await get('/items/1')).json).toEqual({ payments: true });
      expect(viaMiddleware).toBe('/items/:id');
      expect((await get('/api/items/1')).status).toBe(404);
    });

    it('may call a body `raw` on the request', async () => {
      const leaveBody = (request: { raw?: unknown }, _: unknown, next: () => void) => {
        request.raw ??= '{}';
        next();
      };
      const { get } = await serveOf(Items, {}, { prepare: (app) => app.use(leaveBody) });
      expect((await get('/items/1')).status).toBe(200);
    });

    it('may have a package call handlers that are neither for requests nor for messages', async () => {
      const seen: unknown[] = [];
      @Injectable()
      class Jobs {
        @UseGuards({ canActivate: (job) => seen.push(flagsOf(job).context) > 0 })
        clean(what: string) {
          return `clean ${what}`;
        }

        @KillSwitch('disabled')
        blocked() {
          return 'ran';
        }
      }
      const context = (job: ExecutionContext) => ({ targetingKey: job.getArgByIndex<string>(0) });
      const { app } = await serveOf(Items, { context }, { providers: [Jobs] });
      const jobs = app.get(Jobs);
      const call = (name: 'clean' | 'blocked', ...args: string[]) =>
        app.get(ExternalContextCreator).create(jobs, Reflect.get(jobs, name) as () => unknown, name)(
          ...args,
        ) as Promise<unknown>;
      expect(await call('clean', 'carts')).toBe('clean carts');
      expect(seen).toEqual([{ targetingKey: 'carts' }]);
      await expect(call('blocked')).rejects.toThrow(BlockedException);
    });

    it('keeps the cookies of handlers, and of middleware', async () => {
      @Controller()
      class Cookies {
        @Post()
        set(@Res({ passthrough: true }) response: { header(name: string, value: string): void }) {
          response.header('Set-Cookie', 'theirs=2');
        }
        @Get()
        none() {
          return 'none';
        }
      }
      const secret = 'a secret of more than 32 characters';
      const { get } = await serveOf(
        Cookies,
        { anonymous: { secret } },
        {
          prepare: (app) =>
            app.use(
              (_request: object, response: { setHeader(name: string, value: string): void }, next: () => void) => {
                response.setHeader('Set-Cookie', 'middleware=1');
                next();
              },
            ),
        },
      );
      const names = async (method: string) =>
        (await get('/', { method })).headers['set-cookie']?.map((cookie) => cookie.split('=')[0]);
      expect(await names('GET')).toEqual(['middleware', 'halyard_id']);
      // Express's `header` replaces what was set, by its own rules.
      expect(await names('POST')).toEqual(
        platform.name === 'Express' ? ['theirs'] : ['middleware', 'halyard_id', 'theirs'],
      );
    });

    it('tells how requests end', async () => {
      @Controller()
      class Ends {
        @Get('ok')
        ok(@Flag('payments', false) payments: boolean) {
          return { payments };
        }
        @Get('broken')
        broken(@Flag('payments', false) payments: boolean) {
          throw new Error(`broken: ${payments}`);
        }
        @Get('off')
        @KillSwitch('disabled')
        off() {
          return 'off';
        }
      }
      const halyard = await start();
      const requests: unknown[] = [];
      halyard.on('request', ({ outcome, flags }) => requests.push([outcome, [...flags.keys()]]));
      const { get } = await serveOf(Ends, { halyard });
      for (const path of ['/ok', '/broken', '/off']) await get(path);
      await expect.poll(() => requests).toHaveLength(3);
      expect(requests).toEqual([
        ['ok', ['payments']],
        ['server_error', ['payments']],
        ['blocked', ['disabled']],
      ]);
    });
  });
});
