import { afterEach, describe, expect, it, vi } from 'vitest';
import { sign } from '../../../src/request/signed-value.js';
import type { ForcedFlagsOptions } from '../../../src/request/forced-flags-options.js';
import type { HalyardOptions } from '../../../src/halyard-options.js';
import { forceFlags } from '../../../src/testing/index.js';
import type { Step } from '../adapter-harness.js';
import { type AdapterBench, OLDER_SECRET, SECRET, silent } from './bench.js';

export function forcedBehaviour({ start, serve, listen, openFeatureClient, change }: AdapterBench): void {
  describe('forced variants', () => {
    afterEach(() => vi.unstubAllEnvs());

    const readBeta: Step = { route: '/', handle: ({ flags }) => flags.boolean('beta', false) };
    const beta = (options: Partial<Parameters<typeof forceFlags>[1]> = {}) =>
      forceFlags({ beta: true }, { secret: SECRET, ...options });

    async function serveForced(forced: ForcedFlagsOptions, step: Step = readBeta, options?: Partial<HalyardOptions>) {
      const { halyard, store } = await start(options);
      const get = await serve({ flags: halyard, options: { forced } }, { requireFlag: 'payments', of: halyard }, step);
      return { halyard, store, get };
    }

    it('are served to the request that brings a token, in its header or a cookie, and to no other', async () => {
      const { get } = await serveForced({ secret: SECRET });
      const { headers, cookie } = beta();
      expect((await get('/', { headers })).json).toBe(true);
      expect((await get('/', { headers: { cookie: `a=b; ${cookie}; c=d` } })).json).toBe(true);
      expect((await get('/')).json).toBe(false);
    });

    it('are seen by guards', async () => {
      const { halyard } = await start();
      const get = await serve(
        { flags: halyard, options: { forced: { secret: SECRET } } },
        { route: '/beta', steps: [{ requireFlag: 'beta', of: halyard }], handle: () => 'passed' },
        { route: '/pay', steps: [{ killSwitch: 'payments', of: halyard }], handle: () => 'passed' },
      );
      const { headers } = forceFlags({ beta: true, payments: false }, { secret: SECRET });
      expect((await get('/beta')).status).toBe(404);
      expect((await get('/beta', { headers })).status).toBe(200);
      expect((await get('/pay')).status).toBe(200);
      expect((await get('/pay', { headers })).status).toBe(503);
    });

    it('are seen through every kind of read, also by a client of OpenFeature', async () => {
      const { halyard } = await start();
      const client = await openFeatureClient(halyard);
      const get = await serve(
        { flags: halyard, options: { forced: { secret: SECRET } } },
        {
          route: '/',
          handle: async ({ flags }) => ({
            client: await client.getStringDetails('banner', 'default'),
            details: flags.details('banner', 'default'),
            all: flags.all(),
            explanation: String(flags.explain('banner')),
          }),
        },
      );
      const { headers } = forceFlags({ banner: 'none' }, { secret: SECRET });
      expect((await get('/', { headers })).json).toMatchObject({
        client: { value: '', variant: 'none', reason: 'OVERRIDE' },
        details: { value: '', variant: 'none', reason: 'OVERRIDE' },
        all: { banner: '', payments: true },
        explanation: 'banner = "" (variant none, OVERRIDE)\n  ✓ overridden for this request',
      });
    });

    it('leave a flag off that is disabled or killed', async () => {
      const { halyard } = await start();
      const get = await serve(
        { flags: halyard, options: { forced: { secret: SECRET } } },
        { route: '/', handle: ({ flags }) => [flags.boolean('disabled', true), flags.boolean('payments', true)] },
        { route: '/pay', steps: [{ killSwitch: 'payments', of: halyard }], handle: () => 'passed' },
      );
      const { headers } = forceFlags({ disabled: true, payments: true }, { secret: SECRET });
      await halyard.kill('payments', { by: 'ana', reason: 'test' });
      expect((await get('/', { headers })).json).toEqual([false, false]);
      expect((await get('/pay', { headers })).status).toBe(503);
    });

    it('follow a change of the document, and are counted as neither in nor out', async () => {
      const { halyard, store, get } = await serveForced(
        { secret: SECRET },
        { route: '/', handle: ({ flags }) => [flags.boolean('new-checkout', false), flags.string('banner', '')] },
      );
      const requests = listen(halyard, 'request');
      const { headers } = forceFlags({ 'new-checkout': true }, { secret: SECRET });
      expect((await get('/', { headers })).json).toEqual([true, 'Spring!']);
      const document = { ...store.stored.document };
      const banner = { variants: { spring: 'Spring!', none: '' }, serve: 'none' };
      await change(halyard, store, { ...document, flags: { ...document.flags, banner } });
      expect((await get('/', { headers })).json).toEqual([true, '']);
      await vi.waitFor(() => expect(requests).toHaveLength(2));
      expect(requests[0]?.flags.get('new-checkout')).toMatchObject({ reason: 'OVERRIDE', assignment: undefined });
    });

    const inADay = 24 * 60 * 60;
    const forged = (payload: unknown) =>
      sign(Buffer.from(JSON.stringify(payload)).toString('base64url'), 'halyard forced flags', SECRET);
    const soon = Math.floor(Date.now() / 1000) + 600;
    const ignored: readonly (readonly [string, string, string])[] = [
      ['expired', beta({ now: Date.now() - 700_000 }).token, 'expired'],
      ['signed with another secret', beta({ secret: OLDER_SECRET }).token, 'forged'],
      ['changed', beta().token.replace(/^./, 'f'), 'forged'],
      ['cut short', beta().token.slice(0, -1), 'malformed'],
      ['for too long', beta({ now: Date.now() + inADay * 1_000, expiresInSeconds: inADay }).token, 'long-lived'],
      ['for another audience', beta({ audience: 'elsewhere' }).token, 'for another'],
      ['too large', `${'x'.repeat(5_000)}.${'x'.repeat(43)}`, 'malformed'],
      ['no token', 'beta=on', 'malformed'],
      ['signed, but says nothing', forged([1]), 'malformed'],
      ['signed, but without an end', forged({ flags: { beta: 'on' } }), 'malformed'],
      ['signed, but with an answer that is no variant', forged({ flags: { beta: 1 }, exp: soon }), 'malformed'],
    ];

    it.each(ignored)('are not served for a token that is %s', async (_, token, why) => {
      const logger = silent();
      const { get } = await serveForced({ secret: SECRET }, readBeta, { logger });
      const answer = await get('/', { headers: { 'x-halyard-flags': token } });
      const usual = await get('/');
      const { date, ...headers } = answer.headers;
      expect(date).toBeDefined();
      expect({ ...answer, headers }).toMatchObject({ status: 200, json: false, text: usual.text });
      expect(Object.keys(answer.headers)).toEqual(Object.keys(usual.headers));
      const telling: unknown[] = logger.debug.mock.calls;
      expect(telling).toContainEqual([{ why }, expect.stringContaining('was ignored')]);
    });

    it('are not served unless configured', async () => {
      const { halyard } = await start();
      const get = await serve({ flags: halyard }, readBeta);
      expect((await get('/', { headers: beta().headers })).json).toBe(false);
    });

    it('are served for older secrets, for an audience, under other names, and only for flags that are allowed', async () => {
      const forced: ForcedFlagsOptions = {
        secret: [SECRET, OLDER_SECRET],
        audience: 'shop-staging',
        header: 'X-Shop-Flags',
        cookie: 'shop-flags',
        allow: ['beta'],
      };
      const step: Step = {
        route: '/',
        handle: ({ flags }) => [flags.boolean('beta', false), flags.boolean('served-off', false)],
      };
      const { get } = await serveForced(forced, step);
      const { audience, header, cookie } = forced as Required<ForcedFlagsOptions>;
      const variants = { beta: true, 'served-off': true, 'no-such-flag': true };
      const made = forceFlags(variants, { secret: OLDER_SECRET, audience, header, cookie });
      expect((await get('/', { headers: made.headers })).json).toEqual([true, false]);
      expect((await get('/', { headers: { cookie: made.cookie } })).json).toEqual([true, false]);
    });

    it('need a word of their own in production', async () => {
      vi.stubEnv('NODE_ENV', 'production');
      const logger = silent();
      await expect(serveForced({ secret: SECRET })).rejects.toThrow('write `inProduction: true`');
      const { get } = await serveForced({ secret: SECRET, inProduction: true }, readBeta, { logger });
      expect(logger.warn.mock.calls).toEqual([[{}, expect.stringContaining('x-halyard-flags')]]);
      expect((await get('/', { headers: beta().headers })).json).toBe(true);
      expect((await get('/', { headers: beta().headers })).json).toBe(true);
      expect(logger.warn.mock.calls).toHaveLength(1);
      expect((await get('/')).json).toBe(false);
    });
  });
}
