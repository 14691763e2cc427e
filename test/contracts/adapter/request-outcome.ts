import { Agent, type ClientRequest, type ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Halyard } from '../../../src/halyard.js';
import type { RequestEvent } from '../../../src/runtime/events.js';
import type { Step, TestRequest } from '../adapter-harness.js';
import type { AdapterBench } from './bench.js';
import { createGate } from './gate.js';

export function requestOutcomeBehaviour({ start, serve, openFeatureClient, endings }: AdapterBench): void {
  describe('the event of a request that is over', () => {
    const context = (request: TestRequest) => ({ targetingKey: request.header('x-user') });
    const leave = { onSent: (sent: ClientRequest) => void sent.once('response', () => sent.destroy()) };

    /** The requests that end from now on, one at each call, in their order. */
    function requestsOf(halyard: Halyard): () => Promise<RequestEvent> {
      const queue = new PassThrough({ objectMode: true, highWaterMark: 1_000 });
      endings.push(halyard.on('request', (event) => queue.write(event)));
      const events = queue[Symbol.asyncIterator]();
      return async () => (await events.next()).value as RequestEvent;
    }

    /** Serves these steps behind `flags()`. */
    async function serveWatched(...steps: readonly Step[]) {
      const { halyard } = await start();
      const nextOver = requestsOf(halyard);
      return { get: await serve({ flags: halyard, options: { context } }, ...steps), nextOver, halyard };
    }

    const writing = (write: (outgoing: ServerResponse) => unknown): Step => ({
      route: '/',
      handle: ({ outgoing }) => write(outgoing),
    });

    const answersOf = ({ flags }: RequestEvent) =>
      Object.fromEntries(Array.from(flags, ([key, { variant, errorCode }]) => [key, variant ?? errorCode]));

    it.each([
      [200, 'ok'],
      [302, 'ok'],
      [404, 'client_error'],
      [499, 'client_error'],
      [500, 'server_error'],
      [503, 'server_error'],
    ])('tells the status %d of a route as %s', async (status, outcome) => {
      const { get, nextOver } = await serveWatched(writing((outgoing) => outgoing.writeHead(status).end('done')));
      expect((await get('/')).status).toBe(status);
      expect(await nextOver()).toMatchObject({ outcome, durationMs: expect.any(Number) });
    });

    it("tells the request's context, and leaves it behind where the event is copied", async () => {
      const { get, nextOver } = await serveWatched(writing((outgoing) => outgoing.end('done')));
      await get('/', { headers: { 'x-user': 'ana' } });
      const event = await nextOver();
      expect(event.context).toMatchObject({ targetingKey: 'ana' });
      expect({ ...event }).not.toHaveProperty('context');
    });

    it('tells what no route answers as client_error', async () => {
      const { get, nextOver } = await serveWatched(writing(() => 'done'));
      expect((await get('/nowhere')).status).toBe(404);
      expect((await nextOver()).outcome).toBe('client_error');
    });

    it('tells a handler that throws, sooner or later, as server_error', async () => {
      const { get, nextOver } = await serveWatched({
        route: '/',
        async handle({ flags, header }) {
          flags.boolean('payments', false);
          if (header('x-later') !== undefined) await nextTurn();
          throw new Error('broken');
        },
      });
      for (const headers of [{}, { 'x-later': 'yes' }]) {
        expect((await get('/', { headers })).status).toBe(500);
        const event = await nextOver();
        expect([event.outcome, answersOf(event)]).toEqual(['server_error', { payments: 'on' }]);
      }
    });

    it.each<[string, (halyard: Halyard) => Step]>([
      ['a kill switch', (of) => ({ killSwitch: 'disabled', of })],
      ['the fallback of a kill switch', (of) => ({ killSwitch: 'disabled', of, options: { fallback: () => 'later' } })],
      ['requireFlag()', (of) => ({ requireFlag: 'disabled', of })],
      ['requireFlag() with a status', (of) => ({ requireFlag: 'disabled', of, options: { status: 500 } })],
      ['the fallback of requireFlag()', (of) => ({ requireFlag: 'disabled', of, options: { fallback: () => 'soon' } })],
      [
        'a fallback that throws',
        (of) => ({
          killSwitch: 'disabled',
          of,
          options: {
            fallback: () => {
              throw new Error('no fallback either');
            },
          },
        }),
      ],
    ])('tells what %s answered as blocked', async (_, guard) => {
      const { halyard } = await start();
      const nextOver = requestsOf(halyard);
      const get = await serve(
        { flags: halyard, options: { context } },
        guard(halyard),
        writing(() => 'passed'),
      );
      await get('/');
      const event = await nextOver();
      expect([event.outcome, answersOf(event)]).toEqual(['blocked', { disabled: 'off' }]);
    });

    it('tells the flag of a guard that let the request pass, and the outcome of the route', async () => {
      const { halyard } = await start();
      const nextOver = requestsOf(halyard);
      const get = await serve(
        { flags: halyard, options: { context } },
        { killSwitch: 'payments', of: halyard },
        { requireFlag: 'beta', of: halyard },
        writing((outgoing) => outgoing.writeHead(503).end()),
      );
      await get('/', { headers: { 'x-user': 'ana' } });
      const event = await nextOver();
      expect([event.outcome, answersOf(event)]).toEqual(['server_error', { payments: 'on', beta: 'on' }]);
    });

    it('measures a streamed response to its end', async () => {
      vi.useFakeTimers({ toFake: ['performance'] });
      endings.push(() => vi.useRealTimers());
      const begun = createGate();
      const isRead = createGate();
      const { get, nextOver } = await serveWatched(
        writing(async (outgoing) => {
          outgoing.writeHead(200).write('first');
          begun.open();
          await isRead.isOpen;
          outgoing.end('last');
        }),
      );
      const answer = get('/');
      await begun.isOpen;
      vi.advanceTimersByTime(5_000);
      isRead.open();
      expect((await answer).text).toBe('firstlast');
      expect(await nextOver()).toMatchObject({ outcome: 'ok', durationMs: 5_000 });
    });

    it('tells a client that leaves before it is answered as client_error', async () => {
      const isAsked = createGate();
      const isOver = createGate();
      let leaving: ClientRequest | undefined;
      const { get, nextOver } = await serveWatched({
        route: '/',
        async handle({ flags }) {
          flags.boolean('payments', false);
          isAsked.open();
          await isOver.isOpen;
        },
      });
      const answer = get('/', { onSent: (sent) => (leaving = sent) });
      answer.catch(() => undefined);
      await isAsked.isOpen;
      leaving?.destroy();
      const event = await nextOver();
      isOver.open();
      await expect(answer).rejects.toThrow();
      expect([event.outcome, answersOf(event)]).toEqual(['client_error', { payments: 'on' }]);
    });

    it('tells a client that leaves while it sends its body as client_error', async () => {
      const { get, nextOver } = await serveWatched(
        { parseJson: 'behind' },
        writing(() => 'done'),
      );
      const answer = get('/', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': '1000' },
        body: '{',
        onSent: (sent) => void sent.once('finish', () => sent.destroy()),
      });
      await expect(answer).rejects.toThrow();
      expect((await nextOver()).outcome).toBe('client_error');
    });

    it.each([
      [200, 'client_error'],
      [500, 'server_error'],
    ])('tells a client that leaves in the middle of a %d as %s', async (status, outcome) => {
      const { get, nextOver } = await serveWatched(
        writing((outgoing) => void outgoing.writeHead(status).write('first')),
      );
      await expect(get('/', leave)).rejects.toThrow();
      expect((await nextOver()).outcome).toBe(outcome);
    });

    it.each<[string, (outgoing: ServerResponse) => unknown]>([
      ['ends the connection before it answers', (outgoing) => outgoing.destroy()],
      ['ends the connection with an error', (outgoing) => outgoing.destroy(new Error('broken'))],
      [
        'destroys a response in the middle',
        (outgoing) => outgoing.writeHead(200).write('first', () => outgoing.destroy()),
      ],
    ])('tells a server that %s as server_error', async (_, write) => {
      const isOver = createGate();
      const { get, nextOver } = await serveWatched(
        writing(async (outgoing) => {
          write(outgoing);
          await isOver.isOpen;
        }),
      );
      await expect(get('/')).rejects.toThrow();
      expect((await nextOver()).outcome).toBe('server_error');
      isOver.open();
    });

    it('tells each flag once, with its last answer', async () => {
      const { get, nextOver } = await serveWatched({
        route: '/',
        handle({ flags }) {
          flags.boolean('beta', false);
          flags.identify({ targetingKey: 'ana' });
          return [flags.boolean('beta', false), flags.string('no-such', 'x'), flags.string('payments', 'x')];
        },
      });
      await get('/');
      const event = await nextOver();
      expect(answersOf(event)).toEqual({ beta: 'on', 'no-such': 'FLAG_NOT_FOUND', payments: 'TYPE_MISMATCH' });
      expect(event.flags.get('beta')).toMatchObject({ reason: 'TARGETING_MATCH', assignment: 'targeted' });
    });

    it('tells a flag that an OpenFeature client was asked for', async () => {
      const { halyard } = await start();
      const client = await openFeatureClient(halyard);
      const nextOver = requestsOf(halyard);
      const get = await serve(
        { flags: halyard, options: { context } },
        { route: '/', handle: () => client.getBooleanValue('beta', false) },
      );
      await get('/', { headers: { 'x-user': 'ana' } });
      expect(answersOf(await nextOver())).toEqual({ beta: 'on' });
    });

    it('tells no flag where none was asked, nor what only explains or lists', async () => {
      const { get, nextOver } = await serveWatched({
        route: '/',
        handle: ({ flags }) => [flags.all(), String(flags.explain('payments'))],
      });
      await get('/');
      expect(await nextOver()).toMatchObject({ outcome: 'ok', flags: new Map() });
    });

    it('comes once where flags() is mounted twice', async () => {
      const { halyard } = await start();
      const nextOver = requestsOf(halyard);
      const get = await serve(
        { flags: halyard, options: { context } },
        { before: ({ flags }) => flags.boolean('payments', false) },
        {
          router: '/inner',
          steps: [{ flags: halyard }, { route: '/', handle: ({ flags }) => flags.boolean('beta', false) }],
        },
      );
      for (const id of ['first', 'second']) {
        await get('/inner', { headers: { 'x-request-id': id } });
        const event = await nextOver();
        expect([event.request.id, answersOf(event)]).toEqual([id, { payments: 'on', beta: 'off' }]);
      }
    });

    it('comes to each Halyard that gave the request flags, with its own', async () => {
      const { halyard } = await start();
      const { halyard: other } = await start();
      const [nextOver, nextOther] = [requestsOf(halyard), requestsOf(other)];
      const get = await serve(
        { flags: halyard },
        { before: ({ flags }) => flags.boolean('payments', false) },
        { flags: other },
        { killSwitch: 'disabled', of: other },
      );
      await get('/');
      const [event, foreign] = [await nextOver(), await nextOther()];
      expect([event.outcome, answersOf(event)]).toEqual(['server_error', { payments: 'on' }]);
      expect([foreign.outcome, answersOf(foreign)]).toEqual(['blocked', { disabled: 'off' }]);
    });

    it('comes for each request of one connection, and for HEAD', async () => {
      const { get, nextOver } = await serveWatched({
        route: '/',
        handle: ({ flags, header }) => flags.boolean(header('x-flag') ?? '', false),
      });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      endings.push(() => agent.destroy());
      for (const [index, [method, flag]] of [
        ['GET', 'payments'],
        ['HEAD', 'disabled'],
        ['GET', 'served-off'],
      ].entries()) {
        const answer = await get('/', { agent, method: method!, headers: { 'x-flag': flag! } });
        expect([answer.status, answer.isReused]).toEqual([200, index > 0]);
        const event = await nextOver();
        expect([event.outcome, [...event.flags.keys()]]).toEqual(['ok', [flag]]);
      }
    });

    it('knows the route’s pattern and the request’s id', async () => {
      const { get, nextOver } = await serveWatched({
        router: '/shop',
        steps: [{ route: '/orders/:id', handle: () => 'done' }],
      });
      await get('/shop/orders/42', { headers: { 'x-request-id': 'req-1' } });
      const { request } = await nextOver();
      expect([request.route, request.id]).toEqual(['/shop/orders/:id', 'req-1']);
    });

    it('never tells the flags of one of 200 interleaved requests with another', async () => {
      const { get, nextOver, halyard } = await serveWatched({
        route: '/',
        async handle({ flags }) {
          await nextTurn();
          return flags.boolean('new-checkout', false);
        },
      });
      const agent = new Agent({ keepAlive: true, maxSockets: 50 });
      endings.push(() => agent.destroy());
      const users = Array.from({ length: 200 }, (_, index) => `user-${index}`);
      await Promise.all(users.map((user) => get('/', { agent, headers: { 'x-user': user, 'x-request-id': user } })));
      for (let count = 0; count < users.length; count += 1) {
        const event = await nextOver();
        const { variant } = halyard.details('new-checkout', false, { targetingKey: event.request.id ?? '' });
        expect(answersOf(event)).toEqual({ 'new-checkout': variant });
      }
    });
  });
}
