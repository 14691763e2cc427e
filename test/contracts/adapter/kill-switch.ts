import { Agent } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../../src/stores/memory-store.js';
import type { Step, TestRequest } from '../adapter-harness.js';
import { type AdapterBench, pass, passport, shop, silent, withFlag } from './bench.js';

export function killSwitchBehaviour({ start, serve, listen, endings }: AdapterBench): void {
  describe('killSwitch()', () => {
    it('answers 503 as problem+json with Retry-After, and nothing keeps it', async () => {
      const { halyard } = await start();
      const blocked = listen(halyard, 'blocked');
      const get = await serve({ route: '/', steps: [{ killSwitch: 'disabled', of: halyard }], handle: () => 'passed' });
      const answer = await get('/');
      expect(answer.status).toBe(503);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'retry-after': '30',
      });
      expect(answer.json).toMatchObject({ type: 'about:blank', title: 'Service Unavailable', status: 503 });
      expect(answer.text).not.toContain('disabled');
      expect(blocked).toEqual([{ flagKey: 'disabled' }]);
    });

    it.each(['disabled', 'needy', 'served-off'])('blocks for %s', async (key) => {
      const { halyard } = await start();
      const get = await serve({ killSwitch: key, of: halyard }, pass);
      expect((await get('/')).status).toBe(503);
    });

    it('passes while the flag is on, and blocks from the moment of a kill', async () => {
      const { halyard } = await start();
      const get = await serve({ killSwitch: 'payments', of: halyard }, pass);
      expect((await get('/')).status).toBe(200);
      const kill = halyard.kill('payments', { by: 'ana', reason: 'test' });
      expect((await get('/')).status).toBe(503);
      await kill;
      await halyard.restore('payments', { by: 'ana', reason: 'test' });
      expect((await get('/')).status).toBe(200);
    });

    it('blocks for a killed flag whose variants are not boolean', async () => {
      const { halyard } = await start();
      const get = await serve({ killSwitch: 'banner', of: halyard }, pass);
      expect((await get('/')).status).toBe(200);
      await halyard.kill('banner', { by: 'ana', reason: 'test' });
      expect((await get('/')).status).toBe(503);
    });

    it.each([
      ['an unknown flag', 'no-such-flag'],
      ['an error: no targeting key', 'new-checkout'],
      ['a value that is not boolean', 'banner'],
    ])('passes for %s', async (_, key) => {
      const { halyard } = await start();
      const get = await serve({ killSwitch: key, of: halyard }, pass);
      expect(await get('/')).toMatchObject({ status: 200, json: 'passed' });
    });

    it('passes while nothing is loaded, unless the flag is killed on this instance', async () => {
      const store = {
        ...memoryStore(shop),
        name: 'broken',
        refuses: 'whole' as const,
        load: () => Promise.reject(new Error('down')),
        close: () => Promise.resolve(),
      };
      const { halyard } = await start({ store, startWithout: true, watch: false, kills: ['signups'] });
      const get = await serve({ killSwitch: 'payments', of: halyard }, { killSwitch: 'payments', of: halyard }, pass);
      expect((await get('/')).status).toBe(200);
      const killed = await serve({ killSwitch: 'signups', of: halyard }, pass);
      expect((await killed('/')).status).toBe(503);
    });

    it('uses the context that the request has', async () => {
      const { halyard } = await start();
      const context = ({ user }: TestRequest) => ({ targetingKey: user, plan: user === 'ana' ? 'pro' : 'free' });
      const get = await serve(
        { flags: halyard, options: { context } },
        passport,
        { killSwitch: 'pro-payments', of: halyard },
        pass,
      );
      expect((await get('/', { headers: { 'x-user': 'ana' } })).status).toBe(503);
      expect((await get('/', { headers: { 'x-user': 'bob' } })).status).toBe(200);
    });

    it('answers ahead of body parsing, and the connection lives on', async () => {
      const { halyard } = await start();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      endings.push(() => agent.destroy());
      const get = await serve({ killSwitch: 'disabled', of: halyard }, { parseJson: true }, pass);
      const question = { method: 'POST', body: '{ not json', headers: { 'content-type': 'application/json' }, agent };
      expect(await get('/', question)).toMatchObject({ status: 503, isReused: false });
      expect(await get('/', question)).toMatchObject({ status: 503, isReused: true });
    });

    it('guards nested routers', async () => {
      const { halyard } = await start();
      const inner: Step = { router: '/refunds', steps: [{ killSwitch: 'disabled', of: halyard }, pass] };
      const get = await serve({ router: '/shop', steps: [inner, pass] }, pass);
      expect((await get('/shop/refunds')).status).toBe(503);
      expect((await get('/shop')).status).toBe(200);
      expect((await get('/')).status).toBe(200);
    });

    it('answers HEAD without a body', async () => {
      const { halyard } = await start();
      const get = await serve({ killSwitch: 'disabled', of: halyard }, pass);
      expect(await get('/', { method: 'HEAD' })).toMatchObject({
        status: 503,
        text: '',
        headers: { 'retry-after': '30' },
      });
    });

    it('says another time to come back', async () => {
      const { halyard } = await start();
      const get = await serve({ killSwitch: 'disabled', of: halyard, options: { retryAfterSeconds: 0 } }, pass);
      expect((await get('/')).headers['retry-after']).toBe('0');
    });

    it('lets a fallback answer', async () => {
      const { halyard } = await start();
      const blocked = listen(halyard, 'blocked');
      const fallback = () => 'pay later';
      const get = await serve({ killSwitch: 'disabled', of: halyard, options: { fallback } }, pass);
      expect(await get('/')).toMatchObject({ status: 200, json: 'pay later' });
      expect(blocked).toHaveLength(1);
    });

    it('hands the error of a fallback to the error handler', async () => {
      const { halyard } = await start();
      const fallback = async () => {
        await nextTurn();
        throw new Error('no fallback either');
      };
      const get = await serve({ killSwitch: 'disabled', of: halyard, options: { fallback } }, pass);
      expect(await get('/')).toMatchObject({ status: 500, json: { error: 'no fallback either' } });
    });

    it('is counted as an evaluation', async () => {
      const { halyard } = await start();
      const evaluations = listen(halyard, 'evaluation');
      const get = await serve({ killSwitch: 'disabled', of: halyard }, pass);
      await get('/');
      expect(evaluations).toEqual([expect.objectContaining({ flagKey: 'disabled', reason: 'DISABLED' })]);
    });

    it('warns once about a key that no document has, with the nearest', async () => {
      const logger = silent();
      const { halyard } = await start({ logger });
      const get = await serve({ killSwitch: 'paymants', of: halyard }, { killSwitch: 'paymants', of: halyard }, pass);
      await get('/');
      await get('/');
      expect(logger.warn.mock.calls.map(([, text]) => text as string)).toEqual([
        'No flag has the key `paymants`. Did you mean `payments`?',
      ]);
    });

    it('throws at construction for a key that no document has, where keys are strict', async () => {
      const { halyard } = await start({ strictKeys: true });
      await expect(serve({ killSwitch: 'paymants', of: halyard })).rejects.toThrow('Did you mean `payments`?');
      await expect(serve({ requireFlag: 'paymants', of: halyard })).rejects.toThrow('Did you mean `payments`?');
    });

    it('works with two Halyards in one application', async () => {
      const { halyard } = await start();
      const { halyard: other } = await start({ store: memoryStore(withFlag('payments', { enabled: false })) });
      const context = ({ user }: TestRequest) => ({ targetingKey: user });
      const get = await serve(
        passport,
        { flags: halyard, options: { context } },
        { flags: other, options: { context } },
        {
          route: '/one',
          steps: [
            { killSwitch: 'payments', of: halyard },
            { requireFlag: 'beta', of: halyard },
          ],
          handle: () => 'passed',
        },
        { route: '/other', steps: [{ killSwitch: 'payments', of: other }], handle: () => 'passed' },
      );
      expect((await get('/one', { headers: { 'x-user': 'ana' } })).status).toBe(200);
      expect((await get('/other')).status).toBe(503);
    });
  });
}
