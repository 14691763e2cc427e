import type { ClientRequest, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { WrittenBreaker } from '../../../src/flags/flag-document.js';
import type { Halyard } from '../../../src/halyard.js';
import { type MemoryStore, memoryStore } from '../../../src/stores/memory-store.js';
import type { Handler, Step } from '../adapter-harness.js';
import type { Answer, Question } from '../http-client.js';
import { type AdapterBench, shop } from './bench.js';
import { createGate } from './gate.js';

const breaker: WrittenBreaker = { errorRate: 0.5, minimumRequests: 4, windowSeconds: 10, cooldownSeconds: 30 };

type Ask = (path: string, question?: Question) => Promise<Answer>;

export function breakerBehaviour({ start, serve, listen }: AdapterBench): void {
  describe('killSwitch() with a breaker', () => {
    /** A Halyard whose flag `payments` has a breaker, and a clock that stands still until it is told. */
    async function startGuarded(more: WrittenBreaker = {}) {
      let now = Date.UTC(2027, 0, 1);
      const payments = { kind: 'operational' as const, breaker: { ...breaker, ...more } };
      const store: MemoryStore = memoryStore({ ...shop, flags: { ...shop.flags, payments } });
      const { halyard } = await start({ store, clock: { now: () => now } });
      return { halyard, wait: (milliseconds: number) => void (now += milliseconds) };
    }

    const guarded = (of: Halyard, path: string, handle: Handler): Step => ({
      route: path,
      steps: [{ killSwitch: 'payments', of }],
      handle,
    });

    const fails: Handler = () => {
      throw new Error('broken');
    };

    const withStatus =
      (status: number): Handler =>
      ({ outgoing }) =>
        void outgoing.writeHead(status).end('done');

    /** Does something that ends the response; the handler itself never does. */
    const cutting =
      (cut: (outgoing: ServerResponse) => unknown): Handler =>
      async ({ outgoing }) => {
        cut(outgoing);
        await new Promise(() => undefined);
      };

    const isOpen = (halyard: Halyard): boolean => halyard.breakers().some(({ status }) => status === 'open');

    const requestsOf = (halyard: Halyard): number => halyard.breakers()[0]?.requests ?? 0;

    /** Asks one after another, and waits until each counted: a response's end is seen after the client has its answer. */
    async function askTimes(times: number, get: Ask, halyard: Halyard, path = '/', question?: Question): Promise<void> {
      for (let count = 0; count < times; count += 1) {
        const before = requestsOf(halyard);
        await get(path, question).catch(() => undefined);
        await vi.waitFor(() => expect(isOpen(halyard) || requestsOf(halyard) > before).toBe(true));
      }
    }

    it('trips where every request fails, answers 503 for the rest of the cooldown, and recovers by itself', async () => {
      const { halyard, wait } = await startGuarded();
      const [trips, resets, blocked] = [listen(halyard, 'trip'), listen(halyard, 'reset'), listen(halyard, 'blocked')];
      let isBroken = true;
      const get = await serve(
        guarded(halyard, '/', (request) => (isBroken ? fails(request) : 'paid')),
        { route: '/other', handle: () => 'fine' },
      );
      await askTimes(4, get, halyard);
      expect(trips).toMatchObject([{ flagKey: 'payments', evidence: { cause: 'errors', requests: 4, failures: 4 } }]);

      wait(10_500);
      const refused = await get('/');
      expect(refused).toMatchObject({
        status: 503,
        headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'retry-after': '20' },
      });
      expect(refused.text).not.toContain('payments');
      expect(blocked).toEqual([{ flagKey: 'payments' }]);
      expect((await get('/other')).json).toBe('fine');

      isBroken = false;
      wait(19_500);
      expect(await get('/')).toMatchObject({ status: 200, json: 'paid' });
      await vi.waitFor(() => expect(resets).toEqual([{ flagKey: 'payments', cause: 'probe' }]));
      expect(await get('/')).toMatchObject({ status: 200, json: 'paid' });
    });

    it.each<[string, Handler]>([
      ['throws', fails],
      [
        'rejects later',
        async (request) => {
          await nextTurn();
          return fails(request);
        },
      ],
      ['answers 500', withStatus(500)],
      ['answers 503', withStatus(503)],
      ['ends the connection', cutting((outgoing) => outgoing.destroy())],
      ['breaks a stream off', cutting((outgoing) => outgoing.writeHead(200).write('first', () => outgoing.destroy()))],
    ])('counts a route that %s as failed', async (_, handle) => {
      const { halyard } = await startGuarded();
      const get = await serve(guarded(halyard, '/', handle));
      await askTimes(4, get, halyard);
      expect(halyard.breakers()[0]?.trip?.evidence).toMatchObject({ requests: 4, failures: 4 });
    });

    it('counts a route that is slow as slow', async () => {
      const { halyard, wait } = await startGuarded({ slowMs: 500 });
      const get = await serve(guarded(halyard, '/', () => wait(501)));
      await askTimes(4, get, halyard);
      expect(halyard.breakers()[0]?.trip?.evidence).toMatchObject({ cause: 'slow', requests: 4, failures: 0, slow: 4 });
    });

    it('counts a stream when it ends', async () => {
      const { halyard, wait } = await startGuarded({ slowMs: 500 });
      const begun = createGate();
      const isRead = createGate();
      const stream = async (outgoing: ServerResponse): Promise<void> => {
        outgoing.writeHead(200).write('first');
        begun.open();
        await isRead.isOpen;
        outgoing.end('last');
      };
      const get = await serve(guarded(halyard, '/', ({ outgoing }) => stream(outgoing)));
      const answer = get('/');
      await begun.isOpen;
      expect(requestsOf(halyard)).toBe(0);
      wait(501);
      isRead.open();
      expect((await answer).text).toBe('firstlast');
      await vi.waitFor(() => expect(halyard.breakers()[0]).toMatchObject({ requests: 1, failures: 0, slow: 1 }));
    });

    it('never counts what the client did wrong', async () => {
      const { halyard } = await startGuarded();
      const get = await serve(
        guarded(
          halyard,
          '/',
          ({ outgoing, header }) => void outgoing.writeHead(Number(header('x-status'))).end('done'),
        ),
      );
      for (const status of ['400', '401', '404', '422', '429', '499'])
        await get('/', { headers: { 'x-status': status } });
      await askTimes(3, get, halyard, '/', { headers: { 'x-status': '500' } });
      expect(halyard.breakers()[0]).toMatchObject({ status: 'closed', requests: 3, failures: 3 });
    });

    it('never counts a request that the client cut', async () => {
      const { halyard } = await startGuarded();
      const leave = { onSent: (sent: ClientRequest) => void sent.once('response', () => sent.destroy()) };
      const closed: Promise<unknown>[] = [];
      const get = await serve(
        guarded(halyard, '/cut', ({ outgoing }) => {
          closed.push(new Promise((resolve) => outgoing.once('close', resolve)));
          outgoing.writeHead(200).write('first');
        }),
        guarded(halyard, '/', fails),
      );
      for (let count = 0; count < 5; count += 1) await expect(get('/cut', leave)).rejects.toThrow();
      await Promise.all(closed);
      await askTimes(3, get, halyard);
      expect(halyard.breakers()[0]).toMatchObject({ status: 'closed', requests: 3 });
    });

    it.each<[string, (of: Halyard) => Step]>([
      ['a kill switch', (of) => ({ killSwitch: 'disabled', of })],
      ['requireFlag()', (of) => ({ requireFlag: 'disabled', of, options: { status: 500 } })],
      ['a fallback', (of) => ({ killSwitch: 'disabled', of, options: { fallback: () => 'later' } })],
      ['a fallback that fails', (of) => ({ killSwitch: 'disabled', of, options: { fallback: fails } })],
    ])('never counts what %s behind it answers', async (_, guard) => {
      const { halyard } = await startGuarded();
      const get = await serve(
        {
          route: '/blocked',
          steps: [{ killSwitch: 'payments', of: halyard }, guard(halyard)],
          handle: () => 'passed',
        },
        guarded(halyard, '/', fails),
      );
      for (let count = 0; count < 5; count += 1) await get('/blocked');
      await askTimes(3, get, halyard);
      expect(halyard.breakers()[0]).toMatchObject({ status: 'closed', requests: 3 });
    });

    it('lets one of many requests through when it is half-open', async () => {
      const { halyard, wait } = await startGuarded();
      let isBroken = true;
      const isAsked = createGate();
      const isMended = createGate();
      const handle: Handler = async (request) => {
        if (isBroken) return fails(request);
        isAsked.open();
        await isMended.isOpen;
        return 'paid';
      };
      const get = await serve(guarded(halyard, '/', handle));
      await askTimes(4, get, halyard);
      isBroken = false;
      wait(30_000);
      const probe = get('/');
      await isAsked.isOpen;
      wait(1_000);
      const others = await Promise.all(Array.from({ length: 20 }, () => get('/')));
      expect(new Set(others.map(({ status, headers }) => `${status} ${headers['retry-after']}`))).toEqual(
        new Set(['503 29']),
      );
      isMended.open();
      expect((await probe).json).toBe('paid');
      await vi.waitFor(() => expect(halyard.breakers()[0]?.status).toBe('closed'));
      expect((await get('/')).json).toBe('paid');
    });

    it('stays open for another cooldown when the probe fails, and probes again at once when it said nothing', async () => {
      const { halyard, wait } = await startGuarded();
      let handle = fails;
      const get = await serve(guarded(halyard, '/', (request) => handle(request)));
      await askTimes(4, get, halyard);
      wait(30_000);
      expect((await get('/')).status).toBe(500);
      await vi.waitFor(() => expect(isOpen(halyard)).toBe(true));
      expect((await get('/')).headers['retry-after']).toBe('30');
      wait(30_000);
      handle = withStatus(404);
      await vi.waitFor(async () => expect((await get('/')).status).toBe(404));
      handle = () => 'paid';
      await vi.waitFor(async () => expect((await get('/')).json).toBe('paid'));
      await vi.waitFor(() => expect(halyard.breakers()[0]?.status).toBe('closed'));
    });

    it('waits for a person where it is told to', async () => {
      const { halyard, wait } = await startGuarded({ reset: 'manual' });
      let handle = fails;
      const get = await serve(guarded(halyard, '/', (request) => handle(request)));
      await askTimes(4, get, halyard);
      handle = () => 'paid';
      wait(3_600_000);
      expect(await get('/')).toMatchObject({ status: 503, headers: { 'retry-after': '30' } });
      await halyard.restore('payments', { by: 'ana', reason: 'provider is back' });
      expect((await get('/')).json).toBe('paid');
    });

    it('lets its fallback answer while it is open', async () => {
      const { halyard } = await startGuarded();
      const options = { fallback: () => 'pay later' };
      const get = await serve({ route: '/', steps: [{ killSwitch: 'payments', of: halyard, options }], handle: fails });
      await askTimes(4, get, halyard);
      expect(await get('/')).toMatchObject({ status: 200, json: 'pay later' });
    });

    it('measures and answers HEAD as it does GET', async () => {
      const { halyard } = await startGuarded();
      const get = await serve(guarded(halyard, '/', fails));
      await askTimes(4, get, halyard, '/', { method: 'HEAD' });
      expect(await get('/', { method: 'HEAD' })).toMatchObject({
        status: 503,
        text: '',
        headers: { 'retry-after': '30' },
      });
    });

    it('is one for all routes that its flag guards', async () => {
      const { halyard } = await startGuarded();
      const get = await serve(
        guarded(halyard, '/pay', fails),
        guarded(halyard, '/refund', () => 'refunded'),
        { route: '/free', handle: () => 'free' },
      );
      await askTimes(4, get, halyard, '/pay');
      expect((await get('/refund')).status).toBe(503);
      expect((await get('/free')).json).toBe('free');
    });

    it('is another for another Halyard', async () => {
      const [{ halyard }, { halyard: other }] = [await startGuarded(), await startGuarded()];
      const get = await serve(
        guarded(halyard, '/', fails),
        guarded(other, '/other', () => 'fine'),
      );
      await askTimes(4, get, halyard);
      expect([(await get('/')).status, (await get('/other')).json]).toEqual([503, 'fine']);
    });

    it('measures a request once that passes two guards of one flag, and probes through both', async () => {
      const { halyard, wait } = await startGuarded();
      let handle = fails;
      const guard: Step = { killSwitch: 'payments', of: halyard };
      const get = await serve({ route: '/', steps: [guard, guard], handle: (request) => handle(request) });
      await askTimes(3, get, halyard);
      expect(requestsOf(halyard)).toBe(3);
      await askTimes(1, get, halyard);
      handle = () => 'paid';
      wait(30_000);
      expect((await get('/')).json).toBe('paid');
      await vi.waitFor(() => expect(halyard.breakers()[0]?.status).toBe('closed'));
    });

    it('measures a request for each of two flags that guard it', async () => {
      const store = memoryStore({ version: 1, flags: { payments: { breaker }, shop: { breaker } } });
      const { halyard } = await start({ store });
      const steps: Step[] = [
        { killSwitch: 'shop', of: halyard },
        { killSwitch: 'payments', of: halyard },
      ];
      const get = await serve({ route: '/', steps, handle: fails });
      await askTimes(4, get, halyard);
      await vi.waitFor(() => expect(halyard.breakers()).toMatchObject([{ status: 'open' }, { status: 'open' }]));
    });

    it('lets its probe make a call that the same flag protects', async () => {
      const { halyard, wait } = await startGuarded();
      let isBroken = true;
      const call = (): string => {
        if (isBroken) throw new Error('provider down');
        return 'paid';
      };
      const get = await serve(guarded(halyard, '/', () => halyard.protect('payments', call)));
      await askTimes(4, get, halyard);
      expect(isOpen(halyard)).toBe(true);
      isBroken = false;
      wait(30_000);
      expect((await get('/')).json).toBe('paid');
      await vi.waitFor(() => expect(halyard.breakers()[0]?.status).toBe('closed'));
    });

    it('has the outcome of requests that flags() watches say blocked, not failed', async () => {
      const { halyard } = await startGuarded();
      const requests = listen(halyard, 'request');
      const get = await serve({ flags: halyard }, guarded(halyard, '/', fails));
      await askTimes(4, get, halyard);
      await get('/');
      await vi.waitFor(() => expect(requests).toHaveLength(5));
      expect(requests.map(({ outcome }) => outcome)).toEqual([...Array<string>(4).fill('server_error'), 'blocked']);
    });
  });
}
