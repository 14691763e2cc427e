import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { describe, expect, it } from 'vitest';
import type { Step, TestRequest } from '../adapter-harness.js';
import { type AdapterBench, passport, proUser, showContext } from './bench.js';
import { CopyingPropagator, TracingPropagator } from './foreign-propagators.js';

export function transactionBehaviour({ start, serve, openFeatureClient }: AdapterBench): void {
  describe('the transaction context', () => {
    async function serveClient(ask: (request: TestRequest, client: Client) => unknown, ...before: Step[]) {
      const { halyard } = await start();
      const client = await openFeatureClient(halyard);
      const context = ({ user }: TestRequest) => ({ targetingKey: user, plan: user === 'ana' ? 'pro' : 'free' });
      return serve({ flags: halyard, options: { context } }, ...before, passport, {
        route: '/',
        handle: (request) => ask(request, client),
      });
    }
    const isPro = (client: Client) => client.getBooleanValue('pro-feature', false);
    const asAna = { headers: { 'x-user': 'ana' } };

    it('is seen by an OpenFeature client in a handler', async () => {
      const get = await serveClient((_, client) => isPro(client));
      expect((await get('/', asAna)).json).toBe(true);
      expect((await get('/')).json).toBe(false);
    });

    it('is seen across await, timers and turns', async () => {
      const get = await serveClient(async (_, client) => {
        await Promise.resolve();
        const first = await isPro(client);
        const second = await new Promise((resolve) => setTimeout(() => resolve(isPro(client)), 1));
        const third = await new Promise((resolve) => setImmediate(() => resolve(isPro(client))));
        const fourth = await new Promise((resolve) => process.nextTick(() => resolve(isPro(client))));
        return [first, second, third, fourth];
      });
      expect((await get('/', asAna)).json).toEqual([true, true, true, true]);
    });

    it('is seen after the body was parsed, however many packets it came in', async () => {
      const get = await serveClient(
        async ({ body }, client) => [(body as { text: string }).text.length, await isPro(client)],
        {
          parseJson: true,
        },
      );
      for (const length of [10, 2_000_000]) {
        const body = JSON.stringify({ text: 'x'.repeat(length) });
        const answer = await get('/', {
          method: 'POST',
          body,
          headers: { 'x-user': 'ana', 'content-type': 'application/json' },
        });
        expect(answer.json).toEqual([length, true]);
      }
    });

    it('is seen while and after a stream is read', async () => {
      const get = await serveClient(async ({ incoming }, client) => {
        const through = new PassThrough().resume();
        await pipeline(incoming, through);
        return isPro(client);
      });
      const question = { method: 'POST', body: Buffer.alloc(1_000_000), headers: { 'x-user': 'ana' } };
      expect((await get('/', question)).json).toBe(true);

      const iterated = await serveClient(async ({ incoming }, client) => {
        const seen = new Set<boolean>();
        for await (const chunk of incoming) seen.add((chunk as Buffer).length > 0 && (await isPro(client)));
        return [...seen];
      });
      expect((await iterated('/', question)).json).toEqual([true]);
    });

    it('is seen by listeners of the request and the response', async () => {
      let finished: Promise<unknown> | undefined;
      const get = await serveClient(({ incoming, outgoing }, client) => {
        finished = new Promise((resolve) => outgoing.once('finish', () => resolve(isPro(client))));
        return new Promise((resolve) => incoming.resume().once('end', () => resolve(isPro(client))));
      });
      const answer = await get('/', { method: 'POST', body: Buffer.alloc(1_000_000), ...asAna });
      expect([answer.json, await finished]).toEqual([true, true]);
    });

    it('is not seen outside a request', async () => {
      const get = await serveClient((_, client) => isPro(client));
      await get('/', asAna);
      expect(OpenFeature.getTransactionContext()).toEqual({});
    });

    it('is propagated by whatever propagator works already', async () => {
      const propagator = new TracingPropagator();
      OpenFeature.setTransactionContextPropagator(propagator);
      const get = await serveClient((_, client) => isPro(client));
      const before = propagator.count;
      expect((await get('/', asAna)).json).toBe(true);
      expect(propagator.count).toBeGreaterThan(before);
    });

    it('sees the later user on the request even where a propagator copies the context at once', async () => {
      OpenFeature.setTransactionContextPropagator(new CopyingPropagator());
      const get = await serveClient(async ({ flags }, client) => [
        flags.boolean('pro-feature', false),
        await isPro(client),
      ]);
      expect((await get('/', asAna)).json).toEqual([true, false]);
    });

    it('is not needed: a propagator that throws later harms no request', async () => {
      const propagator = new TracingPropagator();
      OpenFeature.setTransactionContextPropagator(propagator);
      const { halyard } = await start();
      const get = await serve({ flags: halyard, options: { context: () => proUser } }, showContext);
      propagator.isBroken = true;
      expect(await get('/')).toMatchObject({ status: 200, json: proUser });
    });
  });
}
