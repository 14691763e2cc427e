import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { createHalyard, type FlagDocument, type FlagStore, memoryStore } from 'halyard';
import { syncHandler, type SyncOptions } from 'halyard/sync';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventClient } from '../ofrep/event-client.js';
import { Endings } from '../ofrep/service.js';
import { linesOf, quietLogger, type Served, serveFlags, shop, token, why } from './served.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

const endings = new Endings();
afterEach(() => endings.run());

const rollOut = (rollout: number) => (document: FlagDocument) => ({
  ...document,
  flags: { ...document.flags, payments: { rollout } },
});

/** Changes a flag, and waits until readers are served the change. */
async function change({ store, ask }: Served, rollout: number): Promise<void> {
  const { version } = await store.update(rollOut(rollout), why);
  await vi.waitFor(async () => expect(linesOf(await ask())[0]['version']).toBe(version));
}

const etagOf = (served: Served) => served.ask().then(({ headers }) => headers.etag ?? '');

describe('options', () => {
  it('refuse to serve to everybody', async () => {
    const halyard = await createHalyard({ store: memoryStore(shop) });
    endings.add(() => halyard.close());
    const make = (options: unknown) => () => syncHandler(halyard, options as SyncOptions);
    expect(make({})).toThrow(
      'syncHandler: expected either `token` or `authorise`: flags are served to nobody unknown.',
    );
    expect(make({ token, authorise: () => true })).toThrow('either `token` or `authorise`');
    expect(make({ token: [] })).toThrow('option `token`');
    expect(make({ token: '' })).toThrow('found an empty text.');
    expect(make({ token: 'with white space in it' })).toThrow('option `token`');
    const short = make({ token: [token, 'secret'] });
    expect(short).toThrow(
      'syncHandler: option `token`: expected a text of at least 16 letters, digits and signs without white space, or several, found something else.',
    );
    expect(make({ token, path: 'halyard/' })).toThrow('option `path`: expected a path like /halyard');
    expect(make({ token, eventStream: { heartbeatSeconds: 0 } })).toThrow('option `heartbeatSeconds`');
    expect(make({ token, rateLimit: {} })).toThrow('option `perSecond`');
    expect(() => syncHandler({} as never, { token })).toThrow('syncHandler: expected the Halyard');
  });
});

describe('who is let in', () => {
  it('is who has one of the tokens, to the flags and to the events', async () => {
    const served = await serveFlags(endings, { options: { token: [token, 'the-token-before-it'] } });
    for (const path of ['', '/events']) {
      expect((await served.ask({ headers: { authorization: '' } }, path)).status).toBe(401);
      expect((await served.ask({ headers: { authorization: 'Bearer the-wrong-one-here' } }, path)).status).toBe(401);
      expect((await served.ask({ headers: { authorization: '' } }, `${path}?token=${token}`)).status).toBe(401);
    }
    expect((await served.ask()).status).toBe(200);
    expect((await served.ask({ headers: { authorization: 'Bearer the-token-before-it' } })).status).toBe(200);
  });

  it('is who the function says, and nobody while it fails', async () => {
    const authorise = vi.fn((request: Request) => request.headers.get('x-service') === 'shop');
    const served = await serveFlags(endings, { options: { authorise } });
    expect((await served.ask({ headers: { 'x-service': 'shop' } })).status).toBe(200);
    expect((await served.ask({ headers: { 'x-service': 'other' } })).status).toBe(403);
    authorise.mockImplementation(() => {
      throw new Error('no');
    });
    expect((await served.ask()).status).toBe(500);
    expect((await served.ask()).text).not.toContain('payments');
    expect(served.log.error).toHaveBeenCalledOnce();
  });

  it('gets no more than the limit', async () => {
    const served = await serveFlags(endings, { options: { rateLimit: { perSecond: 0.01, burst: 2 } } });
    expect((await served.ask()).status).toBe(200);
    expect((await served.ask()).status).toBe(200);
    const { status, headers } = await served.ask();
    expect([status, headers['retry-after']]).toEqual([429, '100']);
  });
});

describe('the flags', () => {
  it('come as lines, with version and state of one moment', async () => {
    const served = await serveFlags(endings);
    await served.halyard.kill('payments', why);
    await vi.waitFor(async () => expect((await served.ask()).text).toContain('state.kills'));
    const answer = await served.ask();
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
    });
    const [heading, ...lines] = linesOf(answer);
    expect(heading).toEqual({
      format: 1,
      version: served.halyard.health().version,
      tag: answer.headers.etag?.slice(1, -1),
      lines: 6,
    });
    expect(lines).toEqual([
      ['document', 'version', 1],
      ['segments', 'staff', { staff: true }],
      ...Object.entries(shop.flags).map(([key, flag]) => ['flags', key, flag]),
      ['state.kills', 'payments', { at: expect.any(String), ...why }],
    ]);
  });

  it('are what the store holds, without what is said in this process alone', async () => {
    const served = await serveFlags(endings, { overrides: { 'button-color': 'control' }, kills: ['new-checkout'] });
    expect((await served.ask()).text).not.toContain('kills');
  });

  it('have no answer yet while nothing is loaded, and get one', async () => {
    const store = memoryStore(shop);
    const load = vi.spyOn(store, 'load').mockRejectedValue(new Error('away'));
    const served = await serveFlags(endings, { store, startWithout: true });
    const { status, headers, json } = await served.ask();
    expect([status, headers['retry-after'], json]).toEqual([
      503,
      '2',
      { type: 'about:blank', title: 'Service Unavailable', status: 503, detail: 'No flags are loaded yet.' },
    ]);
    load.mockRestore();
    await served.halyard.refresh();
    expect((await served.ask()).status).toBe(200);
  });

  it('are the last good ones while their store is away, and say so', async () => {
    const store = memoryStore(shop);
    const served = await serveFlags(endings, { store });
    expect((await served.ask()).headers['halyard-stale-seconds']).toBeUndefined();
    vi.spyOn(store, 'load').mockRejectedValue(new Error('away'));
    await served.halyard.refresh();
    const { status, headers } = await served.ask();
    expect(status).toBe(200);
    expect(Number(headers['halyard-stale-seconds'])).toBeGreaterThanOrEqual(0);
    const known = await served.ask({ headers: { 'if-none-match': headers.etag ?? '' } });
    expect(known.status).toBe(304);
    expect(known.headers['halyard-stale-seconds']).toBeDefined();
  });

  it('end with the Halyard, rather than freeze', async () => {
    const served = await serveFlags(endings);
    await served.halyard.close();
    expect((await served.ask()).status).toBe(503);
    expect((await served.ask({}, '/events')).status).toBe(503);
  });

  it('are nowhere else, and for no other method', async () => {
    const served = await serveFlags(endings, { options: { path: '/internal/flags' } });
    expect(served.handler.owns('/internal/flags')).toBe(true);
    expect(served.handler.owns('/internal/flags/events')).toBe(true);
    expect(served.handler.owns('/internal/flagship')).toBe(false);
    expect((await served.ask({}, '/other')).status).toBe(404);
    const posted = await served.ask({ method: 'POST', body: 'x' });
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

describe('entity tags', () => {
  it('spare a reader what it has', async () => {
    const served = await serveFlags(endings);
    const tag = await etagOf(served);
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*', `${tag.slice(0, -1)}-gzip"`]) {
      const { status, headers, text } = await served.ask({ headers: { 'if-none-match': known } });
      expect([status, headers.etag, text]).toEqual([304, tag, '']);
    }
    await change(served, 5);
    expect((await served.ask({ headers: { 'if-none-match': tag } })).status).toBe(200);
  });

  it('are the same on every instance that serves the same', async () => {
    const document: FlagDocument = { version: 1, flags: { a: {}, b: {} } };
    const swapped: FlagDocument = { version: 1, flags: { b: {}, a: {} } };
    const store = (flags: FlagDocument): FlagStore => ({
      name: 'fixed',
      refuses: 'flags',
      load: () => Promise.resolve({ document: flags, state: emptyFlagState, version: 'fixed:1' }),
      close: () => Promise.resolve(),
    });
    const [one, other] = [
      await serveFlags(endings, { store: store(document) }),
      await serveFlags(endings, { store: store(swapped) }),
    ];
    expect(await etagOf(one)).toBe(await etagOf(other));
  });

  it.each(['x'.repeat(5_000), '"', '"a', ',,,', `"${'a'.repeat(22)}"`])(
    'survive what is none: %.20s',
    async (header) => {
      const served = await serveFlags(endings);
      const headers = { 'if-none-match': header, 'a-im': 'halyard-delta' };
      expect((await served.ask({ headers })).status).toBe(200);
    },
  );

  it('come with HEAD, which sends nothing else', async () => {
    const served = await serveFlags(endings);
    const { status, headers, text } = await served.ask({ method: 'HEAD' });
    expect([status, headers.etag, text]).toEqual([200, await etagOf(served), '']);
    expect((await served.ask({ method: 'HEAD', headers: { 'if-none-match': headers.etag ?? '' } })).status).toBe(304);
  });
});

describe('changes', () => {
  const since = (served: Served, tag: string) =>
    served.ask({ headers: { 'if-none-match': tag, 'a-im': 'halyard-delta' } });

  it('are all that a reader gets who has what was before', async () => {
    const served = await serveFlags(endings);
    const before = await etagOf(served);
    await change(served, 5);
    const answer = await since(served, before);
    expect(answer.status).toBe(226);
    expect(answer.headers).toMatchObject({
      im: 'halyard-delta',
      'delta-base': before,
      etag: await etagOf(served),
      'cache-control': 'no-store',
    });
    const [heading, ...lines] = linesOf(answer);
    expect(heading).toMatchObject({ base: before.slice(1, -1), lines: 1 });
    expect(lines).toEqual([['flags', 'payments', { rollout: 5 }]]);
  });

  it('are added up over several versions, also those that were taken back', async () => {
    const more = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`more-${index}`, {}]));
    const served = await serveFlags(endings, { flags: { ...shop, flags: { ...shop.flags, ...more } } });
    const before = await etagOf(served);
    await change(served, 5);
    await served.store.updateState(() => ({ ...emptyFlagState, kills: new Map([['a', { at: 0, ...why }]]) }), why);
    await served.store.updateState(() => ({ ...emptyFlagState, kills: new Map() }), why);
    const { version } = await served.store.update(
      ({ flags: { 'new-checkout': _, ...flags }, ...rest }) => ({ ...rest, flags }),
      why,
    );
    await vi.waitFor(async () => expect(linesOf(await served.ask())[0]['version']).toBe(version));
    const [, ...lines] = linesOf(await since(served, before));
    expect(lines).toContainEqual(['flags', 'payments', { rollout: 5 }]);
    expect(lines).toContainEqual(['flags', 'new-checkout']);
    // Versions that followed each other at once may have been passed over.
    expect(lines.filter(([part]) => part !== 'flags').filter((line) => line.length > 2)).toEqual([]);
  });

  it('are not sent to who didn’t ask for them, or has something else', async () => {
    const served = await serveFlags(endings);
    const before = await etagOf(served);
    await change(served, 5);
    expect((await served.ask({ headers: { 'if-none-match': before } })).status).toBe(200);
    expect((await since(served, `"${'x'.repeat(22)}"`)).status).toBe(200);
  });

  it('give way to the whole where most has changed, or too much has happened', async () => {
    const served = await serveFlags(endings);
    const before = await etagOf(served);
    for (let rollout = 0; rollout < 100; rollout += 0.4) await served.store.update(rollOut(rollout), why);
    await vi.waitFor(async () =>
      expect(linesOf(await served.ask())[0]['version']).toBe((await served.store.load()).version),
    );
    const recent = await etagOf(served);
    served.store.set({ version: 1, flags: { other: {}, others: {}, more: {} } });
    await vi.waitFor(async () => expect((await served.ask()).text).toContain('others'));
    expect((await since(served, recent)).status).toBe(200);
    expect((await since(served, before)).status).toBe(200);
  });
});

describe('packing', () => {
  const many: FlagDocument = {
    version: 1,
    flags: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`flag-${index}`, { rollout: index % 100 }])),
  };

  async function bytes({ url }: Served, accepted: string): Promise<{ response: IncomingMessage; body: Buffer }> {
    const headers = { authorization: `Bearer ${token}`, 'accept-encoding': accepted };
    const [response] = (await once(get(url, { headers, agent: new Agent() }), 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { response, body: Buffer.concat(chunks) };
  }

  it.each([
    ['gzip', 'gzip', gunzipSync],
    ['br', 'br', brotliDecompressSync],
    ['gzip, deflate, br;q=0.5', 'br', brotliDecompressSync],
    ['br;q=0, gzip', 'gzip', gunzipSync],
  ])('is done for who accepts %s', async (accepted, coding, unpack) => {
    const served = await serveFlags(endings, { flags: many });
    const plain = await served.ask();
    const { response, body } = await bytes(served, accepted);
    expect(response.headers).toMatchObject({ 'content-encoding': coding, 'content-length': String(body.length) });
    expect(response.headers.etag).toBe(`${plain.headers.etag?.slice(0, -1)}-${coding}"`);
    expect(response.headers.vary).toContain('Accept-Encoding');
    expect(unpack(body).toString()).toBe(plain.text);
    expect(body.length).toBeLessThan(plain.text.length / 4);
  });

  it.each(['identity', 'deflate', '', 'x'.repeat(5_000)])('is not done for who accepts %.20s', async (accepted) => {
    const served = await serveFlags(endings, { flags: many });
    expect((await bytes(served, accepted)).response.headers['content-encoding']).toBeUndefined();
  });

  it('is not worth it for a few flags', async () => {
    const served = await serveFlags(endings);
    expect((await bytes(served, 'gzip')).response.headers['content-encoding']).toBeUndefined();
  });
});

describe('events', () => {
  const open = async (served: Served): Promise<EventClient> => {
    const client = await EventClient.open(`${served.url}/events`, { authorization: `Bearer ${token}` });
    endings.add(() => client.leave());
    return client;
  };
  const nextData = async (client: EventClient): Promise<unknown> =>
    JSON.parse((await client.nextEvent())?.data ?? 'null') as unknown;

  it('tell the version, first and at each change, and whether the store is away', async () => {
    const store = memoryStore(shop);
    const served = await serveFlags(endings, { store });
    const client = await open(served);
    const tag = (await etagOf(served)).slice(1, -1);
    const { version } = await store.load();
    expect(await nextData(client)).toEqual({ tag, version, stale: false, heartbeatSeconds: 15 });
    await store.updateState(() => ({ ...emptyFlagState, kills: new Map([['payments', { at: 0, ...why }]]) }), why);
    const told = (await nextData(client)) as { tag: string; version: string };
    expect(told.version).toBe((await store.load()).version);
    expect(told.tag).not.toBe(tag);
    const load = vi.spyOn(store, 'load').mockRejectedValue(new Error('away'));
    await served.halyard.refresh();
    expect(await nextData(client)).toEqual({ ...told, stale: true, heartbeatSeconds: 15 });
    load.mockRestore();
    await served.halyard.refresh();
    expect(await nextData(client)).toEqual({ ...told, stale: false, heartbeatSeconds: 15 });
  });

  it('have heartbeats between them', async () => {
    const served = await serveFlags(endings, { options: { eventStream: { heartbeatSeconds: 1 } } });
    const client = await open(served);
    await client.next();
    expect(await client.next()).toBe(':');
  });

  it('are for no more readers than may be, and for none where there are none', async () => {
    const served = await serveFlags(endings, { options: { eventStream: { maxStreams: 1 } } });
    await open(served);
    const { status, headers } = await served.ask({}, '/events');
    expect([status, headers['retry-after']]).toEqual([503, '30']);
    const without = await serveFlags(endings, { options: { eventStream: false } });
    expect((await without.ask({}, '/events')).status).toBe(404);
  });

  it('end with the Halyard, and with the handler', async () => {
    const served = await serveFlags(endings);
    const client = await open(served);
    await client.next();
    await served.halyard.close();
    expect(await client.next()).toBeUndefined();
    const other = await serveFlags(endings);
    const listener = await open(other);
    await listener.next();
    other.handler.close();
    expect(await listener.next()).toBeUndefined();
    expect((await other.ask()).status).toBe(503);
  });
});

describe('flags that this process refuses', () => {
  /** A store whose text the test replaces, as a remote one that others write. */
  function textStore(first: string): FlagStore & { text: string; counter: number } {
    return {
      name: 'remote',
      refuses: 'flags',
      text: first,
      counter: 1,
      load() {
        const document = [{ name: 'flags.yaml', text: this.text }];
        return Promise.resolve({ document, state: emptyFlagState, version: `remote:${this.counter}` });
      },
      close: () => Promise.resolve(),
    };
  }

  const flagLine = async (served: Served, key: string) =>
    linesOf(await served.ask()).find((line) => Array.isArray(line) && line[0] === 'flags' && line[1] === key);

  async function serveText(first: string, ...later: string[]): Promise<Served> {
    const store = textStore(first);
    const served = await serveFlags(endings, { store, logger: quietLogger() });
    for (const text of later) {
      Object.assign(store, { text, counter: store.counter + 1 });
      await served.halyard.refresh();
    }
    const version = `remote:${store.counter}`;
    await vi.waitFor(async () => expect(linesOf(await served.ask())[0]['version']).toBe(version));
    return served;
  }

  it('are sent as they are written: a newer reader may know the words', async () => {
    const served = await serveText(
      'version: 1\nflags:\n  a: {}\n  b: { rollout: 5 }\n',
      'version: 1\nflags:\n  a: {}\n  b: { newWord: 5 }\n',
    );
    expect(await flagLine(served, 'b')).toEqual(['flags', 'b', { newWord: 5 }]);
  });

  it.each([
    ['a unit whose text is another than its value', '{ targets: { on: [007] }, serve: off }'],
    ['a number that JSON lacks', '{ rollout: .inf }'],
  ])('are sent in their last good form where a reader would see something else: %s', async (_what, flag) => {
    const bad = `version: 1\nflags:\n  a: {}\n  b: ${flag}\n`;
    const served = await serveText('version: 1\nflags:\n  a: {}\n  b: { rollout: 5 }\n', bad);
    expect(await flagLine(served, 'b')).toEqual(['flags', 'b', { rollout: 5 }]);
    // Without a last good form, it is there and can't be understood: so a reader keeps its own.
    const unknown = await serveText('version: 1\nflags:\n  a: {}\n', bad);
    expect(await flagLine(unknown, 'b')).toEqual(['flags', 'b', expect.any(String)]);
  });

  it('are the whole document, if it can’t be read: then the last good one is served', async () => {
    const served = await serveFlags(endings, { store: textStore('version: 1\nflags:\n  a: {}\n') });
    const store = textStore('version: 1\nflags:\n  a: {}\n');
    const other = await serveFlags(endings, { store, logger: quietLogger() });
    Object.assign(store, { text: 'flags: [', counter: 2 });
    await other.halyard.refresh();
    const { text, headers } = await other.ask();
    expect(text).toBe((await served.ask()).text);
    expect(headers['halyard-stale-seconds']).toBeDefined();
  });

  it('live with values that no JSON has', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const flags = { a: { 'x-note': cyclic }, b: { 'x-note': 5n }, c: {} } as unknown as FlagDocument['flags'];
    const document = { version: 1, flags, 'x-top': cyclic } as FlagDocument;
    const load = () => Promise.resolve({ document, state: emptyFlagState, version: 'made:1' });
    const store: FlagStore = { name: 'made', refuses: 'flags', load, close: () => Promise.resolve() };
    const served = await serveFlags(endings, { store });
    expect(await flagLine(served, 'c')).toEqual(['flags', 'c', {}]);
    expect(await flagLine(served, 'a')).toEqual(['flags', 'a', expect.any(String)]);
  });
});
