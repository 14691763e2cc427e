import { Agent } from 'node:http';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { OpenFeature } from '@openfeature/server-sdk';
import { describe, expect, it, vi } from 'vitest';
import type { TestRequest } from '../adapter-harness.js';
import { type AdapterBench, pass, passport, proUser, showContext, silent } from './bench.js';
import { TracingPropagator } from './foreign-propagators.js';

export function contextBehaviour({ start, serve, openFeatureClient, listen, endings }: AdapterBench): void {
  describe('the context', () => {
    it('comes from a plain function', async () => {
      const { halyard } = await start();
      const get = await serve(
        { flags: halyard, options: { context: (request) => ({ targetingKey: request.header('x-user') }) } },
        showContext,
      );
      expect((await get('/', { headers: { 'x-user': 'ana' } })).json).toEqual({ targetingKey: 'ana' });
    });

    it('comes from an async function, which is awaited before the request goes on', async () => {
      const { halyard } = await start();
      const context = async () => {
        await nextTurn();
        return proUser;
      };
      const get = await serve(
        { flags: halyard, options: { context } },
        { route: '/', handle: ({ flags }) => [flags.boolean('pro-feature', false), flags.context] },
      );
      expect((await get('/')).json).toEqual([true, proUser]);
    });

    it('is empty without a function', async () => {
      const { halyard } = await start();
      const get = await serve({ flags: halyard }, showContext);
      expect((await get('/')).json).toEqual({});
    });

    it('sees the user that authentication after flags() found', async () => {
      const { halyard } = await start();
      const context = ({ user }: TestRequest) => ({ targetingKey: user });
      const get = await serve({ flags: halyard, options: { context } }, passport, {
        route: '/',
        handle: ({ flags }) => flags.boolean('beta', false),
      });
      expect((await get('/', { headers: { 'x-user': 'ana' } })).json).toBe(true);
      expect((await get('/', { headers: { 'x-user': 'bob' } })).json).toBe(false);
    });

    it('is not settled by a flag that is the same for everyone, nor by a kill switch', async () => {
      const { halyard } = await start();
      const context = ({ user }: TestRequest) => ({ targetingKey: user, plan: user === undefined ? 'free' : 'pro' });
      const get = await serve(
        { flags: halyard, options: { context } },
        { before: ({ flags }) => flags.boolean('payments', false) },
        { killSwitch: 'pro-payments', of: halyard },
        passport,
        { route: '/', handle: ({ flags }) => flags.context },
      );
      expect((await get('/', { headers: { 'x-user': 'ana' } })).json).toEqual(proUser);
    });

    it('is not settled by a kill switch behind two flags() either', async () => {
      const { halyard } = await start();
      const context = ({ user }: TestRequest) => ({ targetingKey: user });
      const get = await serve(
        { flags: halyard, options: { context } },
        { flags: halyard, options: { context: ({ user }) => ({ plan: user === undefined ? 'free' : 'pro' }) } },
        { killSwitch: 'pro-payments', of: halyard },
        passport,
        showContext,
      );
      expect((await get('/', { headers: { 'x-user': 'ana' } })).json).toEqual(proUser);
    });

    it('is made once, and not at all where no flag is read', async () => {
      const { halyard } = await start();
      const context = vi.fn(() => proUser);
      const read = ({ flags }: TestRequest) => [
        flags.boolean('pro-feature', false),
        flags.boolean('beta', false),
        flags.context,
      ];
      const get = await serve({ flags: halyard, options: { context } }, { route: '/read', handle: read }, pass);
      await get('/');
      expect(context).not.toHaveBeenCalled();
      expect((await get('/read')).json).toEqual([true, true, proUser]);
      expect(context).toHaveBeenCalledOnce();
    });

    it.each<[string, () => never]>([
      [
        'throws',
        () => {
          throw new Error('broken');
        },
      ],
      ['returns a text', () => 'ana' as never],
      ['returns an array', () => ['ana'] as never],
      ['returns a promise without being async', () => Promise.resolve(proUser) as never],
      ['returns a promise that rejects', () => Promise.reject(new Error('broken')) as never],
      [
        'returns something that cannot be read',
        () =>
          ({
            get plan(): string {
              throw new Error('broken');
            },
          }) as never,
      ],
    ])('is empty and counted when a plain function %s', async (_, context) => {
      const { halyard } = await start();
      const errors = listen(halyard, 'contextError');
      const get = await serve({ flags: halyard, options: { context } }, showContext);
      expect(await get('/')).toMatchObject({ status: 200, json: {} });
      expect(errors).toEqual([{ error: expect.any(Error) }]);
    });

    it.each<[string, () => Promise<never>]>([
      [
        'throws',
        async () => {
          await nextTurn();
          throw new Error('broken');
        },
      ],
      ['throws at once', async () => Promise.reject(new Error('broken'))],
      ['hangs', async () => new Promise<never>(() => undefined)],
      ['resolves with a text', async () => Promise.resolve('ana' as never)],
    ])('is empty and counted when an async function %s', async (_, context) => {
      const { halyard } = await start();
      const errors = listen(halyard, 'contextError');
      const get = await serve({ flags: halyard, options: { context, contextTimeoutMs: 20 } }, showContext);
      expect(await get('/')).toMatchObject({ status: 200, json: {} });
      expect(errors).toEqual([{ error: expect.any(Error) }]);
    });

    it('is empty, and no error, when the function knows nothing', async () => {
      const { halyard } = await start();
      const errors = listen(halyard, 'contextError');
      const get = await serve({ flags: halyard, options: { context: () => undefined } }, showContext);
      expect((await get('/')).json).toEqual({});
      expect(errors).toEqual([]);
    });

    it('logs the first failure and counts every one', async () => {
      const logger = silent();
      const { halyard } = await start({ logger });
      const errors = listen(halyard, 'contextError');
      const context = () => {
        throw new Error('broken');
      };
      const get = await serve({ flags: halyard, options: { context } }, showContext);
      for (let request = 0; request < 3; request++) await get('/');
      expect(errors).toHaveLength(3);
      expect(logger.error).toHaveBeenCalledOnce();
    });

    it('is merged over the transaction context from before', async () => {
      const { halyard } = await start();
      const outer = { region: 'eu', plan: 'free', targetingKey: 'outer' };
      OpenFeature.setTransactionContextPropagator(new TracingPropagator());
      const get = await serve(
        { around: (next) => OpenFeature.setTransactionContext(outer, next) },
        { flags: halyard, options: { context: () => ({ targetingKey: undefined, plan: 'pro' }) } },
        { route: '/', handle: ({ flags }) => [flags.context, { ...OpenFeature.getTransactionContext() }] },
      );
      const merged = { region: 'eu', plan: 'pro', targetingKey: 'outer' };
      expect((await get('/')).json).toEqual([merged, merged]);
    });

    it('is merged over that of a flags() mounted before', async () => {
      const { halyard } = await start();
      const get = await serve(
        { flags: halyard, options: { context: () => ({ ...proUser, level: 'outer' }) } },
        {
          router: '/inner',
          steps: [{ flags: halyard, options: { context: () => ({ tenant: 't1', level: 'inner' }) } }, showContext],
        },
        showContext,
      );
      expect((await get('/inner')).json).toEqual({ ...proUser, tenant: 't1', level: 'inner' });
      expect((await get('/')).json).toEqual({ ...proUser, level: 'outer' });
    });

    it('never crosses from one of 1,000 interleaved requests to another', async () => {
      const { halyard } = await start();
      const client = await openFeatureClient(halyard);
      const get = await serve(
        { flags: halyard, options: { context: ({ user }) => ({ targetingKey: user }) } },
        { parseJson: true },
        passport,
        {
          route: '/',
          async handle({ flags, user }) {
            const before = flags.boolean('new-checkout', false);
            await delay(Number(user?.slice(5)) % 4);
            const seen = OpenFeature.getTransactionContext().targetingKey;
            await nextTurn();
            return [before, await client.getBooleanValue('new-checkout', false), seen, flags.context.targetingKey];
          },
        },
      );
      const agent = new Agent({ keepAlive: true, maxSockets: 100 });
      endings.push(() => agent.destroy());
      const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
      const answers = await Promise.all(users.map((user) => get('/', { agent, headers: { 'x-user': user } })));
      const expected = users.map((targetingKey) => {
        const value = halyard.boolean('new-checkout', false, { targetingKey });
        return [value, value, targetingKey, targetingKey];
      });
      expect(answers.map(({ json }) => json)).toEqual(expected);
    });
  });
}
