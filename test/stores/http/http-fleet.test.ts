import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHalyard, FleetNotReachedError, type Halyard, type HalyardOptions, httpStore } from 'halyard';
import { createNodeListener, syncHandler } from 'halyard/sync';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Endings, listen } from '../../ofrep/service.js';
import { quietLogger, type Served, serveFlags, shop, token, why } from '../../sync/served.js';
import { Testbed } from '../postgres/testbed.js';
import { withPostgres } from '../postgres/with-postgres.js';

const endings = new Endings();
afterEach(() => endings.run());

const patience = { interval: 20 };

async function read(
  url: string,
  options: Partial<HalyardOptions> = {},
): Promise<{ reader: Halyard; log: ReturnType<typeof quietLogger> }> {
  const log = quietLogger();
  const reader = await createHalyard({ store: httpStore(url, { token }), logger: log, ...options });
  endings.add(() => reader.close());
  return { reader, log };
}

const hostsOf = async (halyard: Halyard) => (await halyard.fleet()).map(({ host }) => host);

/** What stands before a serving side, and answers some requests itself. */
async function before(served: Served, answers: (method: string, path: string) => number | undefined): Promise<string> {
  const through = createNodeListener(served.handler);
  const origin = await listen(endings, (request, response) => {
    const status = answers(request.method ?? '', request.url ?? '');
    if (status === undefined) through(request, response);
    else response.writeHead(status).end();
  });
  return `${origin}/halyard`;
}

describe('the fleet behind a serving side', () => {
  it('is in its list, with the versions that each serves, and off it once it is closed', async () => {
    const served = await serveFlags(endings, { fleet: { host: 'source' } });
    const { reader } = await read(served.url, { fleet: { host: 'web-1' } });
    await vi.waitFor(async () => {
      const members = await served.halyard.fleet();
      expect(members.map(({ host, standing, isCurrent }) => [host, standing, isCurrent])).toEqual([
        ['source', 'same', true],
        ['web-1', 'same', true],
      ]);
    }, patience);
    expect((await reader.fleet()).find(({ isSelf }) => isSelf)).toMatchObject({
      host: 'web-1',
      version: served.halyard.health().version,
      standing: 'same',
    });
    await reader.close();
    expect(await hostsOf(served.halyard)).toEqual(['source']);
  });

  it('is waited for', async () => {
    const served = await serveFlags(endings);
    const { reader } = await read(served.url);
    const { reader: other } = await read(served.url);
    await served.halyard.kill('payments', { ...why, waitForFleet: true });
    expect([reader.boolean('payments', true), other.boolean('payments', true)]).toEqual([false, false]);
    await reader.waitForFleet(served.halyard.health().version ?? '');
  });

  it('is named where it does not follow', async () => {
    const served = await serveFlags(endings);
    let isCut = false;
    const url = await before(served, (method) => (isCut && method !== 'POST' ? 500 : undefined));
    const store = httpStore(url, { token, push: false, pollMs: 50 });
    await read(url, { store, fleet: { host: 'web-cut', reportMs: 1_000 } });
    isCut = true;
    const killed = served.halyard.kill('payments', { ...why, waitForFleet: { timeoutMs: 300 } });
    const error = await killed.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FleetNotReachedError);
    expect((error as FleetNotReachedError).missing?.map(({ host }) => host)).toEqual(['web-cut']);
  });

  it('is seen through relays, and their versions are the source’s', async () => {
    const served = await serveFlags(endings, { fleet: { host: 'source' } });
    const { reader: relay } = await read(served.url, { fleet: { host: 'relay' } });
    const origin = await listen(endings, createNodeListener(syncHandler(relay, { token })));
    const { reader } = await read(`${origin}/halyard`, { fleet: { host: 'service' } });
    await vi.waitFor(
      async () => expect(await hostsOf(served.halyard)).toEqual(['relay', 'service', 'source']),
      patience,
    );
    await served.halyard.kill('payments', { ...why, waitForFleet: true });
    expect(reader.boolean('payments', true)).toBe(false);
    expect((await relay.fleet()).every(({ isCurrent }) => isCurrent)).toBe(true);
    await reader.close();
    expect(await hostsOf(served.halyard)).toEqual(['relay', 'source']);
  });

  it('is off the list when its process ends with nothing else to do', async () => {
    const served = await serveFlags(endings, { fleet: false });
    const program = join(import.meta.dirname, 'report-and-end.mjs');
    await promisify(execFile)(process.execPath, [program, served.url, token], { timeout: 15_000 });
    expect(await hostsOf(served.halyard)).toEqual([]);
  });
});

describe('a serving side that keeps no list', () => {
  it.each([
    ['that is older', 404],
    ['that takes no reports', 405],
  ])('%s is left alone, and that is said once, at info', async (_which, status) => {
    const served = await serveFlags(endings);
    const asked: string[] = [];
    const url = await before(served, (method, path) => {
      if (!path.includes('/fleet')) return undefined;
      asked.push(method);
      return status;
    });
    const { reader, log } = await read(url, { fleet: { reportMs: 100 } });
    await vi.waitFor(() => expect(log.info).toHaveBeenCalledOnce(), patience);
    expect(log.info.mock.calls[0]?.[1]).toBe(
      `This instance is not in the fleet's list, and \`waitForFleet\` does not wait for it. Flags are not affected, and it is tried again: ${url} keeps no list of the instances that follow it.`,
    );
    await expect(reader.fleet()).rejects.toThrow(`${url} keeps no list of the instances that follow it.`);
    await expect(reader.waitForFleet('shop:1', { timeoutMs: 60_000 })).rejects.toThrow('keeps no list');
    await reader.close();
    expect(asked.filter((method) => method === 'POST')).toHaveLength(1);
    expect([log.warn.mock.calls, log.error.mock.calls, log.info.mock.calls.length]).toEqual([[], [], 1]);
  });

  it('above a relay is the same for what is behind it', async () => {
    const served = await serveFlags(endings, { options: { fleet: false } });
    const { reader: relay } = await read(served.url);
    const origin = await listen(endings, createNodeListener(syncHandler(relay, { token })));
    const { reader, log } = await read(`${origin}/halyard`);
    await expect(reader.fleet()).rejects.toThrow(`${origin}/halyard keeps no list of the instances that follow it.`);
    expect(log.warn).not.toHaveBeenCalled();
  });
});

describe('reports', () => {
  it('that are refused leave the flags alone', async () => {
    const authorise = ({ method }: Request) => method === 'GET' || method === 'HEAD';
    const served = await serveFlags(endings, { options: { authorise } });
    const { reader, log } = await read(served.url);
    await vi.waitFor(() => expect(log.warn).toHaveBeenCalledOnce(), patience);
    expect(log.warn.mock.calls[0]?.[1]).toContain('answered 403');
    await served.halyard.kill('payments', why);
    await vi.waitFor(() => expect(reader.boolean('payments', true)).toBe(false), patience);
  });

  it('go over the connection that is there', async () => {
    const served = await serveFlags(endings);
    const server = createServer(createNodeListener(served.handler));
    let connections = 0;
    server.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    endings.add(() => {
      server.closeAllConnections();
      server.close();
    });
    const store = httpStore(`http://127.0.0.1:${port}/halyard`, { token, push: false });
    endings.add(() => store.close());
    const instance = { id: 'a', host: 'web-1', pid: 1, startedAt: 0, version: undefined };
    for (let count = 0; count < 10; count += 1) await store.fleet.report(instance, 60_000);
    // One may not be free again when the next report is on its way.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it.each([
    ['no JSON', '<html>', 'is not valid JSON'],
    ['no list', '{}', '`instances`: expected a list.'],
    ['somebody without a name', '{"instances":[{"id":"a"}]}', '`host`: expected a text of 1 to 256 characters'],
  ])('are not read from a list that is %s', async (_what, body, message) => {
    const url = await listen(endings, (_request, response) => response.writeHead(200).end(body));
    const store = httpStore(url, { token });
    endings.add(() => store.close());
    await expect(store.fleet.list()).rejects.toThrow(`${url} lists its fleet in a way that can't be read: `);
    await expect(store.fleet.list()).rejects.toThrow(message);
  });
});

await withPostgres((url) => {
  const bed = new Testbed(url);

  it('a service behind a relay is in the fleet of a process on PostgreSQL', { timeout: 60_000 }, async () => {
    const schema = bed.schema();
    const store = bed.open({ schema });
    await store.pushDocument(JSON.stringify(shop), why);
    const source = await createHalyard({ store, logger: quietLogger(), fleet: { host: 'operator' } });
    bed.later(() => source.close());
    const relay = await createHalyard({ store: bed.open({ schema }), logger: quietLogger(), fleet: { host: 'relay' } });
    bed.later(() => relay.close());
    const origin = await listen(endings, createNodeListener(syncHandler(relay, { token })));
    const { reader } = await read(`${origin}/halyard`, { fleet: { host: 'service' } });
    await vi.waitFor(async () => expect(await hostsOf(source)).toEqual(['operator', 'relay', 'service']), patience);
    await source.kill('payments', { ...why, waitForFleet: true });
    expect(reader.boolean('payments', true)).toBe(false);
    expect((await source.fleet()).map(({ host, standing }) => [host, standing])).toEqual([
      ['operator', 'same'],
      ['relay', 'same'],
      ['service', 'same'],
    ]);
    await reader.close();
    expect(await hostsOf(source)).toEqual(['operator', 'relay']);
  });
});
