import { OpenFeature } from '@openfeature/server-sdk';
import { describe, expect, it, vi } from 'vitest';
import { type AdapterBench, proUser, showContext } from './bench.js';
import { TracingPropagator } from './foreign-propagators.js';

export function identifyBehaviour({ start, serve, openFeatureClient, listen }: AdapterBench): void {
  describe('identify()', () => {
    it('replaces the context, for the flags and for OpenFeature', async () => {
      const { halyard } = await start();
      const client = await openFeatureClient(halyard);
      const get = await serve(
        { flags: halyard, options: { context: () => ({ targetingKey: 'guest', cart: 3 }) } },
        {
          route: '/',
          async handle({ flags }) {
            const before = [flags.boolean('pro-feature', false), await client.getBooleanValue('pro-feature', false)];
            flags.identify(proUser);
            const after = [flags.boolean('pro-feature', false), await client.getBooleanValue('pro-feature', false)];
            return { before, after, context: flags.context, transaction: { ...OpenFeature.getTransactionContext() } };
          },
        },
      );
      const expected = { before: [false, false], after: [true, true], context: proUser, transaction: proUser };
      expect((await get('/')).json).toEqual(expected);
    });

    it('keeps the transaction context from before under it', async () => {
      const { halyard } = await start();
      OpenFeature.setTransactionContextPropagator(new TracingPropagator());
      const get = await serve(
        { around: (next) => OpenFeature.setTransactionContext({ region: 'eu' }, next) },
        { flags: halyard, options: { context: () => ({ cart: 3 }) } },
        { before: ({ flags }) => flags.identify(proUser) },
        showContext,
      );
      expect((await get('/')).json).toEqual({ region: 'eu', ...proUser });
    });

    it('is enough: the function is not called any more', async () => {
      const { halyard } = await start();
      const context = vi.fn(() => ({ targetingKey: 'guest' }));
      const get = await serve(
        { flags: halyard, options: { context } },
        { before: ({ flags }) => flags.identify(proUser) },
        showContext,
      );
      expect((await get('/')).json).toEqual(proUser);
      expect(context).not.toHaveBeenCalled();
    });

    it('reaches every flags() that the request passed', async () => {
      const { halyard } = await start();
      const { halyard: other } = await start();
      const context = () => ({ targetingKey: 'guest', plan: 'free' });
      const get = await serve(
        { flags: other, options: { context } },
        { flags: halyard, options: { context } },
        { before: ({ flags }) => flags.identify({ targetingKey: 'ana' }) },
        { requireFlag: 'beta', of: other },
        showContext,
      );
      expect(await get('/')).toMatchObject({ status: 200, json: { targetingKey: 'ana' } });
    });

    it('takes nonsense for an empty context, and counts it', async () => {
      const { halyard } = await start();
      const errors = listen(halyard, 'contextError');
      const get = await serve(
        { flags: halyard },
        { before: ({ flags }) => flags.identify('ana' as never) },
        showContext,
      );
      expect(await get('/')).toMatchObject({ status: 200, json: {} });
      expect(errors).toHaveLength(1);
    });
  });
}
