import { chmod, chown, mkdir, readFile, rm, rmdir, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ChangeEvent,
  createHalyard,
  fileStore,
  type Halyard,
  type HalyardOptions,
  type Logger,
  memoryStore,
} from 'halyard';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../stores/temporary-folder.js';
import { scrape } from '../telemetry/scrape.js';
import { RemoteStore } from './remote-store.js';

const open: Halyard[] = [];
let folder: string;
let cache: string;
let remove: () => Promise<void>;
let logger: ReturnType<typeof recordingLogger>;

const recordingLogger = () => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }) satisfies Logger;
const warnings = (): readonly string[] => logger.warn.mock.calls.map(([, message]) => String(message));
const why = { by: 'ana', reason: 'provider down' };

const start = async (options: Partial<HalyardOptions> & Pick<HalyardOptions, 'store'>): Promise<Halyard> => {
  const halyard = await createHalyard({ logger, ...options });
  open.push(halyard);
  return halyard;
};

/** A service that ran, took the flags, and ended. */
const runOnce = async (store: HalyardOptions['store'], use?: (halyard: Halyard) => Promise<void>): Promise<void> => {
  const halyard = await createHalyard({ store, cache, logger });
  await use?.(halyard);
  await halyard.close();
};

beforeEach(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  cache = join(folder, 'flags.cache');
  logger = recordingLogger();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((halyard) => halyard.close()));
  await remove();
});

describe('a start while the store is away', () => {
  it('goes on from the last good flags, stale', async () => {
    const store = new RemoteStore({ a: { serve: 'off' } });
    await runOnce(store);
    store.goDown();
    const halyard = await start({ store, cache });
    expect(halyard.boolean('a', true)).toBe(false);
    const { status, source, staleSince, ageMs, version } = halyard.health();
    expect({ status, source }).toEqual({ status: 'stale', source: `cache:${cache}` });
    expect(version).toBe((await store.held.load()).version);
    expect(staleSince).toBeInstanceOf(Date);
    expect(ageMs).toBeGreaterThanOrEqual(0);
  });

  it('tells that it is stale, after the start, and why', async () => {
    const store = new RemoteStore({ a: {} });
    await runOnce(store);
    store.goDown();
    const halyard = await start({ store, cache });
    const told = await new Promise((resolve) => halyard.on('stale', resolve));
    expect(told).toEqual({ reason: 'remote:shop: connection refused' });
    expect(warnings()[0]).toMatch(
      /^Flags come from cache:.*flags\.cache now\. They were good at 20..-.*Z\. remote:shop: connection refused$/,
    );
  });

  it('does not wait where the store refuses, and waits for startTimeoutMs where it hangs', async () => {
    const store = new RemoteStore({ a: { serve: 'off' } });
    await runOnce(store);
    store.goDown();
    await start({ store, cache, startTimeoutMs: 2_000_000_000 });
    store.hang();
    const halyard = await start({ store, cache, startTimeoutMs: 20 });
    expect(halyard.health()).toMatchObject({ status: 'stale', source: `cache:${cache}` });
    expect(halyard.health().lastError?.error.message).toBe('remote:shop did not answer within 20 ms (startTimeoutMs).');
  });

  it('takes what the store holds as soon as it answers, and tells what differs', async () => {
    const store = new RemoteStore({ a: {}, b: {}, gone: {} });
    await runOnce(store);
    store.hang();
    const halyard = await start({ store, cache, startTimeoutMs: 20 });
    const changes: ChangeEvent[] = [];
    halyard.on('change', (event) => changes.push(event));
    const ready = new Promise((resolve) => halyard.on('ready', resolve));
    store.set({ a: {}, b: { serve: 'off' }, fresh: {} });
    store.comeBack();
    await ready;
    expect(changes.map(({ flagKeys }) => [...flagKeys].sort())).toEqual([['b', 'fresh', 'gone']]);
    expect(halyard.health()).toMatchObject({ status: 'ready', source: 'remote:shop', staleSince: undefined });
    store.set({ a: {}, b: {}, fresh: {} });
    await vi.waitFor(() => expect(changes[1]?.flagKeys).toEqual(['b']));
  });

  it('lets the store win, also with an older version, and says that it went back', async () => {
    const store = new RemoteStore({ a: {} });
    const { version: first } = await store.held.load();
    store.set({ a: { serve: 'off' } });
    await runOnce(store);
    const load = store.load.bind(store);
    store.goDown();
    const halyard = await start({ store, cache });
    store.load = async () => ({ ...(await load()), document: { version: 1, flags: { a: {} } }, version: first });
    store.comeBack();
    await vi.waitFor(() => expect(halyard.boolean('a', false)).toBe(true));
    expect(warnings().join('\n')).toContain(`went back from version ${first.replace(/0$/, '1')} to ${first}`);
  });

  it('keeps kills', async () => {
    const store = new RemoteStore({ payments: {} });
    await runOnce(store, (halyard) => halyard.kill('payments', why));
    store.goDown();
    const halyard = await start({ store, cache });
    expect(halyard.details('payments', true)).toMatchObject({ value: false, reason: 'DISABLED' });
  });

  it('knows when a kill ends', async () => {
    const store = new RemoteStore({ payments: {}, signups: {} });
    let now = Date.now();
    const clock = { now: () => now };
    const before = await createHalyard({ store, cache, clock, logger });
    await before.kill('payments', { ...why, forSeconds: 60 });
    await before.kill('signups', { ...why, forSeconds: 3600 });
    await before.close();
    store.goDown();
    now += 120_000;
    const halyard = await start({ store, cache, clock });
    expect([halyard.boolean('payments', false), halyard.boolean('signups', true)]).toEqual([true, false]);
    expect(halyard.health().ageMs).toBe(120_000);
    now += 3_600_000;
    expect(halyard.boolean('signups', false)).toBe(true);
  });

  it('can switch a flag off on this instance, and says that nobody else knows', async () => {
    const store = new RemoteStore({ payments: {} });
    await runOnce(store);
    store.goDown();
    const halyard = await start({ store, cache });
    await expect(halyard.kill('payments', why)).rejects.toThrow(
      '"payments" is off on this instance, but remote:shop could not be told: remote:shop: connection refused',
    );
    expect(halyard.boolean('payments', true)).toBe(false);
    const ready = new Promise((resolve) => halyard.on('ready', resolve));
    store.comeBack();
    await ready;
    expect(halyard.boolean('payments', true)).toBe(false);
  });

  it('is seen in the metrics', async () => {
    const store = new RemoteStore({ a: {} });
    let now = 1_800_000_000_000;
    const clock = { now: () => now };
    const before = await createHalyard({ store, cache, clock, logger });
    await before.close();
    store.goDown();
    now += 60_000;
    const registry = new Registry();
    const halyard = await start({ store, cache, clock, registry });
    const { version = '' } = halyard.health();
    expect(await scrape(registry, 'feature_flag_config_info')).toEqual({
      [`version=${version},source=cache:${cache}`]: 1,
    });
    expect(await scrape(registry, 'feature_flag_config_stale')).toEqual({ '': 1 });
    expect(await scrape(registry, 'feature_flag_config_last_success_timestamp_seconds')).toEqual({
      '': 1_800_000_000,
    });
    const ready = new Promise((resolve) => halyard.on('ready', resolve));
    store.comeBack();
    await ready;
    expect(await scrape(registry, 'feature_flag_config_stale')).toEqual({ '': 0 });
    expect(await scrape(registry, 'feature_flag_config_info')).toEqual({
      [`version=${version},source=remote:shop`]: 1,
    });
  });

  it('rejects as before where there is neither cache nor bootstrap document', async () => {
    const store = new RemoteStore({ a: {} });
    store.goDown();
    await expect(start({ store, cache })).rejects.toThrow('remote:shop: connection refused');
    expect(warnings()).toEqual([`cache:${cache} is not used. ${cache}: not found`]);
    const halyard = await start({ store, cache, startWithout: true });
    expect(halyard.health()).toMatchObject({ status: 'error', source: 'remote:shop' });
    store.comeBack();
    await vi.waitFor(() => expect(halyard.boolean('a', false)).toBe(true));
  });

  it('works for files, too: one that is broken during a restart is bridged', async () => {
    const path = join(folder, 'flags.yaml');
    await writeFile(path, 'version: 1\nflags: { a: { serve: off } }\n');
    await runOnce(fileStore(path));
    await writeFile(path, 'version: 1\nflags: { a: { srve: off } }\n');
    const halyard = await start({ store: fileStore(path), cache });
    expect(halyard.boolean('a', true)).toBe(false);
    expect(halyard.health()).toMatchObject({ status: 'stale', source: `cache:${cache}` });
    await writeFile(path, 'version: 1\nflags: { a: { serve: on } }\n');
    await vi.waitFor(() => expect(halyard.boolean('a', false)).toBe(true));
  });
});

describe('kills that the store can tell, though not its document', () => {
  it.each([
    ['the cache', () => ({ cache })],
    ['the bootstrap document', () => ({ bootstrap: { version: 1, flags: { payments: {} } } as const })],
  ])('hold while %s serves', async (_what, standIn) => {
    const path = join(folder, 'flags.yaml');
    await writeFile(path, 'version: 1\nflags: { payments: {} }\n');
    await runOnce(fileStore(path));
    const state = { kills: { payments: { at: '2027-01-10T09:00:00Z', ...why } } };
    await writeFile(join(folder, 'flags.state.json'), JSON.stringify(state));
    for (const broken of ['version: 1\nflags: [', undefined]) {
      if (broken === undefined) await rm(path);
      else await writeFile(path, broken);
      const halyard = await start({ store: fileStore(path), ...standIn() });
      expect(halyard.health().status).toBe('stale');
      expect(halyard.details('payments', true)).toMatchObject({ value: false, reason: 'DISABLED' });
    }
  });
});

describe('the bootstrap document', () => {
  const bootstrap = { version: 1, flags: { a: { serve: 'off' } } } as const;

  it.each([
    ['an object', () => Promise.resolve(bootstrap)],
    [
      'a file',
      async () => {
        await writeFile(join(folder, 'base.yaml'), 'version: 1\nflags: { a: { serve: off } }\n');
        return join(folder, 'base.yaml');
      },
    ],
    [
      'files, later wins',
      async () => {
        await writeFile(join(folder, 'base.yaml'), 'version: 1\nflags: { a: { serve: on } }\n');
        await writeFile(join(folder, 'more.yaml'), 'version: 1\nflags: { a: { serve: off } }\n');
        return [join(folder, 'base.yaml'), join(folder, 'more.yaml')];
      },
    ],
  ])('serves where there is no cache: %s', async (_what, make) => {
    const store = new RemoteStore({ a: {} });
    store.goDown();
    const registry = new Registry();
    const halyard = await start({ store, cache, bootstrap: await make(), registry });
    expect(halyard.boolean('a', true)).toBe(false);
    const { status, source, ageMs, version } = halyard.health();
    expect({ status, source, ageMs }).toEqual({ status: 'stale', source: 'bootstrap', ageMs: undefined });
    expect(version).toMatch(/^bootstrap-[0-9a-f]{12}:0$/);
    expect(await scrape(registry, 'feature_flag_config_stale')).toEqual({ '': 1 });
    store.comeBack();
    await vi.waitFor(() => expect(halyard.boolean('a', false)).toBe(true));
  });

  it('comes after the cache, and never gets into it', async () => {
    const store = new RemoteStore({ a: {} });
    store.goDown();
    const halyard = await createHalyard({ store, cache, bootstrap, logger });
    await halyard.close();
    await expect(stat(cache)).rejects.toThrow('ENOENT');
    store.comeBack();
    await runOnce(store);
    store.goDown();
    expect((await start({ store, cache, bootstrap })).boolean('a', false)).toBe(true);
  });

  it('has one version on every instance', async () => {
    const store = new RemoteStore({ a: {} });
    store.goDown();
    const versions = await Promise.all(
      [bootstrap, structuredClone(bootstrap)].map(
        async (one) => (await start({ store, bootstrap: one })).health().version,
      ),
    );
    expect(versions[0]).toBe(versions[1]);
  });

  it('that is wrong is found while it is not needed', async () => {
    const path = join(folder, 'base.yaml');
    const store = new RemoteStore({ a: {} });
    await expect(start({ store, bootstrap: path })).rejects.toThrow(
      `createHalyard: option \`bootstrap\`: the document can't be used.\n${path}: not found`,
    );
    await writeFile(path, 'version: 1\nflags: { a: { srve: off } }\n');
    await expect(start({ store, bootstrap: path })).rejects.toThrow(`${path}:2:15 flags.a.srve: unknown key`);
    const wrong = { version: 1, flags: { a: { rollout: 'ten' } } } as unknown as typeof bootstrap;
    await expect(start({ store, bootstrap: wrong })).rejects.toThrow('flags.a.rollout');
    await expect(start({ store, bootstrap: 5 as unknown as string })).rejects.toThrow('option `bootstrap`');
    await expect(start({ store, cache: '' })).rejects.toThrow('option `cache`: expected the path of a file');
  });
});

describe('the cache file', () => {
  it('is for this user alone, and so is a folder that is made for it', async () => {
    cache = join(folder, 'made', 'for it', 'flags.cache');
    await runOnce(new RemoteStore({ a: {} }));
    expect((await stat(cache)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'made'))).mode & 0o777).toBe(0o700);
  });

  it('holds texts as they are, whatever is in them', async () => {
    const store = new RemoteStore({});
    store.text = `version: 1\nflags:\n  a: { description: "Größe 日本語 😀\\u0000", owner: é }  # 🛟\n${'# 😀é\n'.repeat(40_000)}`;
    await runOnce(store);
    store.goDown();
    const halyard = await start({ store, cache });
    expect(halyard.details('a', false)).toMatchObject({ value: true, owner: 'é' });
  });

  it('holds many flags', async () => {
    const flags = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`flag-${index}`, { rollout: 100 }]));
    const store = new RemoteStore(flags);
    await runOnce(store);
    store.goDown();
    const halyard = await start({ store, cache });
    expect(halyard.health().flags).toBe(5_000);
    expect(halyard.boolean('flag-4999', false, { targetingKey: 'u' })).toBe(true);
  });

  it('follows what the store holds while the service runs', async () => {
    const store = new RemoteStore({ a: {} });
    const halyard = await start({ store, cache });
    for (let percentage = 1; percentage <= 50; percentage += 1) store.set({ a: { rollout: percentage } });
    await vi.waitFor(async () => expect(await readFile(cache, 'utf8')).toContain('"rollout":50'));
    await halyard.kill('a', why);
    await vi.waitFor(async () => expect(await readFile(cache, 'utf8')).toContain('provider down'));
  });

  it('keeps the kills of a store whose document is refused, beside the last good document', async () => {
    const store = new RemoteStore({ a: { owner: 'good' } });
    const halyard = await start({ store, cache });
    store.text = 'version: 1\nflags: [';
    await halyard.kill('a', why);
    expect(halyard.health().status).toBe('stale');
    await vi.waitFor(async () => expect(await readFile(cache, 'utf8')).toContain('provider down'));
    expect(await readFile(cache, 'utf8')).toContain('"owner":"good"');
  });

  const damaged: readonly [string, (path: string) => Promise<unknown>, string][] = [
    ['cut off', (path) => truncate(path, 100), 'is damaged'],
    ['empty', (path) => truncate(path, 0), 'is empty'],
    ['huge', (path) => truncate(path, 2 ** 40), 'is too large: 1099511627776 bytes'],
    ['changed', async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"on"', '"of"')), 'is damaged'],
    ['of another kind', (path) => writeFile(path, 'version: 1\nflags: {}\n'), 'is no cache of flags'],
    [
      'of another format',
      async (path) =>
        writeFile(path, (await readFile(path, 'utf8')).replace('{"halyardCache":1,', '{"halyardCache":7,')),
      'is of format 7, and this version of Halyard reads 1',
    ],
    ['open to everybody', (path) => chmod(path, 0o666), 'can be written by everybody'],
    [
      'a link',
      async (path) => {
        await writeFile(`${path}.real`, await readFile(path));
        await rm(path);
        await symlink(`${path}.real`, path);
      },
      'is a symbolic link',
    ],
    [
      'a folder',
      async (path) => {
        await rm(path);
        await mkdir(path);
      },
      'is a directory',
    ],
  ];

  it.each(damaged)('is not used if it is %s, and one warning says why', async (_what, damage, message) => {
    const store = new RemoteStore({ a: { serve: 'on' } });
    await runOnce(store);
    await damage(cache);
    store.goDown();
    await expect(start({ store, cache })).rejects.toThrow('connection refused');
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain(`${cache}: ${message}`);
  });

  it.runIf(process.getuid?.() === 0)('is not used if it belongs to somebody else', async () => {
    const store = new RemoteStore({ a: {} });
    await runOnce(store);
    await chown(cache, 65_534, 65_534);
    store.goDown();
    await expect(start({ store, cache })).rejects.toThrow('connection refused');
    expect(warnings()[0]).toContain('belongs to another user (uid 65534; this process runs as 0)');
  });

  it('is not used for another store', async () => {
    await runOnce(new RemoteStore({ a: {} }, 'remote:staging'));
    const store = new RemoteStore({ a: {} }, 'remote:production');
    store.goDown();
    await expect(start({ store, cache })).rejects.toThrow('connection refused');
    expect(warnings()[0]).toContain('holds the flags of remote:staging, not of remote:production');
  });

  it('refuses the flags that this version can not read, as everywhere', async () => {
    const store = new RemoteStore({});
    store.text = 'version: 1\nflags: { a: { serve: off }, b: { newWord: 1 } }\n';
    await runOnce(store);
    store.goDown();
    const halyard = await start({ store, cache });
    expect(halyard.boolean('a', true)).toBe(false);
    expect(halyard.details('b', true)).toMatchObject({ value: true, errorCode: 'PARSE_ERROR' });
  });

  it('may be shared by processes with one store', async () => {
    const store = new RemoteStore({ a: { rollout: 0 } });
    const halyards = await Promise.all([start({ store, cache }), start({ store, cache })]);
    for (let percentage = 1; percentage <= 100; percentage += 1) {
      store.set({ a: { rollout: percentage } });
      const text = await readFile(cache, 'utf8').catch(() => '');
      expect(text === '' || text.endsWith('\n')).toBe(true);
    }
    await Promise.all(halyards.map((halyard) => halyard.close()));
    store.goDown();
    expect((await start({ store, cache })).boolean('a', false, { targetingKey: 'u' })).toBe(true);
  });
});

describe('a cache that can not be written', () => {
  const unwritable: readonly [string, () => Promise<void>][] = [
    ['it is a folder', () => mkdir(cache).then(() => undefined)],
    [
      'its folder is a file',
      async () => {
        await writeFile(join(folder, 'file'), '');
        cache = join(folder, 'file', 'flags.cache');
      },
    ],
  ];

  it.each(unwritable)('does no harm: %s', async (_what, prepare) => {
    await prepare();
    const store = new RemoteStore({ a: { rollout: 0 } });
    const registry = new Registry();
    const halyard = await start({ store, cache, registry });
    await vi.waitFor(() => expect(warnings()).toHaveLength(1));
    expect(warnings()[0]).toMatch(/^The flags can't be kept for a start without remote:shop\. .*: cannot be written: /);
    for (let percentage = 1; percentage <= 100; percentage += 1) store.set({ a: { rollout: percentage } });
    await vi.waitFor(() => expect(halyard.boolean('a', false, { targetingKey: 'u' })).toBe(true));
    expect(warnings()).toHaveLength(1);
    await vi.waitFor(async () => {
      const { '': errors } = await scrape(registry, 'feature_flag_config_cache_errors_total');
      expect(errors).toBeGreaterThanOrEqual(1);
    });
  });

  it('is tried again later, without a timer too', async () => {
    await mkdir(cache);
    const store = new RemoteStore({ a: {} });
    const halyard = await start({ store, cache, watch: false });
    await vi.waitFor(() => expect(warnings()).toHaveLength(1));
    await rmdir(cache);
    await halyard.refresh();
    await vi.waitFor(async () => expect(await readFile(cache, 'utf8')).toContain('"a":{}'));
    const message = `The flags are kept in ${cache} again.`;
    await vi.waitFor(() => expect(logger.info).toHaveBeenCalledWith(expect.anything(), message));
  });
});

describe('without a cache', () => {
  it('nothing is written, and no cache is counted', async () => {
    const registry = new Registry();
    await start({ store: memoryStore(), registry });
    expect(await scrape(registry, 'feature_flag_config_cache_errors_total')).toEqual({});
    expect(await scrape(registry, 'feature_flag_config_stale')).toEqual({ '': 0 });
  });
});
