import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStore, memoryStore } from 'halyard';
import type { SyncOptions } from 'halyard/sync';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Endings } from '../ofrep/service.js';
import { type Served, serveFlags, shop } from './served.js';

const endings = new Endings();
afterEach(() => endings.run());

const report = { id: 'a', host: 'web-1', pid: 17, startedAt: 1_750_000_000_000, version: 'shop:7', ttlMs: 60_000 };

/** A Halyard whose own instance isn't on the list, so that only what was reported is. */
const serve = (options: SyncOptions = {}) => serveFlags(endings, { options, fleet: false });

const post = ({ ask }: Served, body: unknown, headers: Record<string, string> = {}) =>
  ask(
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    '/fleet',
  );

const idsOf = async ({ ask }: Served) => {
  const { json } = await ask({}, '/fleet');
  return (json as { instances: { id: string }[] }).instances.map(({ id }) => id);
};

describe('the fleet of readers', () => {
  it('is who reported, as the store lists it, until it ends', async () => {
    const served = await serve();
    expect((await post(served, report)).status).toBe(204);
    expect((await post(served, { ...report, id: 'b', version: undefined })).status).toBe(204);
    const { status, headers, json } = await served.ask({}, '/fleet');
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, 'application/json', 'no-store']);
    const { ttlMs: _, ...instance } = report;
    expect(json).toEqual({
      instances: [
        { ...instance, lastContact: expect.any(Number) },
        { ...instance, id: 'b', version: undefined, lastContact: expect.any(Number) },
      ],
    });
    expect(await served.store.fleet?.list()).toHaveLength(2);
    expect((await served.ask({ method: 'DELETE' }, '/fleet?id=a')).status).toBe(204);
    expect((await served.halyard.fleet()).map(({ id }) => id)).toEqual(['b']);
  });

  it('is forgotten some time after its last report', async () => {
    const served = await serve();
    await post(served, { ...report, ttlMs: 1 });
    await vi.waitFor(async () => expect(await idsOf(served)).toEqual([]));
  });

  it('is open to those alone who may read the flags', async () => {
    const served = await serve();
    const headers = { authorization: 'Bearer the-wrong-one-here' };
    expect((await post(served, report, headers)).status).toBe(401);
    expect((await served.ask({ headers }, '/fleet')).status).toBe(401);
    expect((await served.ask({ method: 'DELETE', headers }, '/fleet?id=a')).status).toBe(401);
    expect(await idsOf(served)).toEqual([]);
    const reading = await serve({ authorise: ({ method }) => method === 'GET' });
    expect((await post(reading, report)).status).toBe(403);
    expect(await idsOf(reading)).toEqual([]);
  });

  it.each([
    ['no object', '[]', 400, '`id`: expected a text of 1 to 256 characters, on one line.'],
    ['nothing', '', 400, 'expected an object.'],
    ['no JSON', '{', 400, 'The body is not JSON.'],
    ['no id', { ...report, id: undefined }, 400, '`id`: expected a text'],
    ['an id that is too long', { ...report, id: 'x'.repeat(257) }, 400, '`id`: expected a text'],
    ['a host with a line break', { ...report, host: 'web\nroot' }, 400, '`host`: expected a text'],
    ['a host that is no text', { ...report, host: { toString: 1 } }, 400, '`host`: expected a text'],
    ['a version that is no text', { ...report, version: 7 }, 400, '`version`: expected a text'],
    ['half a process', { ...report, pid: 1.5 }, 400, '`pid`: expected another number.'],
    ['a start that is no number', { ...report, startedAt: 'now' }, 400, '`startedAt`: expected another number.'],
    ['a life without end', { ...report, ttlMs: 1e15 }, 400, '`ttlMs`: expected another number.'],
    ['no life', { ...report, ttlMs: 0 }, 400, '`ttlMs`: expected another number.'],
    ['a body that is too long', { ...report, more: 'x'.repeat(9_000) }, 413, 'longer than 8192 bytes'],
  ])('is nobody who reports %s', async (_what, body, status, message) => {
    const served = await serve();
    const answer = await post(served, body);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(message);
    expect(await idsOf(served)).toEqual([]);
    expect(served.log.error).not.toHaveBeenCalled();
  });

  it('takes no form, which any page may send', async () => {
    const served = await serve();
    expect((await post(served, report, { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('keeps nothing that a report has beside', async () => {
    const served = await serve();
    await post(served, `{"__proto__":{"host":"x"},"admin":true,${JSON.stringify(report).slice(1)}`);
    const [instance] = (await served.store.fleet?.list()) ?? [];
    expect(Object.keys(instance ?? {}).toSorted()).toEqual([
      'host',
      'id',
      'lastContact',
      'pid',
      'startedAt',
      'version',
    ]);
    expect(instance?.host).toBe('web-1');
  });

  it('has room for so many who live, and for whoever was there', async () => {
    const served = await serve({ fleet: { maxInstances: 2 } });
    await post(served, report);
    await post(served, { ...report, id: 'b', ttlMs: 1 });
    await vi.waitFor(async () => expect(await idsOf(served)).toEqual(['a']));
    expect((await post(served, { ...report, id: 'c' })).status).toBe(204);
    const { status, headers, text } = await post(served, { ...report, id: 'd' });
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(text).toContain('There is no room for more instances.');
    expect((await post(served, { ...report, version: 'shop:8' })).status).toBe(204);
    await served.ask({ method: 'DELETE' }, '/fleet?id=a');
    expect((await post(served, { ...report, id: 'd' })).status).toBe(204);
    expect(await idsOf(served)).toEqual(['c', 'd']);
  });

  it('ends for nobody without an id', async () => {
    const served = await serve();
    await post(served, report);
    for (const query of ['', '?id=', `?id=${'x'.repeat(300)}`, '?id=%0A']) {
      expect((await served.ask({ method: 'DELETE' }, `/fleet${query}`)).status).toBe(400);
    }
    expect((await served.ask({ method: 'DELETE' }, '/fleet/a?id=b')).status).toBe(404);
    expect(await idsOf(served)).toEqual(['a']);
  });

  it('has no other methods', async () => {
    const served = await serve();
    const { status, headers } = await served.ask({ method: 'PUT' }, '/fleet');
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, POST, DELETE']);
    expect((await served.ask({ method: 'HEAD' }, '/fleet')).text).toBe('');
  });

  it('can be left out', async () => {
    const served = await serve({ fleet: false });
    expect((await post(served, report)).status).toBe(404);
    expect((await served.ask({}, '/fleet')).status).toBe(404);
  });

  it('can not be reached while its store can not, and says no more', async () => {
    const store = memoryStore(shop);
    const served = await serveFlags(endings, { store, fleet: false });
    vi.spyOn(store.fleet!, 'report').mockRejectedValue(new Error('password=hunter2'));
    const { status, text } = await post(served, report);
    expect(status).toBe(503);
    expect(text).toContain('The list of instances can not be reached.');
    expect(text).not.toContain('hunter2');
  });

  it('is kept by the serving process where its store keeps none, with that process on it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-served-'));
    endings.add(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'flags.yaml'), 'version: 1\nflags: { payments: { kind: operational } }\n');
    const store = fileStore(join(folder, 'flags.yaml'));
    const served = await serveFlags(endings, { store, fleet: { id: 'source' } });
    await post(served, report);
    expect((await served.halyard.fleet()).map(({ id, isSelf }) => [id, isSelf]).toSorted()).toEqual([
      ['a', false],
      ['source', true],
    ]);
    expect((await idsOf(served)).toSorted()).toEqual(['a', 'source']);
  });

  it.each([
    [{ fleet: true }, 'option `fleet`: expected an object of options, or false, found true'],
    [{ fleet: { maxInstances: -1 } }, 'option `maxInstances`: expected a whole number from 0, found -1'],
  ])('is not kept with the options %j', async (options, message) => {
    await expect(serve(options as never)).rejects.toThrow(message);
  });
});

describe('the usage of readers', () => {
  const postUsage = ({ ask }: Served, body: unknown) =>
    ask(
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      '/fleet/usage',
    );
  const flagKey = Object.keys(shop.flags)[0]!;

  it('is noted where the store keeps it, of flags that are served alone', async () => {
    const served = await serve();
    const at = Date.now() - 60_000;
    expect((await postUsage(served, { usage: { [flagKey]: at, 'no-such-flag': at } })).status).toBe(204);
    const { status, json } = await served.ask({}, '/fleet/usage');
    expect([status, json]).toEqual([200, { usage: { [flagKey]: at } }]);
    expect(await served.store.fleet?.usage?.()).toEqual(new Map([[flagKey, at]]));
  });

  it.each([
    ['nothing', undefined],
    ['a list', { usage: [] }],
    ['a key that can be none', { usage: { 'no key': 1 } }],
    ['a time that is none', { usage: { a: 'yesterday' } }],
    [
      'more flags than may come at once',
      { usage: Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`f${i}`, 1])) },
    ],
  ])('is refused where it is %s', async (_what, body) => {
    expect((await postUsage(await serve(), body)).status).toBe(400);
  });

  it('is not there for who has no list', async () => {
    const served = await serve({ fleet: false });
    expect((await served.ask({}, '/fleet/usage')).status).toBe(404);
  });

  it('can not be removed', async () => {
    expect((await (await serve()).ask({ method: 'DELETE' }, '/fleet/usage')).status).toBe(405);
  });
});
