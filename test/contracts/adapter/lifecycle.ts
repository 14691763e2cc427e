import { Agent, type ClientRequest } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OpenFeature } from '@openfeature/server-sdk';
import { describe, expect, it } from 'vitest';
import type { TestRequest } from '../adapter-harness.js';
import { type AdapterBench, passport, proUser, SECRET, showContext } from './bench.js';

export function lifecycleBehaviour({ start, serve, listen, endings }: AdapterBench): void {
  describe('the life of a request', () => {
    it('lets an error of a handler reach the error handler', async () => {
      const { halyard } = await start();
      const get = await serve(
        { flags: halyard, options: { context: () => proUser } },
        {
          route: '/sync',
          handle: () => {
            throw new Error('sync');
          },
        },
        {
          route: '/async',
          handle: async () => {
            await nextTurn();
            throw new Error('async');
          },
        },
      );
      expect(await get('/sync')).toMatchObject({ status: 500, json: { error: 'sync' } });
      expect(await get('/async')).toMatchObject({ status: 500, json: { error: 'async' } });
    });

    it('keeps requests on one connection apart', async () => {
      const { halyard } = await start();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      endings.push(() => agent.destroy());
      const context = ({ user }: TestRequest) => ({ targetingKey: user });
      const get = await serve({ flags: halyard, options: { context } }, passport, {
        route: '/',
        handle: ({ flags }) => [flags.context.targetingKey, OpenFeature.getTransactionContext().targetingKey],
      });
      expect(await get('/', { agent, headers: { 'x-user': 'ana' } })).toMatchObject({
        json: ['ana', 'ana'],
        isReused: false,
      });
      expect(await get('/', { agent, headers: { 'x-user': 'bob' } })).toMatchObject({
        json: ['bob', 'bob'],
        isReused: true,
      });
      expect(await get('/', { agent })).toMatchObject({ json: [null, null], isReused: true });
    });

    it('serves HEAD as it serves GET, without the body', async () => {
      const { halyard } = await start();
      const get = await serve(
        { flags: halyard, options: { context: () => proUser, anonymous: { secret: SECRET } } },
        { requireFlag: 'beta', of: halyard },
        showContext,
      );
      const [whole, head] = [await get('/'), await get('/', { method: 'HEAD' })];
      expect(head).toMatchObject({ status: 200, text: '' });
      expect(head.headers['set-cookie']).toHaveLength(1);
      expect(Object.keys(head.headers).toSorted()).toEqual(Object.keys(whole.headers).toSorted());
    });

    it('leaves no listener on the request', async () => {
      const { halyard } = await start();
      const count = ({ incoming }: TestRequest) =>
        incoming.eventNames().map((event) => [event, incoming.listenerCount(event)]);
      let before: unknown;
      const get = await serve(
        { before: (request) => (before = count(request)) },
        { flags: halyard, options: { context: async () => Promise.resolve(proUser), anonymous: { secret: SECRET } } },
        { killSwitch: 'payments', of: halyard },
        { requireFlag: 'beta', of: halyard },
        { route: '/', handle: (request) => ({ before, after: count(request) }) },
      );
      const json = (await get('/')).json as { before: unknown; after: unknown };
      expect(json.after).toEqual(json.before);
    });

    it('survives clients that leave while the context is made', async () => {
      const { halyard } = await start();
      const errors = listen(halyard, 'contextError');
      let arrived: () => void = () => undefined;
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const context = async (request: TestRequest) => {
        arrived();
        if (request.header('x-wait') !== undefined) await released;
        return proUser;
      };
      const get = await serve({ flags: halyard, options: { context, contextTimeoutMs: 600_000 } }, showContext);
      const arrival = new Promise<void>((resolve) => (arrived = resolve));
      let leaving: ClientRequest | undefined;
      const left = get('/', { headers: { 'x-wait': 'yes' }, onSent: (sent) => (leaving = sent) });
      await arrival;
      leaving?.destroy();
      await expect(left).rejects.toThrow();
      release();
      expect((await get('/')).json).toEqual(proUser);
      expect(errors).toEqual([]);
    });

    it('tells the decision log the route’s pattern and the request’s id', async () => {
      const { halyard } = await start();
      const evaluations = listen(halyard, 'evaluation');
      const get = await serve(
        { flags: halyard },
        {
          router: '/shop',
          steps: [{ route: '/orders/:id', handle: ({ flags }) => flags.boolean('payments', false) }],
        },
      );
      await get('/shop/orders/42', { headers: { 'x-request-id': 'req-1' } });
      await get('/shop/orders/42', { headers: { 'x-request-id': 'not sane: spaces' } });
      const requests = evaluations.map(({ request }) => ({ route: request?.route, id: request?.id }));
      expect(requests).toEqual([
        { route: '/shop/orders/:id', id: 'req-1' },
        { route: '/shop/orders/:id', id: undefined },
      ]);
    });

    it('takes the request’s id from an option, whose failure harms nobody', async () => {
      const { halyard } = await start();
      const evaluations = listen(halyard, 'evaluation');
      const requestId = (request: TestRequest) => {
        const id = request.header('x-trace');
        if (id === undefined) throw new Error('no trace');
        return id;
      };
      const get = await serve(
        { flags: halyard, options: { requestId } },
        {
          route: '/',
          handle: ({ flags }) => flags.boolean('payments', false),
        },
      );
      await get('/', { headers: { 'x-trace': 't1' } });
      await get('/');
      expect(evaluations.map(({ request }) => request?.id)).toEqual(['t1', undefined]);
    });
  });
}
