import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventClient } from './event-client.js';
import { Endings, type Service, serveFlags, shop } from './service.js';

const endings = new Endings();
afterEach(() => endings.run());

async function listenTo(
  { url }: Service,
  headers?: Record<string, string>,
  path = '/ofrep/v1/events',
): Promise<EventClient> {
  const client = await EventClient.open(`${url}${path}`, headers);
  endings.add(() => client.leave());
  return client;
}

const greetingOf = async (client: EventClient): Promise<string> =>
  /^id: (.*)$/m.exec((await client.next()) ?? '')?.[1] ?? '';

const changed = { version: 1, flags: { ...shop.flags, limits: { clientSafe: true } } } as const;

describe('the event stream', () => {
  it('tells that something changed, under the tag that the next change is told from', async () => {
    const service = await serveFlags(endings);
    const client = await listenTo(service);
    expect(client.response).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform' },
    });
    const before = await greetingOf(client);
    service.store.set(changed);
    const event = await client.nextEvent();
    expect(event).toMatchObject({ event: 'message' });
    expect(event?.id).not.toBe(before);
    expect(JSON.parse(event?.data ?? '')).toEqual({
      type: 'refetchEvaluation',
      etag: `"${event?.id ?? ''}"`,
      lastModified: expect.any(Number),
    });
  });

  it('tells every kind of change once', async () => {
    const service = await serveFlags(endings);
    const client = await listenTo(service);
    await client.next();
    await service.halyard.kill('limits', { by: 'ana', reason: 'broken' });
    const killed = await client.nextEvent();
    service.halyard.override('button-color', 'control');
    const overridden = await client.nextEvent();
    expect(killed?.id).not.toBe(overridden?.id);
  });

  it('says nothing of flags that nobody outside sees', async () => {
    const service = await serveFlags(endings);
    const client = await listenTo(service);
    const before = await greetingOf(client);
    await service.halyard.kill('secret', { by: 'ana', reason: 'broken' });
    await service.halyard.kill('limits', { by: 'ana', reason: 'broken' });
    const event = await client.nextEvent();
    const { id } = event ?? {};
    expect(id).not.toBe(before);
    expect(await greetingOf(await listenTo(service, { 'last-event-id': id ?? '' }))).toBe(id);
  });

  it('tells a client that comes back what it missed, and one that missed nothing nothing', async () => {
    const service = await serveFlags(endings);
    const first = await listenTo(service);
    const id = await greetingOf(first);
    first.leave();
    const same = await listenTo(service, { 'last-event-id': id });
    expect(await same.next()).not.toContain('data:');
    service.store.set(changed);
    await same.nextEvent();
    const late = await listenTo(service, { 'last-event-id': id });
    expect(await late.next()).toContain('refetchEvaluation');
  });

  it('tells a new client of a change that just happened: it may have evaluated before', async () => {
    const service = await serveFlags(endings);
    const told = new Promise((resolve) => service.halyard.on('change', resolve));
    service.store.set(changed);
    await told;
    expect(await (await listenTo(service)).next()).toContain('refetchEvaluation');
  });

  it('sends a heartbeat', async () => {
    const service = await serveFlags(endings, { options: { eventStream: { heartbeatSeconds: 0.02 } } });
    const client = await listenTo(service);
    await client.next();
    expect(await client.next()).toBe(':');
    expect(await client.next()).toBe(':');
  });

  it('has a stable address, below where the handler is mounted, or the public one', async () => {
    const service = await serveFlags(endings, {
      options: { publicUrl: 'https://flags.example.com/eu/', eventStream: { inactivitySeconds: 300 } },
    });
    const streams = async (): Promise<unknown> =>
      ((await service.evaluate('')).json as { eventStreams: unknown }).eventStreams;
    const expected = [{ type: 'sse', url: 'https://flags.example.com/eu/ofrep/v1/events', inactivityDelaySec: 300 }];
    expect(await streams()).toEqual(expected);
    service.halyard.override('button-color', 'control');
    expect(await streams()).toEqual(expected);
  });

  it('can be left out', async () => {
    const service = await serveFlags(endings, { options: { eventStream: false } });
    expect((await service.evaluate('')).json).not.toHaveProperty('eventStreams');
    expect((await service.ask('/ofrep/v1/events')).status).toBe(404);
  });

  it('answers HEAD without opening anything', async () => {
    const service = await serveFlags(endings, { options: { eventStream: { maxStreams: 1 } } });
    for (let index = 0; index < 3; index += 1) {
      expect(await service.ask('/ofrep/v1/events', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    }
    expect((await listenTo(service)).response.statusCode).toBe(200);
  });

  it('turns away more clients than it may have', async () => {
    const service = await serveFlags(endings, { options: { eventStream: { maxStreams: 2 } } });
    const first = await listenTo(service);
    await listenTo(service);
    expect(await service.ask('/ofrep/v1/events')).toMatchObject({ status: 503, headers: { 'retry-after': '30' } });
    first.leave();
    await vi.waitFor(async () => expect((await listenTo(service)).response.statusCode).toBe(200));
  });

  it('ends with the Halyard, and with the handler, so that a server can close', async () => {
    const service = await serveFlags(endings);
    const client = await listenTo(service);
    await service.halyard.close();
    expect(await client.nextEvent()).toBeUndefined();
    expect((await service.ask('/ofrep/v1/events')).status).toBe(503);

    const other = await serveFlags(endings);
    const second = await listenTo(other);
    other.handler.close();
    expect(await second.nextEvent()).toBeUndefined();
    expect((await other.evaluate('')).status).toBe(200);
  });

  it('forgets a thousand clients that went away', async () => {
    const service = await serveFlags(endings, {
      options: { eventStream: { maxStreams: 100, heartbeatSeconds: 0.05 } },
    });
    for (let round = 0; round < 10; round += 1) {
      const clients = await vi.waitFor(async () => {
        const opened = await Promise.all(Array.from({ length: 100 }, () => listenTo(service)));
        const isFull = opened.some(({ response }) => response.statusCode !== 200);
        if (isFull) for (const client of opened) client.leave();
        expect(isFull).toBe(false);
        return opened;
      });
      for (const client of clients) client.leave();
    }
    await vi.waitFor(async () => expect((await listenTo(service)).response.statusCode).toBe(200));
  });

  it('gives up a client that doesn’t read', async () => {
    const service = await serveFlags(endings, { options: { eventStream: { maxStreams: 1, heartbeatSeconds: 0.01 } } });
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.pause().write('GET /ofrep/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    endings.add(() => socket.destroy());
    await vi.waitFor(async () => expect((await service.ask('/ofrep/v1/events')).status).toBe(503));
    // What fills the buffers between is ours to make: nobody sends heartbeats by the megabyte.
    let isOn = true;
    const flood = setInterval(() => {
      for (let change = 0; change < 2_000; change += 1) {
        isOn = !isOn;
        service.halyard.override('button-color', isOn ? 'a' : 'control');
      }
    }, 1);
    endings.add(() => clearInterval(flood));
    await vi.waitFor(
      async () => {
        const client = await listenTo(service);
        client.leave();
        expect(client.response.statusCode).toBe(200);
      },
      { interval: 200 },
    );
  });
});
