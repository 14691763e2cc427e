import { randomBytes } from 'node:crypto';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createHalyard,
  type FlagDocument,
  FlagDocumentError,
  fileStore,
  type Halyard,
  memoryStore,
  type WritableFlagStore,
} from 'halyard';
import { redisStore } from 'halyard/stores/redis';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openClient } from '../stores/redis/clients.js';
import { redisCli } from '../stores/redis/redis-server.js';
import { withRedis } from '../stores/redis/with-redis.js';
import { temporaryFolder } from '../stores/temporary-folder.js';
import { scrape } from '../telemetry/scrape.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

/** A store that somebody reaches past Halyard. */
interface Subject {
  readonly store: WritableFlagStore;
  /** Puts a text there, without a check. */
  readonly smuggle: (text: string) => Promise<unknown>;
  readonly empty: () => Promise<unknown>;
  /** Notes what is there now, for `goBack`. */
  readonly backUp: () => Promise<unknown>;
  readonly goBack: () => Promise<unknown>;
}

const why = { by: 'ana', reason: 'test' };
const good = 'version: 1\nflags: { a: { owner: good } }\n';
const patience = { interval: 20 };
const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step();
});

/** A service on a store, with everything that it tells. */
async function serve(store: WritableFlagStore) {
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const registry = new Registry();
  const { path, remove } = await temporaryFolder();
  cleanUp.push(remove);
  const cache = join(path, 'flags.cache');
  const halyard = await createHalyard({ store, logger, registry, cache });
  cleanUp.push(() => halyard.close());
  const [onError, onStale] = [vi.fn(), vi.fn()];
  halyard.on('error', onError);
  halyard.on('stale', onStale);
  const errors = async (): Promise<number | undefined> =>
    (await scrape(registry, 'feature_flag_config_errors_total'))[`source=${store.name}`];
  return { halyard, logger, registry, cache, onError, onStale, errors };
}

const ownerOf = (halyard: Halyard): string | undefined => halyard.details('a', false).owner;

function itKeepsTheLastGoodFlags(name: string, make: () => Promise<Subject>): void {
  describe(name, () => {
    it.each([
      ['does not parse at all', 'flags: ['],
      ['has nothing that can be understood', 'version: 1\nflags: 5\n'],
      ['is of a format to come', 'version: 2\nflags: { a: { owner: bad } }\n'],
      ['is empty', ''],
    ])('refuses a document that %s: the old flags stay, and events and metrics say so', async (_what, text) => {
      const { store, smuggle } = await make();
      const { halyard, registry, cache, onError, onStale, errors } = await serve(store);
      const { version } = halyard.health();
      expect(await errors()).toBe(0);
      await smuggle(text);
      await vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience);
      expect([ownerOf(halyard), halyard.health().version]).toEqual(['good', version]);
      expect(onError).toHaveBeenCalledWith({ error: expect.any(Error), source: store.name });
      expect(onStale).toHaveBeenCalledOnce();
      expect(await errors()).toBeGreaterThan(0);
      expect(await scrape(registry, 'feature_flag_config_stale')).toEqual({ '': 1 });
      await vi.waitFor(async () => expect(await readFile(cache, 'utf8')).toContain('owner: good'), patience);

      await smuggle('version: 1\nflags: { a: { owner: mended } }\n');
      await vi.waitFor(() => expect(ownerOf(halyard)).toBe('mended'), patience);
      await vi.waitFor(() => expect(halyard.health()).toMatchObject({ status: 'ready' }), patience);
      expect(await scrape(registry, 'feature_flag_config_stale')).toEqual({ '': 0 });
      await vi.waitFor(async () => expect(await readFile(cache, 'utf8')).toContain('owner: mended'), patience);
    });

    it('keeps the flags and kills of a store that was emptied', async () => {
      const { store, empty } = await make();
      await store.updateState(() => ({ ...emptyFlagState, kills: new Map([['a', { at: 0, ...why }]]) }), why);
      const { halyard, onStale } = await serve(store);
      await empty();
      await vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience);
      expect(halyard.details('a', true)).toMatchObject({ value: false, reason: 'DISABLED', owner: 'good' });
      expect(onStale).toHaveBeenCalledOnce();
    });

    it('follows an older version of the same lineage, with a warning', async () => {
      const { store, backUp, goBack } = await make();
      await store.updateState(() => ({ ...emptyFlagState, kills: new Map([['a', { at: 0, ...why }]]) }), why);
      await backUp();
      const { halyard, logger } = await serve(store);
      await halyard.restore('a', why);
      expect(halyard.boolean('a', false)).toBe(true);
      const { version } = halyard.health();
      await goBack();
      await vi.waitFor(() => expect(halyard.boolean('a', true)).toBe(false), patience);
      expect(halyard.health().status).toBe('ready');
      expect(logger.warn.mock.calls.map(([, message]) => String(message)).join()).toContain(
        `${store.name} went back from version ${version!} to ${halyard.health().version!}. It is followed.`,
      );
    });

    it('follows another lineage, and tells its version', async () => {
      const { store, smuggle } = await make();
      const { halyard, logger, registry } = await serve(store);
      await smuggle('version: 1\nflags: { a: { owner: other } }\n');
      await vi.waitFor(() => expect(ownerOf(halyard)).toBe('other'), patience);
      const { version = '' } = halyard.health();
      expect(logger.info.mock.calls.map(([, message]) => String(message))).toContain(
        `${store.name} is at version ${version}.`,
      );
      expect(await scrape(registry, 'feature_flag_config_info')).toEqual({
        [`version=${version},source=${store.name}`]: 1,
      });
    });
  });
}

itKeepsTheLastGoodFlags('fileStore', async () => {
  const { path: folder, remove } = await temporaryFolder();
  cleanUp.push(remove);
  const path = join(folder, 'flags.yaml');
  const state = join(folder, 'flags.state.json');
  await writeFile(path, good);
  return {
    store: fileStore(path, { pollMs: 50 }),
    smuggle: (text) => writeFile(path, text),
    empty: () => rm(path),
    backUp: () => copyFile(state, `${state}.backup`),
    goBack: () => copyFile(`${state}.backup`, state),
  };
});

await withRedis((url) => {
  itKeepsTheLastGoodFlags('redisStore', async () => {
    const prefix = `halyard-test-${randomBytes(6).toString('hex')}`;
    const keys = { flags: `{${prefix}:default}:flags`, kills: `{${prefix}:default}:kills` };
    const cli = (...parameters: readonly string[]): Promise<string> => redisCli(url, ...parameters);
    const { client, end } = await openClient['ioredis 6'](url);
    const backups = Object.values(keys).map((key) => `${key}:backup`);
    const names = [...Object.values(keys), ...backups];
    const copyBoth = "for i = 1, 2 do redis.call('copy', KEYS[i], KEYS[i + 2], 'replace') end";
    cleanUp.push(end, () => cli('del', ...names, `{${prefix}:default}:history`));
    const store = redisStore(client, { prefix, pollMs: 50 });
    await store.pushDocument(good, why);
    let lineage = 0;
    return {
      store,
      smuggle: async (text) => {
        lineage += 1;
        const version = `smuggled-${lineage}:1`;
        await cli('hset', keys.flags, 'document', text, 'version', version, 'documentVersion', version);
      },
      empty: () => cli('del', ...Object.values(keys)),
      backUp: () => cli('eval', copyBoth, '4', ...names),
      // In one step, or it would be taken for kills that somebody changed by hand.
      goBack: () => cli('eval', copyBoth, '4', ...backups, ...Object.values(keys)),
    };
  });
});

describe('memoryStore', () => {
  it('lets no document with errors in, and goes on with the one that it has', async () => {
    const store = memoryStore({ version: 1, flags: { a: { owner: 'good' } } });
    const { halyard, onError, errors } = await serve(store);
    const wrong = { version: 1, flags: { a: { rollout: 'ten' } } } as unknown as FlagDocument;
    expect(() => store.set(wrong)).toThrow(FlagDocumentError);
    await expect(store.update(() => wrong, why)).rejects.toThrow(FlagDocumentError);
    await halyard.refresh();
    expect([ownerOf(halyard), halyard.health().status]).toEqual(['good', 'ready']);
    expect([onError.mock.calls.length, await errors()]).toEqual([0, 0]);
  });
});
