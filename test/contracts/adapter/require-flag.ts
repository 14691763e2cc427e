import { describe, expect, it } from 'vitest';
import type { FlagStore } from '../../../src/stores/flag-store.js';
import type { Step, TestRequest } from '../adapter-harness.js';
import { type AdapterBench, pass, passport } from './bench.js';

export function requireFlagBehaviour({ start, serve, listen }: AdapterBench): void {
  describe('requireFlag()', () => {
    it('passes on true alone', async () => {
      const { halyard } = await start();
      const context = ({ user }: TestRequest) => ({ targetingKey: user });
      const get = await serve(
        passport,
        { flags: halyard, options: { context } },
        { requireFlag: 'beta', of: halyard },
        pass,
      );
      expect((await get('/', { headers: { 'x-user': 'ana' } })).status).toBe(200);
      expect((await get('/', { headers: { 'x-user': 'bob' } })).status).toBe(404);
    });

    it.each(['no-such-flag', 'new-checkout', 'banner', 'disabled', 'needy', 'served-off'])(
      'refuses for %s',
      async (key) => {
        const { halyard } = await start();
        const blocked = listen(halyard, 'blocked');
        const get = await serve({ requireFlag: key, of: halyard }, pass);
        expect((await get('/')).status).toBe(404);
        expect(blocked).toEqual([]);
      },
    );

    it('refuses while nothing is loaded', async () => {
      const store: FlagStore = {
        name: 'broken',
        refuses: 'whole',
        load: () => Promise.reject(new Error('down')),
        close: () => Promise.resolve(),
      };
      const { halyard } = await start({ store, startWithout: true, watch: false });
      const get = await serve({ flags: halyard }, { requireFlag: 'payments', of: halyard }, pass);
      expect((await get('/')).status).toBe(404);
    });

    it('refuses when the context cannot be made', async () => {
      const { halyard } = await start();
      const context = () => {
        throw new Error('broken');
      };
      const get = await serve({ flags: halyard, options: { context } }, { requireFlag: 'beta', of: halyard }, pass);
      expect((await get('/')).status).toBe(404);
    });

    it('guards nested routers, ahead of body parsing', async () => {
      const { halyard } = await start();
      const inner: Step = {
        router: '/drafts',
        steps: [{ requireFlag: 'beta', of: halyard }, { parseJson: true }, pass],
      };
      const get = await serve({ router: '/shop', steps: [inner, pass] });
      const question = { method: 'POST', body: '{ not json', headers: { 'content-type': 'application/json' } };
      expect((await get('/shop/drafts', question)).status).toBe(404);
      expect((await get('/shop')).status).toBe(200);
    });

    it('hands the error of a fallback to the error handler', async () => {
      const { halyard } = await start();
      const fallback = () => {
        throw new Error('no fallback either');
      };
      const get = await serve({ requireFlag: 'beta', of: halyard, options: { fallback } }, pass);
      expect(await get('/')).toMatchObject({ status: 500, json: { error: 'no fallback either' } });
    });

    it('answers as if there were nothing, and tells of no flag', async () => {
      const { halyard } = await start();
      const get = await serve({ requireFlag: 'beta', of: halyard }, pass);
      const answer = await get('/');
      expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
      expect(answer.json).toEqual({ type: 'about:blank', title: 'Not Found', status: 404 });
      expect(answer.text + JSON.stringify(answer.headers)).not.toMatch(/beta|flag|halyard/i);
    });

    it('answers with another status, or lets a fallback answer', async () => {
      const { halyard } = await start();
      const get = await serve(
        {
          route: '/status',
          steps: [{ requireFlag: 'beta', of: halyard, options: { status: 403 } }],
          handle: () => 'passed',
        },
        {
          route: '/fallback',
          steps: [{ requireFlag: 'beta', of: halyard, options: { fallback: () => 'soon' } }],
          handle: () => 'passed',
        },
      );
      expect(await get('/status')).toMatchObject({ status: 403, json: { title: 'Forbidden', status: 403 } });
      expect(await get('/fallback')).toMatchObject({ status: 200, json: 'soon' });
    });

    it('answers HEAD without a body', async () => {
      const { halyard } = await start();
      const get = await serve({ requireFlag: 'beta', of: halyard }, pass);
      expect(await get('/', { method: 'HEAD' })).toMatchObject({ status: 404, text: '' });
    });
  });
}
