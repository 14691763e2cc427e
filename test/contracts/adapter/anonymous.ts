import { describe, expect, it } from 'vitest';
import type { AnonymousIdOptions } from '../../../src/request/anonymous-id-options.js';
import type { EvaluationContext } from '../../../src/evaluation/evaluation-context.js';
import type { TestRequest } from '../adapter-harness.js';
import type { Answer } from '../http-client.js';
import { type AdapterBench, OLDER_SECRET, passport, proUser, SECRET, showContext } from './bench.js';

export function anonymousBehaviour({ start, serve }: AdapterBench): void {
  describe('anonymous ids', () => {
    const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const anonymous = { secret: [SECRET, OLDER_SECRET] };
    const cookieOf = (answer: Answer) => answer.headers['set-cookie']?.[0]?.split(';')[0];
    const idOf = (answer: Answer) => (answer.json as EvaluationContext).targetingKey;
    const byUser = ({ user }: TestRequest) => ({ targetingKey: user });

    async function serveContext(options: AnonymousIdOptions = anonymous) {
      const { halyard } = await start();
      return serve({ flags: halyard, options: { context: byUser, anonymous: options } }, passport, showContext);
    }

    it('are issued in a signed cookie that no script can read, and are the targeting key', async () => {
      const get = await serveContext();
      const answer = await get('/');
      expect(answer.json).toEqual({ targetingKey: expect.stringMatching(UUID), anonymousId: idOf(answer) });
      expect(answer.headers['set-cookie']).toEqual([
        expect.stringMatching(/^halyard_id=[\w.-]+; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/),
      ]);
    });

    it('travel over TLS alone where they were issued over TLS', async () => {
      const get = await serveContext();
      const answer = await get('/', { headers: { 'x-forwarded-proto': 'https' } });
      expect(answer.headers['set-cookie']?.[0]).toContain('; Secure');
    });

    it('are the same when the cookie comes back, and no cookie is set again', async () => {
      const get = await serveContext();
      const first = await get('/');
      const second = await get('/', { headers: { cookie: `a=b; ${cookieOf(first) ?? ''}; c=d` } });
      expect(second.json).toEqual(first.json);
      expect(second.headers['set-cookie']).toBeUndefined();
    });

    it('stay in the context after login, so that `by: anonymousId` keeps its answer', async () => {
      const { halyard } = await start();
      const get = await serve({ flags: halyard, options: { context: byUser, anonymous } }, passport, {
        route: '/',
        handle: ({ flags }) => ({ ...flags.context, value: flags.boolean('by-browser', false) }),
      });
      const before = await get('/');
      const after = await get('/', { headers: { cookie: cookieOf(before) ?? '', 'x-user': 'ana' } });
      expect(after.json).toEqual({ ...(before.json as object), targetingKey: 'ana' });
    });

    it('stay under identify()', async () => {
      const { halyard } = await start();
      const get = await serve(
        { flags: halyard, options: { anonymous } },
        { before: ({ flags }) => flags.identify(proUser) },
        showContext,
      );
      expect((await get('/')).json).toEqual({ ...proUser, anonymousId: expect.stringMatching(UUID) });
    });

    it.each([
      ['forged', `halyard_id=11111111-1111-4111-8111-111111111111.${'A'.repeat(43)}`],
      ['cut short', 'halyard_id=11111111-1111-4111-8111-111111111111'],
      ['empty', 'halyard_id='],
      ['malformed', 'halyard_id=%E0%A4%A; ;;=;=x; halyard_id'],
      ['huge', `halyard_id=${'x'.repeat(8_000)}`],
      ['many', Array.from({ length: 500 }, (_, index) => `halyard_id=${index}`).join('; ')],
    ])('are issued anew for a cookie that is %s', async (_, cookie) => {
      const get = await serveContext();
      const answer = await get('/', { headers: { cookie } });
      expect(answer.status).toBe(200);
      expect(idOf(answer)).toMatch(UUID);
      expect(idOf(answer)).not.toContain('11111111');
      expect(answer.headers['set-cookie']).toHaveLength(1);
    });

    it('are kept and signed again when an older secret signed them', async () => {
      const older = await (await serveContext({ secret: OLDER_SECRET }))('/');
      const get = await serveContext();
      const answer = await get('/', { headers: { cookie: cookieOf(older) ?? '' } });
      expect(answer.json).toEqual(older.json);
      const again = await (
        await serveContext({ secret: SECRET })
      )('/', { headers: { cookie: cookieOf(answer) ?? '' } });
      expect(again.json).toEqual(older.json);
    });

    it('are issued anew when the secret that signed them is gone', async () => {
      const older = await (await serveContext({ secret: OLDER_SECRET }))('/');
      const get = await serveContext({ secret: SECRET });
      const answer = await get('/', { headers: { cookie: cookieOf(older) ?? '' } });
      expect(idOf(answer)).not.toBe(idOf(older));
    });

    it('are issued once by two flags() in one request, and leave other cookies alone', async () => {
      const { halyard } = await start();
      const get = await serve(
        { flags: halyard, options: { anonymous } },
        { flags: halyard, options: { anonymous } },
        showContext,
      );
      expect((await get('/')).headers['set-cookie']).toHaveLength(1);
    });
  });
}
