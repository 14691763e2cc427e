import { OpenFeature } from '@openfeature/server-sdk';
import { describe, expect, it } from 'vitest';
import type { TestRequest } from '../adapter-harness.js';
import { type AdapterBench, passport, proUser } from './bench.js';
import { TracingPropagator } from './foreign-propagators.js';

export function withoutTransactionBehaviour({ start, serve, openFeatureClient, listen }: AdapterBench): void {
  describe('transactionContext: false', () => {
    const context = ({ user }: TestRequest) => ({ targetingKey: user, plan: user === 'ana' ? 'pro' : 'free' });
    const options = { context, transactionContext: false };
    const asAna = { headers: { 'x-user': 'ana' } };

    it('keeps the request’s context from OpenFeature’s clients', async () => {
      const { halyard } = await start();
      const client = await openFeatureClient(halyard);
      const get = await serve({ flags: halyard, options }, passport, {
        route: '/',
        handle: async ({ flags }) => [
          flags.boolean('pro-feature', false),
          await client.getBooleanValue('pro-feature', false),
          OpenFeature.getTransactionContext(),
        ],
      });
      expect((await get('/', asAna)).json).toEqual([true, false, {}]);
    });

    it('leaves OpenFeature’s propagator and its context alone', async () => {
      const { halyard } = await start();
      const propagator = new TracingPropagator();
      OpenFeature.setTransactionContextPropagator(propagator);
      const get = await serve(
        { around: (next) => OpenFeature.setTransactionContext({ plan: 'pro', region: 'eu' }, next) },
        { flags: halyard, options: { ...options, context: () => ({ targetingKey: 'bob' }) } },
        { route: '/', handle: ({ flags }) => [flags.context, OpenFeature.getTransactionContext()] },
      );
      expect((await get('/')).json).toEqual([{ targetingKey: 'bob' }, { plan: 'pro', region: 'eu' }]);
      expect(propagator.count).toBe(1);
    });

    it('changes nothing else: authentication, identify(), guards, one flag set, the event of the request', async () => {
      const { halyard } = await start();
      const evaluations = listen(halyard, 'evaluation');
      const get = await serve({ flags: halyard, options }, { killSwitch: 'pro-payments', of: halyard }, passport, {
        route: '/',
        steps: [{ requireFlag: 'beta', of: halyard }],
        handle({ flags }) {
          const before = flags.context;
          flags.identify({ targetingKey: 'bob' });
          return [before, flags.boolean('beta', false), flags.context];
        },
      });
      expect((await get('/', asAna)).json).toEqual([proUser, false, { targetingKey: 'bob' }]);
      expect((await get('/')).status).toBe(404);
      const asked = evaluations.map(({ flagKey, value }) => [flagKey, value]);
      expect(asked).toEqual([
        ['pro-payments', true],
        ['beta', true],
        ['beta', false],
        ['pro-payments', true],
        ['beta', false],
      ]);
    });

    it('goes beside a flags() with a transaction context', async () => {
      const { halyard } = await start();
      const client = await openFeatureClient(halyard);
      const get = await serve(
        { flags: halyard, options: { context } },
        { flags: halyard, options: { ...options, context: () => ({ tenant: 't1' }) } },
        passport,
        {
          route: '/',
          handle: async ({ flags }) => [flags.context, await client.getBooleanValue('pro-feature', false)],
        },
      );
      expect((await get('/', asAna)).json).toEqual([{ tenant: 't1' }, true]);
    });
  });
}
