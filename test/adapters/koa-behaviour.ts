import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import Router from '@koa/router';
import { OpenFeature } from '@openfeature/server-sdk';
import type Koa from 'koa';
import type { Middleware } from 'koa';
import { afterEach, describe, expect, it } from 'vitest';
import { flags, killSwitch, requireFlag } from '../../adapters/koa/index.js';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { proUser, shop, silent } from '../contracts/adapter/bench.js';
import { type Answer, ask, type Question } from '../contracts/http-client.js';

/** What Koa, and its router, join middleware with. */
const compose = createRequire(import.meta.url)('koa-compose') as (middleware: Middleware[]) => Middleware;

/** What only an application of Koa can ask. */
export function koaBehaviour(name: string, KoaVersion: typeof Koa): void {
  describe(name, () => {
    const endings: (() => unknown)[] = [];
    afterEach(async () => {
      for (const end of endings.splice(0).reverse()) await end();
    });

    async function start(): Promise<Halyard> {
      const halyard = await createHalyard({ store: memoryStore(shop), logger: silent() });
      endings.push(() => halyard.close());
      return halyard;
    }

    async function serve(...middleware: Middleware[]): Promise<(path: string, question?: Question) => Promise<Answer>> {
      const app = new KoaVersion();
      for (const each of middleware) app.use(each);
      const server = app.listen(0);
      await once(server, 'listening');
      endings.push(async () => {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      });
      return (path, question) => ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, question);
    }

    const routesOf = (router: Router) => router.routes() as Middleware;

    const say =
      (body: string): Middleware =>
      (context) => {
        context.body = body;
      };

    it('lets what is mounted around a guard see its answer, and change it', async () => {
      const halyard = await start();
      const seen: unknown[] = [];
      const get = await serve(
        async (context, next) => {
          await next();
          seen.push([context.status, context.body, context.type, context.length]);
          context.set('x-seen', 'yes');
        },
        killSwitch(halyard, 'disabled'),
        say('passed'),
      );
      const answer = await get('/');
      expect(answer).toMatchObject({ status: 503, headers: { 'x-seen': 'yes', 'retry-after': '30' } });
      expect(seen).toEqual([[503, answer.text, 'application/problem+json', answer.text.length]]);
    });

    it('leaves the length of a guard’s answer to what encodes it', async () => {
      const halyard = await start();
      const shout: Middleware = async (context, next) => {
        await next();
        context.body = Readable.from([String(context.body).toUpperCase()]);
      };
      const get = await serve(shout, requireFlag(halyard, 'beta'));
      const answer = await get('/');
      expect(answer.status).toBe(404);
      expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
      expect(answer.headers['content-length']).toBeUndefined();
      expect(answer.text).toBe(JSON.stringify({ type: 'about:blank', title: 'Not Found', status: 404 }).toUpperCase());
    });

    it('says how long a guard’s answer to HEAD would be', async () => {
      const halyard = await start();
      const get = await serve(killSwitch(halyard, 'disabled'));
      const { headers } = await get('/');
      const answer = await get('/', { method: 'HEAD' });
      expect(answer).toMatchObject({ status: 503, text: '', headers: { 'content-length': headers['content-length'] } });
    });

    it('works in composed middleware', async () => {
      const halyard = await start();
      const get = await serve(
        compose([flags(halyard, { context: () => proUser }), compose([requireFlag(halyard, 'beta')])]),
        compose([(context) => void (context.body = context.state.flags.boolean('pro-feature', false))]),
      );
      expect((await get('/')).json).toBe(true);
    });

    it('gives a mounted application the flags of the request', async () => {
      const halyard = await start();
      const inner = new KoaVersion();
      inner.use(requireFlag(halyard, 'beta'));
      inner.use((context) => void (context.body = [context.path, context.state.flags.boolean('beta', false)]));
      // As koa-mount does.
      const mount =
        (prefix: string, mounted: Middleware): Middleware =>
        async (context, next) => {
          const { path } = context;
          if (path.startsWith(prefix)) {
            context.path = path.slice(prefix.length) || '/';
            await mounted(context, next);
            context.path = path;
          } else await next();
        };
      const get = await serve(
        flags(halyard, { context: ({ state }) => ({ targetingKey: state['user'] as string }) }),
        async (context, next) => {
          context.state['user'] = context.get('x-user');
          await next();
        },
        mount('/inner', compose(inner.middleware)),
        say('outer'),
      );
      expect((await get('/inner/x', { headers: { 'x-user': 'ana' } })).json).toEqual(['/x', true]);
      expect((await get('/inner', { headers: { 'x-user': 'bob' } })).status).toBe(404);
      expect((await get('/')).text).toBe('outer');
    });

    it('knows the request in an application that another one hands it to', async () => {
      const halyard = await start();
      const inner = new KoaVersion();
      inner.use(requireFlag(halyard, 'beta'));
      inner.use(say('inner'));
      const handle = inner.callback();
      const get = await serve(flags(halyard, { context: () => proUser }), async (context) => {
        context.respond = false;
        await handle(context.req, context.res);
      });
      expect(await get('/')).toMatchObject({ status: 200, text: 'inner' });
    });

    it('leaves the choice of a route to the application: a fallback can go on', async () => {
      const halyard = await start();
      const router = new Router();
      router.get('/', requireFlag(halyard, 'beta', { fallback: (_context, next) => next() }), say('old page'));
      const get = await serve(routesOf(router));
      expect((await get('/')).text).toBe('old page');
    });

    it('adds its cookie to those of others', async () => {
      const halyard = await start();
      const get = await serve(
        async (context, next) => {
          context.cookies.set('theirs', '1');
          await next();
        },
        flags(halyard, { anonymous: { secret: 'a secret of more than 32 characters' } }),
        (context) => {
          context.cookies.set('later', '2');
          context.body = 'ok';
        },
      );
      const names = (await get('/')).headers['set-cookie']?.map((cookie) => cookie.split('=')[0]);
      expect(names).toEqual(['theirs', 'halyard_id', 'later']);
    });

    it('leaves the state of others alone', async () => {
      const halyard = await start();
      const get = await serve(
        async (context, next) => {
          context.state['theirs'] = 1;
          await next();
        },
        flags(halyard),
        (context) => void (context.body = Object.keys(context.state)),
      );
      expect((await get('/')).json).toEqual(['theirs', 'flags']);
    });

    it.each<[string, Middleware]>([
      ['the state', ({ state }, next) => ((state['id'] = 17), next())],
      ['the context', (context, next) => ((context['id'] = 17), next())],
      ['Node’s request', ({ req }, next) => (Object.assign(req, { id: 17 }), next())],
    ])('reads the request’s id that another middleware left on %s', async (_, identify) => {
      const halyard = await start();
      const ids: unknown[] = [];
      halyard.on('evaluation', ({ request }) => ids.push(request?.id));
      const get = await serve(
        identify,
        flags(halyard),
        (context) => void (context.body = context.state.flags.boolean('payments', false)),
      );
      await get('/');
      expect(ids).toEqual(['17']);
    });

    it('tells the pattern of a route with the prefixes of all routers around it, never the path', async () => {
      const halyard = await start();
      const routes: unknown[] = [];
      halyard.on('evaluation', ({ request }) => routes.push(request?.route));
      const read: Middleware = (context) => void (context.body = context.state.flags.boolean('payments', false));
      const orders = new Router();
      orders.use(killSwitch(halyard, 'payments'));
      orders.get('/orders/:id', read);
      const tenants = new Router({ prefix: '/v1' });
      tenants.use('/tenants/:tenant', orders.routes());
      const files = new Router().get(/^\/files\/(.*)$/, read);
      const get = await serve(flags(halyard), killSwitch(halyard, 'payments'), routesOf(tenants), routesOf(files));
      await get('/v1/tenants/ana@example.com/orders/42');
      // Ahead of all routers, in one of them, and in the route.
      expect(routes.splice(0)).toEqual([
        undefined,
        expect.stringMatching(/^\/v1\/tenants\/:tenant\W/),
        '/v1/tenants/:tenant/orders/:id',
      ]);
      await get('/files/ana/secret.txt');
      expect(routes).toEqual([undefined, String(/^\/files\/(.*)$/)]);
    });

    it('sees the transaction context in what writes a streamed body', async () => {
      const halyard = await start();
      await OpenFeature.setProviderAndWait('koa', halyard.provider);
      endings.push(() => OpenFeature.clearProviders());
      const client = OpenFeature.getClient('koa');
      async function* pages() {
        for (let page = 0; page < 40; page++) {
          const isPro = await client.getBooleanValue('pro-feature', false);
          yield `${isPro} `.padEnd(10_000);
        }
      }
      const get = await serve(flags(halyard, { context: () => proUser }), (context) => {
        context.body = Readable.from(pages(), { objectMode: false });
      });
      const { text } = await get('/');
      expect(text.split(/ +/).filter((word) => word !== 'true')).toEqual(['']);
    });

    it('has handlers with names, for stack traces', async () => {
      const halyard = await start();
      const names = [flags(halyard), killSwitch(halyard, 'payments'), requireFlag(halyard, 'beta')].map(
        (each) => each.name,
      );
      expect(names).toEqual(['halyardFlags', 'halyardKillSwitch', 'halyardRequireFlag']);
    });
  });
}
