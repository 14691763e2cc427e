import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  createHalyard,
  type FlagDocument,
  type Halyard,
  type HttpStore,
  httpStore,
  type HttpStoreOptions,
  memoryStore,
} from 'halyard';
import { createNodeListener } from 'halyard/sync';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FlagState } from '../../../src/flags/flag-state.js';
import { compareVersions, type StoredFlags, type WritableFlagStore } from '../../../src/stores/flag-store.js';
import { storeContract } from '../../contracts/store.js';
import { Endings, listen } from '../../ofrep/service.js';
import { quietLogger, type Served, serveFlags, shop, token, why } from '../../sync/served.js';

const endings = new Endings();
afterEach(() => endings.run());

const patience = { interval: 20 };

/** A store for the test to load from. */
function open(url: string, options: HttpStoreOptions = {}): HttpStore {
  const store = httpStore(url, { token, ...options });
  endings.add(() => store.close());
  return store;
}

async function openHalyard(
  url: string,
  options: HttpStoreOptions = {},
): Promise<{ reader: Halyard; log: ReturnType<typeof quietLogger> }> {
  const log = quietLogger();
  const reader = await createHalyard({ store: httpStore(url, { token, ...options }), logger: log });
  endings.add(() => reader.close());
  return { reader, log };
}

const rollOut = (key: string, rollout: number) => (document: FlagDocument) => ({
  ...document,
  flags: { ...document.flags, [key]: { rollout } },
});

// What is read comes by HTTP; the contract's writes go to the store behind the serving side.
storeContract(
  'httpStore',
  async (document) => {
    const own = new Endings();
    // The serving side itself is not one of those that the contract counts.
    const { store: source, url } = await serveFlags(own, { flags: document, fleet: false });
    const another = (): Promise<WritableFlagStore> => {
      const reader = httpStore(url, { token });
      own.add(() => reader.close());
      const written = async (change: Promise<StoredFlags>): Promise<StoredFlags> => {
        const stored = await change;
        const { version } = await source.load();
        const probe = httpStore(url, { token });
        await vi.waitFor(async () => {
          // Others may have gone on.
          expect(['same', 'newer']).toContain(compareVersions((await probe.load()).version, version));
        }, patience);
        await probe.close();
        return stored;
      };
      return Promise.resolve({
        name: reader.name,
        refuses: reader.refuses,
        load: () => reader.load(),
        watch: (onChange) => reader.watch(onChange),
        update: (change, options) => written(source.update(change, options)),
        updateState: (change, options) => written(source.updateState(change, options)),
        history: (options) => source.history(options),
        fleet: reader.fleet,
        close: () => reader.close(),
      });
    };
    return { store: await another(), another, dispose: () => own.run() };
  },
  { keepsFleet: true, keepsUsage: true },
);

describe('options', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n';

  it.each([
    ['flags.internal', {}, 'httpStore: expected an address like https://flags.internal/halyard.'],
    ['ftp://flags.internal', {}, 'expected an address like https://flags.internal/halyard'],
    ['https://ana:pass@flags.internal', {}, 'without user, password, query and fragment'],
    ['https://flags.internal?token=1', {}, 'A token is an option: `{ token }`.'],
    ['https://flags.internal', { token: 'a b' }, 'option `token`: expected a text without white space, or a function'],
    ['https://flags.internal', { tokens: 'x' }, 'unknown option `tokens`. Did you mean `token`?'],
    ['https://flags.internal', { pollMs: 0 }, 'option `pollMs`'],
    [
      'https://flags.internal',
      { tls: { ca: 'ca.pem' } },
      "option `ca`: expected a text or a buffer in PEM, with '-----BEGIN …', or several",
    ],
    ['https://flags.internal', { tls: { cert: pem } }, '`cert` and `key` belong together'],
    ['https://flags.internal', { tls: { cert: pem, key: pem } }, "OpenSSL can't use `ca`, `cert` and `key`"],
    ['http://localhost', { tls: {} }, 'option `tls`: http://localhost is not https.'],
    ['http://flags.internal', { token }, 'the token would go to http://flags.internal unencrypted.'],
  ])('refuse %s with %o', (url, options, message) => {
    const make = () => httpStore(url, options as HttpStoreOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
    expect(make).not.toThrow('pass@');
  });

  it('let a token go unencrypted to this machine, and to others if that was said', async () => {
    for (const url of ['http://localhost:1/', 'http://127.0.0.1', 'http://[::1]']) await open(url).close();
    await open('http://flags.internal', { allowHttp: true }).close();
    expect(open('https://flags.internal/halyard/').name).toBe('https://flags.internal/halyard');
  });
});

describe('a reader', () => {
  it('serves what the serving side does, with its version and kills', async () => {
    const served = await serveFlags(endings);
    await served.halyard.kill('payments', why);
    const { reader } = await openHalyard(served.url);
    expect(reader.boolean('payments', true)).toBe(false);
    expect(reader.string('button-color', 'none')).toBe('green');
    expect(reader.boolean('new-checkout', false, { staff: true })).toBe(true);
    expect(reader.health()).toMatchObject({ status: 'ready', source: served.url, flags: 3 });
    expect(reader.health().version).toBe(served.halyard.health().version);
  });

  it('hears of a change at once, and asks for nothing but that', async () => {
    const asked: string[] = [];
    const served = await serveFlags(endings);
    const url = await listen(endings, (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      createNodeListener(served.handler)(request, response);
    });
    const { reader } = await openHalyard(`${url}/halyard`, { pollMs: 600_000 });
    await vi.waitFor(() => expect(asked).toContain('GET /halyard/events'), patience);
    const changed = new Promise((resolve) => reader.on('change', resolve));
    await served.store.update(rollOut('payments', 0), why);
    expect(await changed).toMatchObject({ flagKeys: ['payments'], cause: 'store' });
    expect(reader.boolean('payments', true, { targetingKey: 'a' })).toBe(false);
    expect(asked.filter((line) => line === 'GET /halyard')).toHaveLength(2);
  });

  it.each([
    ['where it doesn’t listen', { push: false }, {}],
    ['where there is no room to listen', {}, { eventStream: { maxStreams: 0 } }],
    ['where there is nothing to listen to', {}, { eventStream: false as const }],
  ])('finds a change by asking %s', async (_where, reading, serving) => {
    const served = await serveFlags(endings, { options: serving });
    const { reader } = await openHalyard(served.url, { pollMs: 50, ...reading });
    await served.store.update(rollOut('payments', 0), why);
    await vi.waitFor(() => expect(reader.boolean('payments', true, { targetingKey: 'a' })).toBe(false), patience);
  });

  it('can’t write, and says where that can be done', async () => {
    const served = await serveFlags(endings);
    const { reader } = await openHalyard(served.url);
    await expect(reader.kill('payments', why)).rejects.toThrow(
      `"payments" is off on this instance, but ${served.url} could not be told: ${served.url} can only be read. Do it where the flags are written`,
    );
    expect(reader.boolean('payments', true)).toBe(false);
    await reader.restore('payments', why);
    expect(reader.boolean('payments', true)).toBe(true);
    await served.halyard.kill('payments', why);
    await vi.waitFor(() => expect(reader.boolean('payments', true)).toBe(false), patience);
    await expect(reader.restore('payments', why)).rejects.toThrow('can only be read');
  });

  it('follows a source that starts anew, with another lineage', async () => {
    const served = await serveFlags(endings);
    const other = await serveFlags(endings, { flags: { version: 1, flags: { other: {} } } });
    let current: Served = served;
    const url = await listen(endings, (request, response) => createNodeListener(current.handler)(request, response));
    const { reader } = await openHalyard(`${url}/halyard`, { pollMs: 50, push: false });
    current = other;
    await vi.waitFor(() => expect(reader.boolean('other', false)).toBe(true), patience);
    expect(reader.health().version).toBe(other.halyard.health().version);
  });

  it('says since when its serving side has lost the source, and is well again when that is', async () => {
    const store = memoryStore(shop);
    const served = await serveFlags(endings, { store });
    const { reader } = await openHalyard(served.url);
    const load = vi.spyOn(store, 'load').mockRejectedValue(new Error('away'));
    const stale = new Promise<{ reason: string }>((resolve) => reader.on('stale', resolve));
    await served.halyard.refresh();
    expect((await stale).reason).toBe(`${served.url} has lost the place that it has the flags from.`);
    expect(reader.health().status).toBe('stale');
    expect(reader.boolean('payments', false)).toBe(true);
    // A process that starts now has the last good flags, too.
    const { reader: late, log } = await openHalyard(served.url);
    expect(late.health()).toMatchObject({ status: 'stale', flags: 3 });
    expect(log.error.mock.calls[0]?.[1]).toContain(`${served.url} was taken, but may be out of date.`);
    load.mockRestore();
    await served.halyard.refresh();
    await vi.waitFor(() => expect(reader.health().status).toBe('ready'), patience);
    await vi.waitFor(() => expect(late.health().status).toBe('ready'), patience);
  });
});

describe('the token', () => {
  it('comes from a function before each request, so that it can rotate', async () => {
    const served = await serveFlags(endings, {
      options: { token: ['the-first-token-of-all', 'the-next-token-of-all'] },
    });
    let current = 'the-first-token-of-all';
    const store = open(served.url, { token: () => Promise.resolve(current) });
    await store.load();
    current = 'the-next-token-of-all';
    await store.load();
    current = 'the-wrong-token-of-all';
    const refused = `${served.url} answered 401. The token is not one that its syncHandler accepts.`;
    await expect(store.load()).rejects.toThrow(refused);
    current = 'the-next-token-of-all';
    await store.load();
  });

  it('is not tried again and again once it was refused, and works by itself when it is accepted', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    endings.add(() => vi.useRealTimers());
    const requests = vi.fn();
    let isAccepted = false;
    const served = await serveFlags(endings, { options: { authorise: () => isAccepted } });
    const url = await listen(endings, (request, response) => {
      requests();
      createNodeListener(served.handler)(request, response);
    });
    const store = open(`${url}/halyard`);
    for (let count = 0; count < 10; count += 1) await expect(store.load()).rejects.toThrow('answered 403');
    expect(requests).toHaveBeenCalledOnce();
    for (let minutes = 0; minutes < 60; minutes += 1) {
      vi.advanceTimersByTime(60_000);
      await expect(store.load()).rejects.toThrow('answered 403');
    }
    expect(requests.mock.calls.length).toBeGreaterThan(10);
    expect(requests.mock.calls.length).toBeLessThan(40);
    isAccepted = true;
    vi.advanceTimersByTime(300_000);
    expect((await store.load()).version).toBe(served.halyard.health().version);
  });

  it('is in no error, and in no address', async () => {
    const seen: (string | undefined)[] = [];
    const url = await listen(endings, (request, response) => {
      seen.push(request.url);
      response.writeHead(500, { 'x-echo': request.headers.authorization }).end(request.headers.authorization);
    });
    const store = open(url);
    const error: unknown = await store.load().catch((caught: unknown) => caught);
    expect(JSON.stringify([seen, String(error), (error as Error).stack, (error as Error).cause])).not.toContain(token);
  });

  it.each([
    ['gives none', () => undefined, 'the function `token` must return a text without white space.'],
    ['gives one that no header can carry', () => 'a\nb', 'the function `token` must return a text'],
    ['throws', () => Promise.reject(new Error('vault is away')), 'the function `token` failed.'],
    ['never answers', () => new Promise(() => undefined), 'did not answer within 200 ms'],
  ])('is an error where the function %s', async (_what, give, message) => {
    const store = open('http://127.0.0.1:1', { token: give as () => string, timeoutMs: 200 });
    await expect(store.load()).rejects.toThrow(message);
  });

  it('is wanted where there is none', async () => {
    const { url } = await serveFlags(endings);
    const store = httpStore(url);
    endings.add(() => store.close());
    await expect(store.load()).rejects.toThrow(`${url} answered 401. It wants to know who asks`);
  });
});

describe('answers that are none', () => {
  const heading = (lines: number, tag = 'x'.repeat(22), format: unknown = 1) =>
    `${JSON.stringify({ format, version: 'a:1', tag, lines })}\n`;
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const send =
    (status: number, headers: Record<string, string>, body: string | Buffer = ''): RequestListener =>
    (_request, response) =>
      response.writeHead(status, headers).end(body);

  it.each<[string, RequestListener, string]>([
    [
      'a page',
      send(200, { 'content-type': 'text/html' }, '<html>'),
      'answered 200 with text/html, where a syncHandler answers with application/x-ndjson. Is this its address',
    ],
    ['no type', send(200, {}, 'x'), 'answered 200 with no media type'],
    ['an empty body', send(200, ndjson), 'answered 200, but the answer is broken: it is empty.'],
    ['half of it', send(200, ndjson, `${heading(2)}["flags","a",{}]\n`), '1 lines arrived, 2 were sent.'],
    ['half a line', send(200, ndjson, `${heading(1)}["flags","a",{`), 'one of its lines is no JSON.'],
    ['other lines', send(200, ndjson, `${heading(1)}["flags","a",{}]\n`), 'its lines do not add up to its tag.'],
    ['no lines', send(200, ndjson, `${heading(1)}{"flags":"a"}\n`), 'one of its lines is none.'],
    ['a newer format', send(200, ndjson, heading(0, undefined, 2)), 'it has format 2; this process knows format 1.'],
    ['no heading', send(200, ndjson, '[]\n'), 'it has no format'],
    ['a heading of nothing', send(200, ndjson, 'null\n'), 'its first line is no heading'],
    ['a deep heap', send(200, ndjson, '['.repeat(90_000)), 'is broken'],
    ['no UTF-8', send(200, ndjson, Buffer.from([0xff, 0xfe])), 'it is not UTF-8'],
    [
      'a redirect',
      send(302, { location: 'https://evil.example/?a=b' }),
      'answered 302, a redirect to https://evil.example. It is not followed',
    ],
    ['nothing there', send(404, {}), 'answered 404: there is no syncHandler at this address.'],
    ['nothing yet', send(503, { 'retry-after': '1' }), 'answered 503: it has no flags yet'],
    ['not modified', send(304, {}), 'answered 304 to a question that was not asked.'],
    [
      'changes of what we lack',
      send(
        226,
        ndjson,
        `${JSON.stringify({ format: 1, version: 'a:1', tag: 'x'.repeat(22), base: 'y'.repeat(22), lines: 0 })}\n`,
      ),
      'it changes what this process does not have',
    ],
    [
      'a packing of its own',
      send(200, { ...ndjson, 'content-encoding': 'zstd' }, 'x'),
      'packed in a way that was not asked for',
    ],
    [
      'what only seems packed',
      send(200, { ...ndjson, 'content-encoding': 'gzip' }, 'what is not packed'),
      'it can not be unpacked',
    ],
    [
      'half a packing',
      send(200, { ...ndjson, 'content-encoding': 'gzip' }, gzipSync('x'.repeat(9_999)).subarray(0, 20)),
      'the connection broke off before the answer was complete',
    ],
    ['too much', send(200, ndjson, 'x'.repeat(200_000)), 'the answer has more than 100000 bytes (maxBytes).'],
    [
      'a bomb',
      send(200, { ...ndjson, 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(50_000_000))),
      'the answer has more than 100000 bytes (maxBytes).',
    ],
    [
      'a broken connection',
      (_request, response) =>
        response.writeHead(200, { ...ndjson, 'content-length': '1000' }).write('x', () => response.destroy()),
      'the connection broke off',
    ],
    ['no HTTP', (request) => request.socket.end('hello\r\n\r\n'), 'Parse Error'],
    ['no end', (_request, response) => drip(response, ndjson), 'did not answer within 500 ms (timeoutMs).'],
    ['no beginning', () => undefined, 'did not answer within 500 ms (timeoutMs).'],
  ])('are an error that says so: %s', async (_what, answer, message) => {
    const url = await listen(endings, answer);
    const store = open(url, { timeoutMs: 500, maxBytes: 100_000 });
    const loading = store.load();
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(url);
    await expect(loading).rejects.toMatchObject({ name: 'HttpStoreError' });
  });

  it('are an error where nobody listens', async () => {
    const probe = createTcpServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as { port: number };
    probe.close();
    for (const host of ['127.0.0.1', 'localhost']) {
      await expect(open(`http://${host}:${port}`).load()).rejects.toThrow('nobody listens there: connect ECONNREFUSED');
    }
    await expect(open('https://no-such-host.invalid').load()).rejects.toThrow(/no such host|EAI_AGAIN/);
  });

  it('leave the last good flags, told by an event, until a good one comes', async () => {
    const served = await serveFlags(endings);
    let answer: RequestListener = createNodeListener(served.handler);
    const url = await listen(endings, (request, response) => answer(request, response));
    const { reader, log } = await openHalyard(`${url}/halyard`, { pollMs: 50, push: false });
    answer = send(200, ndjson, `${heading(1)}["flags","a",{}]\n`);
    const failed = new Promise<{ error: Error }>((resolve) => reader.on('error', resolve));
    expect((await failed).error.message).toContain('its lines do not add up');
    expect(reader.health()).toMatchObject({ status: 'stale', flags: 3 });
    expect(reader.string('button-color', 'none')).toBe('green');
    expect(log.error.mock.calls[0]?.[1]).toContain('The last good flags go on serving.');
    answer = createNodeListener(served.handler);
    await vi.waitFor(() => expect(reader.health().status).toBe('ready'), patience);
  });

  it('are mended by the whole where changes don’t fit', async () => {
    const served = await serveFlags(endings, {
      flags: { version: 1, flags: Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}`, {}])) },
    });
    const url = await listen(endings, (request, response) => {
      if (request.headers['a-im'] === undefined) {
        createNodeListener(served.handler)(request, response);
        return;
      }
      const change = {
        format: 1,
        version: 'a:2',
        tag: 'x'.repeat(22),
        base: request.headers['if-none-match']?.slice(1, -1),
        lines: 0,
      };
      response.writeHead(226, ndjson).end(`${JSON.stringify(change)}\n`);
    });
    const store = open(`${url}/halyard`);
    await store.load();
    await served.store.update(rollOut('f1', 5), why);
    await vi.waitFor(async () => expect(await store.load()).toEqual(await open(served.url).load()), patience);
    expect((await store.load()).document).toMatchObject({ flags: { f1: { rollout: 5 } } });
  });
});

/** Sends a byte now and then, for ever. */
function drip(response: ServerResponse, headers: Record<string, string>): void {
  response.writeHead(200, headers);
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
}

describe('a stream of events', () => {
  /** Passes everything on to the serving side, and may stop to do so without a word. */
  async function proxyTo(url: string): Promise<{ url: string; pause(): void; resume(): void; cut(): void }> {
    const target = new URL(url);
    const sockets = new Set<Socket>();
    let isPaused = false;
    const proxy = createTcpServer((socket) => {
      const other = connect(Number(target.port), target.hostname);
      const pairs: [Socket, Socket][] = [
        [socket, other],
        [other, socket],
      ];
      for (const [from, to] of pairs) {
        sockets.add(from);
        from.on('data', (bytes) => {
          if (!isPaused) to.write(bytes);
        });
        from.on('close', () => to.destroy()).on('error', () => to.destroy());
      }
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const cut = (): void => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    };
    endings.add(() => {
      cut();
      proxy.close();
    });
    const { port } = proxy.address() as { port: number };
    return {
      url: `http://127.0.0.1:${port}${target.pathname}`,
      pause: () => (isPaused = true),
      resume: () => (isPaused = false),
      cut,
    };
  }

  it('that falls silent is noticed, and opened again', async () => {
    const served = await serveFlags(endings, { options: { eventStream: { heartbeatSeconds: 1 } } });
    const proxy = await proxyTo(served.url);
    const { reader } = await openHalyard(proxy.url, { pollMs: 600_000, timeoutMs: 500 });
    await heard(served, reader, 1);
    proxy.pause();
    await served.store.update(rollOut('payments', 0), why);
    await vi.waitFor(() => expect(reader.health().status).toBe('stale'), patience);
    expect(reader.boolean('new-checkout', false, { staff: true })).toBe(true);
    proxy.resume();
    proxy.cut();
    await vi.waitFor(() => expect(reader.boolean('payments', true, { targetingKey: 'a' })).toBe(false), patience);
    await vi.waitFor(() => expect(reader.health().status).toBe('ready'), patience);
  });

  it('that breaks loses no change', async () => {
    const served = await serveFlags(endings);
    const proxy = await proxyTo(served.url);
    const { reader } = await openHalyard(proxy.url, { pollMs: 600_000 });
    await heard(served, reader, 1);
    proxy.cut();
    await served.store.update(rollOut('payments', 0), why);
    await vi.waitFor(() => expect(reader.boolean('payments', true, { targetingKey: 'a' })).toBe(false), patience);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['that is none', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    [
      'of nonsense',
      (response) =>
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end('data: {\n\ndata: 5\n\ndata: {"tag":5}\n\n'),
    ],
    [
      'without an end of an event',
      (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('x'.repeat(200_000)),
    ],
  ])('%s harms nobody', async (_what, stream) => {
    const served = await serveFlags(endings);
    const url = await listen(endings, (request, response) => {
      if (request.url === '/halyard/events') stream(response);
      else createNodeListener(served.handler)(request, response);
    });
    const { reader } = await openHalyard(`${url}/halyard`, { pollMs: 50 });
    await served.store.update(rollOut('payments', 0), why);
    await vi.waitFor(() => expect(reader.boolean('payments', true, { targetingKey: 'a' })).toBe(false), patience);
    expect(reader.health().status).toBe('ready');
  });

  /** A change arrives by the stream. */
  async function heard(served: Served, reader: Halyard, rollout: number): Promise<void> {
    const changed = new Promise((resolve) => reader.on('change', resolve));
    await served.store.update(rollOut('heard', rollout), why);
    await changed;
  }
});

describe('changes', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'constructor', 'toString', '10');
  const edit = fc.oneof(
    fc.record({
      type: fc.constant('flag' as const),
      name,
      rollout: fc.integer({ min: 0, max: 100 }),
      note: fc.string({ unit: 'binary' }),
    }),
    fc.record({ type: fc.constant('remove' as const), name }),
    fc.record({ type: fc.constant('segment' as const), name, value: fc.string() }),
    fc.record({ type: fc.constant('kill' as const), name, by: fc.string({ minLength: 1 }) }),
    fc.record({ type: fc.constant('restore' as const), name }),
    fc.record({ type: fc.constant('field' as const), value: fc.jsonValue() }),
  );
  type Edit = typeof edit extends fc.Arbitrary<infer Value> ? Value : never;

  /** Always there, so that changes are less than half. */
  const ballast = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`ballast-${index}`, { rollout: index }]),
  );

  it(
    'bring a reader to the same as the whole does, whatever is changed and whenever it looks',
    { timeout: 120_000 },
    async () => {
      const statuses = new Set<number>();
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(edit, { maxLength: 4 }), { minLength: 1, maxLength: 6 }), async (rounds) => {
          const own = new Endings();
          const served = await serveFlags(own, { flags: { version: 1, flags: ballast } });
          const url = await listen(own, (request, response) => {
            response.on('finish', () => statuses.add(response.statusCode));
            createNodeListener(served.handler)(request, response);
          });
          const [reader, fresh] = [httpStore(`${url}/halyard`, { token }), () => httpStore(served.url, { token })];
          await reader.load();
          for (const edits of rounds) {
            for (const one of edits) await apply(served, one);
            const { version } = await served.store.load();
            await vi.waitFor(async () => expect((await reader.load()).version).toBe(version), patience);
            const whole = fresh();
            expect(sorted(await reader.load())).toEqual(sorted(await whole.load()));
            await whole.close();
          }
          await reader.close();
          await own.run();
        }),
        { numRuns: 60 },
      );
      expect(statuses).toContain(226);
    },
  );

  async function apply({ store }: Served, one: Edit): Promise<void> {
    const kills =
      (key: string, by?: string) =>
      (state: FlagState): FlagState => {
        const next = new Map(state.kills);
        if (by === undefined) next.delete(key);
        else next.set(key, { at: 1_800_000_000_000, by, reason: 'x' });
        return { ...state, kills: next };
      };
    const { flags, ...rest } = (await store.load()).document as FlagDocument;
    if (one.type === 'kill') await store.updateState(kills(one.name, one.by), why);
    else if (one.type === 'restore') await store.updateState(kills(one.name), why);
    else if (one.type === 'field') store.set({ ...rest, flags, 'x-field': one.value });
    else if (one.type === 'segment')
      store.set({ ...rest, flags, segments: { ...rest.segments, [one.name]: { plan: one.value } } });
    else if (one.type === 'remove')
      store.set({ ...rest, flags: Object.fromEntries(Object.entries(flags).filter(([key]) => key !== one.name)) });
    else store.set({ ...rest, flags: { ...flags, [one.name]: { rollout: one.rollout, description: one.note } } });
  }

  const sorted = ({ document, state, version }: StoredFlags) => {
    const { flags, segments, ...rest } = document as FlagDocument;
    return {
      flags: new Map(Object.entries(flags)),
      segments: new Map(Object.entries(segments ?? {})),
      rest,
      kills: state.kills,
      version,
    };
  };

  it('of one flag among 10,000 cost about as much as the flag', { timeout: 60_000 }, async () => {
    const flags = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`flag-${index}`, { owner: 'team', rollout: index % 100 }]),
    );
    const served = await serveFlags(endings, { flags: { version: 1, flags } });
    const lengths: number[] = [];
    const url = await listen(endings, (request, response) => {
      const end = response.end.bind(response);
      response.end = ((body?: Buffer) => {
        if (body !== undefined) lengths.push(body.length);
        return end(body);
      }) as typeof response.end;
      createNodeListener(served.handler)(request, response);
    });
    const { reader } = await openHalyard(`${url}/halyard`, { push: false, pollMs: 50 });
    const changed = new Promise((resolve) => reader.on('change', resolve));
    await served.store.update(rollOut('flag-5000', 7), why);
    expect(await changed).toMatchObject({ flagKeys: ['flag-5000'] });
    const [whole = 0, change = 0] = lengths;
    expect(whole).toBeGreaterThan(5_000);
    expect(change).toBeLessThan(300);
  });
});

describe('closing', () => {
  it('ends whatever is under way', async () => {
    const url = await listen(endings, () => undefined);
    const store = httpStore(url, { token });
    store.watch(() => undefined);
    const loading = store.load();
    await store.close();
    await expect(loading).rejects.toThrow(`${url} is closed.`);
    await expect(store.load()).rejects.toThrow('is closed.');
    await store.close();
  });

  it('that ends while its stream is being opened leaves no stream open', async () => {
    const streams = new Set<ServerResponse>();
    const answers: (() => void)[] = [];
    const url = await listen(endings, (request, response) => {
      if (request.url !== '/events') return void response.end();
      answers.push(() => {
        streams.add(response.on('close', () => streams.delete(response)));
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: {"heartbeatSeconds":900}\n\n');
      });
    });
    const store = open(url);
    const end = store.watch(() => undefined);
    await vi.waitFor(() => expect(answers).toHaveLength(1), patience);
    end();
    answers[0]?.();
    await vi.waitFor(() => expect(streams.size).toBe(0), patience);
  });

  it('leaves nothing behind after a thousand streams that broke', { timeout: 60_000 }, async () => {
    const served = await serveFlags(endings);
    const connections = new Set<Socket>();
    const listener = createNodeListener(served.handler);
    const server = createServer((request: IncomingMessage, response) => listener(request, response)).listen(
      0,
      '127.0.0.1',
    );
    server.on('connection', (socket) => connections.add(socket.on('close', () => connections.delete(socket))));
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    endings.add(() => server.close());
    const warnings = vi.fn();
    process.on('warning', warnings);
    endings.add(() => process.off('warning', warnings));
    for (let round = 0; round < 100; round += 1) {
      const stores = Array.from({ length: 10 }, () => httpStore(`http://127.0.0.1:${port}/halyard`, { token }));
      await Promise.all(stores.map((store) => store.load()));
      for (const store of stores) store.watch(() => undefined);
      if (round % 3 === 0) await vi.waitFor(() => expect(connections.size).toBeGreaterThan(0), patience);
      if (round % 2 === 0) for (const socket of connections) socket.destroy();
      await Promise.all(stores.map((store) => store.close()));
    }
    await vi.waitFor(() => expect(connections.size).toBe(0), patience);
    expect(warnings).not.toHaveBeenCalled();
    expect(process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length).toBeLessThan(5);
  });
});
