import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type expressModule from 'express';
import type { Express, Request, RequestHandler, Response } from 'express';
import { OpenFeature } from '@openfeature/server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { flags, killSwitch, requireFlag } from '../../adapters/express/index.js';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { shop, silent } from '../contracts/adapter/bench.js';
import { type Answer, ask, type Question } from '../contracts/http-client.js';

/** What only an application of Express can ask. */
export function expressBehaviour(name: string, express: typeof expressModule): void {
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

    async function serve(app: Express): Promise<(path: string, question?: Question) => Promise<Answer>> {
      const server = app.listen(0);
      await once(server, 'listening');
      endings.push(async () => {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      });
      return (path, question) => ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, question);
    }

    const user =
      (id: string): RequestHandler =>
      (request, _response, next) => {
        Object.assign(request, { user: { id } });
        next();
      };
    const userOf = (request: object) => (request as { user?: { id: string } }).user?.id;

    it('gives a sub-application the flags of the request', async () => {
      const halyard = await start();
      const inner = express();
      inner.get('/', user('ana'), (request, response) => {
        response.json([request.flags.boolean('beta', false), OpenFeature.getTransactionContext().targetingKey]);
      });
      inner.get('/guarded', requireFlag(halyard, 'beta'), (_request, response) => void response.json('passed'));
      inner.get('/off', killSwitch(halyard, 'disabled'), (_request, response) => void response.json('passed'));
      const app = express();
      app.use(flags(halyard, { context: (request) => ({ targetingKey: userOf(request) }) }));
      app.use('/inner', inner);
      const get = await serve(app);
      expect((await get('/inner')).json).toEqual([true, 'ana']);
      expect((await get('/inner/guarded')).status).toBe(404);
      expect((await get('/inner/off')).status).toBe(503);
    });

    it('keeps applications apart: one with flags of its own, mounted on another or served alone', async () => {
      const [outer, inner] = [await start(), await start()];
      inner.override('banner', 'none');
      const banner: RequestHandler = (request, response) => void response.json(request.flags.string('banner', '?'));
      const mounted = express().use(flags(inner), banner);
      const app = express();
      app.get('/before', (request, response) => void response.json(Object.hasOwn(request, 'flags') || 'no flags'));
      app.use(flags(outer)).use('/inner', mounted).get('/', banner);
      const get = await serve(app);
      expect((await get('/inner')).json).toBe('');
      expect((await get('/')).json).toBe('Spring!');
      expect((await get('/before')).json).toBe('no flags');
      expect((await (await serve(mounted))('/')).json).toBe('');
    });

    it('sees the transaction context where a request’s listeners run, though flags() is on a sub-application alone', async () => {
      const halyard = await start();
      const inner = express().use(flags(halyard, { context: () => ({ targetingKey: 'ana' }) }), express.json());
      inner.use((_request, response) => void response.json(OpenFeature.getTransactionContext().targetingKey ?? '?'));
      const get = await serve(express().use('/inner', inner));
      const body = JSON.stringify({ text: 'x'.repeat(90_000) });
      const question = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
      expect((await get('/inner', question)).json).toBe('ana');
    });

    it('serves from a router without an application', async () => {
      const halyard = await start();
      const router = express.Router();
      router.use(flags(halyard, { context: () => ({ targetingKey: 'ana' }) }));
      router.use((request, response) => void response.end(String(request.flags.boolean('beta', false))));
      const server = createServer((request, response) => {
        router(request as Request, response as Response, () => void response.writeHead(500).end());
      }).listen(0);
      await once(server, 'listening');
      endings.push(() => server.close());
      expect((await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).text).toBe('true');
    });

    it('leaves alone what another middleware calls req.flags', async () => {
      const halyard = await start();
      const app = express().use(flags(halyard));
      app.get('/', (request, response) => {
        Object.assign(request, { flags: 'theirs' });
        response.json(request.flags);
      });
      const get = await serve(app);
      expect([(await get('/')).json, (await get('/')).json]).toEqual(['theirs', 'theirs']);
    });

    it('leaves the choice of a route to the application: next("route") and next("router") work', async () => {
      const halyard = await start();
      const app = express();
      const router = express.Router();
      router.use(killSwitch(halyard, 'disabled', { fallback: (_request, _response, next) => next('router') }));
      app.use(flags(halyard));
      app.get('/', requireFlag(halyard, 'beta', { fallback: (_request, _response, next) => next('route') }));
      app.use('/inner', router);
      app.use((_request, response) => void response.json('elsewhere'));
      const get = await serve(app);
      expect((await get('/')).json).toBe('elsewhere');
      expect((await get('/inner')).json).toBe('elsewhere');
    });

    it('adds its cookie to those of others', async () => {
      const halyard = await start();
      const app = express();
      app.use((_request, response, next) => {
        response.cookie('theirs', '1');
        next();
      });
      app.use(flags(halyard, { anonymous: { secret: 'a secret of more than 32 characters' } }));
      app.get('/', (_request, response) => void response.cookie('later', '2').json('ok'));
      const get = await serve(app);
      const names = (await get('/')).headers['set-cookie']?.map((cookie) => cookie.split('=')[0]);
      expect(names).toEqual(['theirs', 'halyard_id', 'later']);
    });

    it('reads the request’s id that another middleware gave, and leaves what may be a path out of the route', async () => {
      const halyard = await start();
      const requests: unknown[] = [];
      halyard.on('evaluation', ({ request }) => requests.push([request?.id, request?.route]));
      const router = express.Router();
      router.get(
        ['/orders/:id', '/o/:id'],
        (request, response) => void response.json(request.flags.boolean('payments', false)),
      );
      const app = express();
      app.use((request, _response, next) => {
        Object.assign(request, { id: 17 });
        next();
      });
      app.use(flags(halyard));
      app.use('/v1/tenants/:tenant', router);
      const get = await serve(app);
      await get('/v1/tenants/ana@example.com/orders/42');
      expect(requests).toEqual([['17', '/v1/tenants/:param/orders/:id,/o/:id']]);
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
