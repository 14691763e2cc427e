import { randomBytes } from 'node:crypto';
import { type ChildProcess, execFile, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from 'redis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import type { FlagDocument } from '../../../src/flags/flag-document.js';
import { readFlagDocumentText } from '../../../src/flags/flag-document-text.js';
import { FlagDocumentError } from '../../../src/flags/problem.js';
import { createHalyard } from '../../../src/create-halyard.js';
import type { Halyard } from '../../../src/halyard.js';
import { DocumentUnreadableError, type StoredFlags, VersionConflictError } from '../../../src/stores/flag-store.js';
import { type RedisStore, redisStore, type RedisStoreOptions } from '../../../src/stores/redis/redis-store.js';
import { holdsTheContract } from '../../contracts/store.js';
import { FaultyProxy } from '../../faults/faulty-proxy.js';
import { type ClientName, clientNames, openClient } from './clients.js';
import { redisCli, RedisServer } from './redis-server.js';
import { withRedis } from './with-redis.js';
import { emptyFlagState } from '../../../src/flags/flag-state.js';
import { startRollout } from '../../../src/flags/rollout-progress.js';

await withRedis((url) => {
  let cleanUp: (() => unknown)[] = [];

  afterEach(async () => {
    const steps = cleanUp.toReversed();
    cleanUp = [];
    for (const step of steps) await step();
  });

  const cli = (...parameters: readonly string[]): Promise<string> => redisCli(url, ...parameters);

  const removeKeys = async (prefix: string): Promise<void> => {
    const keys = (await cli('--scan', '--pattern', `{${prefix}:*`)).split('\n').filter((key) => key !== '');
    if (keys.length > 0) await cli('del', ...keys);
  };

  let written = 0;

  /** A prefix of this test's own. */
  const newPrefix = (): string => {
    const prefix = `halyard-test-${randomBytes(6).toString('hex')}`;
    cleanUp.push(() => removeKeys(prefix));
    return prefix;
  };

  const open = async (
    options: RedisStoreOptions,
    name: ClientName = 'node-redis 6',
    at: string = url,
  ): Promise<RedisStore> => {
    const { client, end } = await openClient[name](at);
    cleanUp.push(end);
    const store = redisStore(client, options);
    cleanUp.push(() => store.close());
    return store;
  };

  const openHalyard = async (store: RedisStore): Promise<Halyard> => {
    const halyard = await createHalyard({ store, logger: silent });
    cleanUp.push(() => halyard.close());
    return halyard;
  };

  for (const name of clientNames) {
    // YAML takes its time with the contract's 10,000 flags: once is enough.
    const write = name === 'ioredis 6' ? stringify : JSON.stringify;
    const fill = async (store: RedisStore, document: FlagDocument): Promise<RedisStore> => {
      await store.pushDocument(write(document), why);
      return store;
    };

    holdsTheContract(`redisStore with ${name}`, {
      create: async (document) => {
        const prefix = `halyard-test-${randomBytes(6).toString('hex')}`;
        const ends: (() => unknown)[] = [];
        const openStore = async (environment: string): Promise<RedisStore> => {
          const { client, end } = await openClient[name](url);
          ends.push(end);
          return redisStore(client, { prefix, environment, pollMs: 100 });
        };
        const store = await fill(await openStore('default'), document);
        await store.close();
        await cli('del', `{${prefix}:default}:history`);
        return { prefix, openStore, ends };
      },
      open: ({ openStore }) => openStore('default'),
      remove: async ({ prefix, ends }) => {
        for (const end of ends) end();
        await removeKeys(prefix);
      },
      pushesDocuments: true,
      keepsTexts: true,
      keepsFleet: true,
      keepsUsage: true,
      keepsLeases: true,
      replaceText: async ({ prefix }, text) => {
        // As a newer release would write it.
        const version = `redis-other:${(written += 1)}`;
        const fields = ['version', version, 'documentVersion', version, 'document', text];
        await cli('hset', `{${prefix}:default}:flags`, ...fields);
      },
      empty: ({ prefix }) => removeKeys(prefix),
      openEnvironment: async ({ openStore }, document) => fill(await openStore('staging'), document),
    });
  }

  describe('redisStore', () => {
    describe('options', () => {
      it('says that a client was not connected', async () => {
        const client = createClient({ url });
        await expect(redisStore(client, { prefix: newPrefix() }).load()).rejects.toThrow(
          'The client is closed. Connect the client first, and close it after the store.',
        );
      });

      it('refuses what cannot be meant', async () => {
        const { client, end } = await openClient['ioredis 6'](url);
        cleanUp.push(end);
        expect(() => redisStore({} as never)).toThrow(
          'redisStore: expected a client of node-redis (4 or newer) or ioredis (5 or newer), found an object.',
        );
        expect(() => redisStore('redis://shop:hunter2@db' as never)).toThrow('found an address with user or password.');
        expect(() => redisStore(client, { prefix: 'a:b' })).toThrow(
          'redisStore: option `prefix`: expected a text of letters, digits and ._-/, found "a:b".',
        );
        expect(() => redisStore(client, { pollMs: 0 })).toThrow('option `pollMs`');
        expect(() => redisStore(client, { historyLength: 0 })).toThrow('option `historyLength`');
        expect(redisStore(client, { prefix: 'shop', environment: 'production' }).name).toBe('redis:shop:production');
      });
    });

    describe('the document', () => {
      it('keeps its text, comments and order when it is pushed and when it is changed', async () => {
        const store = await open({ prefix: newPrefix() });
        await store.pushDocument(text(10), why);
        expect(textOf(await store.load())).toBe(text(10));
        await store.update(rolledOut(25), why);
        expect(textOf(await store.load())).toBe(text(25));
      });

      it('stays JSON if it was', async () => {
        const store = await open({ prefix: newPrefix() });
        await store.pushDocument(
          '{\n  "version": 1,\n  "flags": {\n    "a": {\n      "rollout": 10\n    }\n  }\n}\n',
          why,
        );
        await store.update(rolledOut(25), why);
        expect(textOf(await store.load())).toBe(
          '{\n  "version": 1,\n  "flags": {\n    "a": {\n      "rollout": 25\n    }\n  }\n}\n',
        );
      });

      it('is refused at the writer if it has errors, or is too large', async () => {
        const store = await open({ prefix: newPrefix(), maxBytes: 200 });
        await store.pushDocument(text(10), why);
        const pushing = store.pushDocument('version: 1\nflags:\n  a: { rolout: 5 }\n', why);
        await expect(pushing).rejects.toThrow(FlagDocumentError);
        await expect(pushing).rejects.toThrow('3:8');
        await expect(store.pushDocument(text(10) + '#'.repeat(200), why)).rejects.toThrow('maxBytes');
        const long: FlagDocument = { version: 1, flags: { a: { description: 'x'.repeat(200) } } };
        await expect(store.update(() => long, why)).rejects.toThrow('maxBytes');
        expect(textOf(await store.load())).toBe(text(10));
      });

      it('is not there at first, and the error says how to put it there', async () => {
        const store = await open({ prefix: newPrefix() });
        await expect(store.load()).rejects.toThrow(/there is no document in Redis.*pushDocument/);
      });

      it('starts from an empty one when it is changed first', async () => {
        const store = await open({ prefix: newPrefix() });
        await store.update((document) => ({ ...document, flags: { a: { rollout: 5 } } }), why);
        expect(documentOf(await store.load())).toEqual({ version: 1, flags: { a: { rollout: 5 } } });
      });

      it('can be mended by a push when it is broken in Redis', async () => {
        const prefix = newPrefix();
        const store = await open({ prefix });
        await store.pushDocument(text(10), why);
        await cli('hset', `{${prefix}:default}:flags`, 'document', 'flags: [', 'documentVersion', 'by hand');
        await expect(store.update(rolledOut(25), why)).rejects.toThrow(FlagDocumentError);
        await store.pushDocument(text(10), why);
        expect(textOf(await store.load())).toBe(text(10));
      });

      it('is pushed again in vain if it is the same, and rejects if another version was expected', async () => {
        const store = await open({ prefix: newPrefix() });
        const first = await store.pushDocument(text(10), why);
        expect((await store.pushDocument(text(10), why)).version).toBe(first.version);
        await store.pushDocument(text(20), why);
        const late = store.pushDocument(text(30), { ...why, expectedVersion: first.version });
        await expect(late).rejects.toThrow(VersionConflictError);
      });

      it('is another in another environment', async () => {
        const prefix = newPrefix();
        const [staging, production] = [
          await open({ prefix, environment: 'staging' }),
          await open({ prefix, environment: 'production' }),
        ];
        await staging.pushDocument(text(50), why);
        await production.pushDocument(text(10), why);
        await staging.updateState(killed('a'), why);
        expect(textOf(await staging.load())).toBe(text(50));
        expect(textOf(await production.load())).toBe(text(10));
        expect((await production.load()).state.kills.size).toBe(0);
        expect(await production.history()).toHaveLength(1);
      });
    });

    describe('the history', () => {
      it('is as long as it may be', async () => {
        const store = await open({ prefix: newPrefix(), historyLength: 3 });
        for (const rollout of [1, 2, 3, 4, 5]) await store.pushDocument(text(rollout), why);
        const changes = await store.history();
        expect(changes.map(({ difference }) => difference[0]?.after)).toEqual([5, 4, 3]);
      });
    });

    describe('a version', () => {
      it('is never given again after the server lost its latest changes', async () => {
        const prefix = newPrefix();
        const store = await open({ prefix });
        await store.pushDocument(text(10), why);
        const backup = await cli('hget', `{${prefix}:default}:flags`, 'version');
        const lost = await store.pushDocument(text(20), why);
        await cli('hset', `{${prefix}:default}:flags`, 'version', backup);
        const next = await store.pushDocument(text(30), why);
        expect(next.version).not.toBe(lost.version);
      });
    });

    describe('a kill by hand', () => {
      it.each([
        ['1', { by: 'unknown', reason: '' }],
        ['provider down', { by: 'unknown', reason: 'provider down' }],
        ['{"by":"ana","reason":"provider down"}', { by: 'ana', reason: 'provider down' }],
        [
          '{"at":"2026-11-01T00:00:00Z","until":"2030-01-01T00:00:00Z"}',
          { at: 1_793_491_200_000, until: 1_893_456_000_000 },
        ],
        ['{"until":"some day"}', { by: 'unknown' }],
        ['{"by":', { reason: '{"by":' }],
      ])('may say %s', async (typed, kill) => {
        const prefix = newPrefix();
        const store = await open({ prefix });
        await store.pushDocument(text(10), why);
        const start = Date.now();
        await cli('hset', `{${prefix}:default}:kills`, 'a', typed);
        const read = (await store.load()).state.kills.get('a');
        expect(read).toMatchObject(kill);
        if (!('at' in kill)) expect(read?.at).toBeGreaterThanOrEqual(start);
        if (!('until' in kill)) expect(read?.until).toBeUndefined();
      });

      it('goes into the history once, as by unknown, with a version of its own', async () => {
        const prefix = newPrefix();
        const stores = [await open({ prefix }), await open({ prefix }, 'ioredis 6')];
        const { version } = await stores[0]!.pushDocument(text(10), why);
        await cli('hset', `{${prefix}:default}:kills`, 'a', '{"by":"ana","reason":"provider down"}');
        const loaded = await Promise.all([...stores, ...stores].map((store) => store.load()));
        expect(new Set(loaded.map((stored) => stored.version)).size).toBe(1);
        expect(loaded[0]!.version).not.toBe(version);
        await cli('hdel', `{${prefix}:default}:kills`, 'a');
        expect((await stores[0]!.load()).state.kills.size).toBe(0);
        const changes = await stores[1]!.history();
        expect(changes.map(({ by, difference }) => [by, difference])).toEqual([
          ['unknown', [{ path: 'state.kills.a', before: expect.objectContaining({ by: 'ana' }) }]],
          ['unknown', [{ path: 'state.kills.a', after: expect.objectContaining({ by: 'ana' }) }]],
          ['ana', expect.anything()],
        ]);
      });

      it('is not lost under a change that comes at the same moment', async () => {
        const prefix = newPrefix();
        const store = await open({ prefix });
        await store.pushDocument(text(10), why);
        let runs = 0;
        const { state } = await store.update(rolledOut(25), {
          ...why,
          state: (before) => {
            runs += 1;
            return runs === 1 ? killed('b')(before) : before;
          },
        });
        expect([...state.kills.keys()]).toEqual(['b']);
        await cli('hset', `{${prefix}:default}:kills`, 'a', '1');
        await store.updateState(killed('c'), why);
        expect([...(await store.load()).state.kills.keys()].toSorted()).toEqual(['a', 'b', 'c']);
        expect((await store.history()).map(({ by }) => by)).toEqual(['ana', 'unknown', 'ana', 'ana']);
      });

      it('leaves the rollouts where they stand', async () => {
        const prefix = newPrefix();
        const store = await open({ prefix });
        await store.pushDocument(text(10), why);
        const rollouts = new Map([['a', startRollout('a', 'halyard', 1_750_000_000_000)]]);
        await store.updateState((state) => ({ ...state, rollouts }), why);
        for (const command of ['hset', 'hdel']) {
          await cli(command, `{${prefix}:default}:kills`, 'a', ...(command === 'hset' ? ['1'] : []));
          for (const reader of [store, await open({ prefix })]) {
            const { state } = await reader.load();
            expect(state.rollouts).toEqual(rollouts);
            expect(state.kills.has('a')).toBe(command === 'hset');
          }
        }
      });

      it('does no harm if it cannot be one', async () => {
        const prefix = newPrefix();
        const store = await open({ prefix });
        await store.pushDocument(text(10), why);
        const kills = `{${prefix}:default}:kills`;
        await cli('hset', kills, 'not a key', '1', 'empty', '', 'constructor', '1');
        expect([...(await store.load()).state.kills.keys()]).toEqual(['constructor']);
        await store.updateState(killed('a'), why);
        expect([...(await store.load()).state.kills.keys()].toSorted()).toEqual(['a', 'constructor']);
        expect(await cli('hget', kills, 'not a key')).toBe('1');
      });

      it('switches the flag off in running processes, by the poll alone', async () => {
        const prefix = newPrefix();
        const store = await open({ prefix, pollMs: 50 });
        await store.pushDocument(text(100), why);
        const halyard = await openHalyard(store);
        expect(halyard.boolean('a', false, unit)).toBe(true);
        await cli('hset', `{${prefix}:default}:kills`, 'a', '1');
        await vi.waitFor(() => expect(halyard.boolean('a', true, unit)).toBe(false), patience);
        await cli('hdel', `{${prefix}:default}:kills`, 'a');
        await vi.waitFor(() => expect(halyard.boolean('a', false, unit)).toBe(true), patience);
      });
    });

    describe.each(clientNames)('following with %s', (name) => {
      it('hears of a change without asking', async () => {
        const prefix = newPrefix();
        const [writer, reader] = [await open({ prefix }), await open({ prefix, pollMs: 3_600_000 }, name)];
        await writer.pushDocument(text(10), why);
        await reader.load();
        const onChange = vi.fn();
        reader.watch(onChange);
        await subscribed(prefix);
        await writer.pushDocument(text(20), why);
        await vi.waitFor(() => expect(onChange).toHaveBeenCalledOnce(), patience);
      });

      it('finds a change of which nothing was heard', async () => {
        const prefix = newPrefix();
        const [writer, reader] = [await open({ prefix }), await open({ prefix, pollMs: 50 }, name)];
        await writer.pushDocument(text(10), why);
        await reader.load();
        const onChange = vi.fn();
        reader.watch(onChange);
        await subscribed(prefix);
        await cli(
          'hset',
          `{${prefix}:default}:flags`,
          'version',
          'other:1',
          'document',
          text(20),
          'documentVersion',
          'x',
        );
        await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
        expect(textOf(await reader.load())).toBe(text(20));
      });

      it('asks nobody and holds no connection after it has ended', async () => {
        const prefix = newPrefix();
        const store = await open({ prefix, pollMs: 20 }, name);
        await store.pushDocument(text(10), why);
        const end = store.watch(() => undefined);
        await subscribed(prefix);
        end();
        await vi.waitFor(async () => expect(await subscribers(prefix)).toBe(0), patience);
        store.watch(() => undefined);
        await store.close();
        await vi.waitFor(async () => expect(await subscribers(prefix)).toBe(0), patience);
        expect(textOf(await store.load())).toBe(text(10));
      });

      it('does not keep the process alive', { timeout: 120_000 }, async () => {
        const script = join(import.meta.dirname, 'watch-and-end.ts');
        const { stdout } = await run(tsx, [script, name, url, newPrefix()], { timeout: 30_000 });
        expect(stdout.trim()).toBe('told');
      });
    });

    const subscribers = async (prefix: string): Promise<number> =>
      Number((await cli('pubsub', 'numsub', `{${prefix}:default}:changed`)).split('\n')[1]);

    const subscribed = (prefix: string): Promise<void> =>
      vi.waitFor(async () => expect(await subscribers(prefix)).toBe(1), patience);

    describe('writing from several processes', () => {
      const changes = 10;
      const processes = 8;

      /** A process that changes the flags, and ends with this one. */
      const writer = (client: ClientName, prefix: string, name: string, count: number): ChildProcess => {
        const script = join(import.meta.dirname, 'write-flags.ts');
        const child = fork(script, [client, url, prefix, name, String(count)], { execArgv: ['--import', 'tsx'] });
        cleanUp.push(() => child.kill('SIGKILL'));
        return child;
      };

      it('loses nothing and does nothing twice', { timeout: 120_000 }, async () => {
        const prefix = newPrefix();
        const exits = Array.from({ length: processes }, async (_, index) => {
          const child = writer(clientNames[index % clientNames.length]!, prefix, `writer-${index}`, changes);
          expect(await once(child, 'exit')).toEqual([0, null]);
        });
        await Promise.all(exits);
        const store = await open({ prefix });
        const stored = await store.load();
        expect(Object.keys(documentOf(stored).flags)).toHaveLength(processes * changes);
        expect(stored.state.kills.size).toBe(processes * changes);
        const history = await store.history({ limit: 100_000 });
        expect(history).toHaveLength(processes * changes);
        expect(new Set(history.map(({ version }) => version)).size).toBe(history.length);
      });

      it(
        'leaves document, state and history agreeing when a process is killed half way',
        { timeout: 120_000 },
        async () => {
          const prefix = newPrefix();
          const store = await open({ prefix });
          for (const name of ['first', 'second', 'third']) {
            const child = writer('ioredis 6', prefix, name, 10_000);
            await vi.waitFor(
              async () => expect((await store.load()).state.kills.has(`${name}-0`)).toBe(true),
              patience,
            );
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
            child.kill('SIGKILL');
            await once(child, 'exit');
            const stored = await store.load();
            const keys = Object.keys(documentOf(stored).flags).toSorted();
            const history = await store.history({ limit: 100_000 });
            expect([...stored.state.kills.keys()].toSorted()).toEqual(keys);
            expect(history).toHaveLength(keys.length);
            expect(history[0]?.version).toBe(stored.version);
          }
        },
      );
    });

    describe('a change that others were faster than', () => {
      /** What another process does at this very moment. */
      const meanwhile = (...parameters: readonly string[]): string =>
        execFileSync('redis-cli', ['-u', url, ...parameters], { encoding: 'utf8' }).trim();

      it('goes first until it is made', async () => {
        const prefix = newPrefix();
        const [flags, turn] = [`{${prefix}:default}:flags`, `{${prefix}:default}:turn`];
        const store = await open({ prefix });
        await store.pushDocument(text(10), why);
        const turns: string[] = [];
        await store.update((document) => {
          turns.push(meanwhile('exists', turn));
          if (turns.length < 3) meanwhile('hset', flags, 'version', `other:${turns.length}`);
          else expect(Number(meanwhile('pttl', turn))).toBeGreaterThan(0);
          return rolledOut(25)(document);
        }, why);
        expect(turns).toEqual(['0', '1', '1']);
        expect(meanwhile('exists', turn)).toBe('0');
        expect(textOf(await store.load())).toBe(text(25));
      });

      it('is not overtaken by one that begins later, except by a kill', async () => {
        const prefix = newPrefix();
        const turn = `{${prefix}:default}:turn`;
        const store = await open({ prefix });
        await store.pushDocument(text(10), why);
        await cli('set', turn, '0000000000000001:another', 'px', '60000');
        const seen: string[] = [];
        const look = (): void => void seen.push(meanwhile('exists', turn));
        await store.updateState((state) => {
          look();
          return killed('a')(state);
        }, why);
        const update = store.update((document) => {
          look();
          return rolledOut(25)(document);
        }, why);
        await cli('del', turn);
        await update;
        expect(seen).toEqual(['1', '0']);
      });

      it('gives up its place when the store is closed', async () => {
        const prefix = newPrefix();
        const turn = `{${prefix}:default}:turn`;
        const store = await open({ prefix });
        await store.pushDocument(text(10), why);
        await cli('set', turn, '0000000000000001:another', 'px', '60000');
        const update = store.update(rolledOut(25), why);
        const closing = store.close();
        await expect(update).rejects.toThrow('is closed');
        await closing;
      });
    });

    describe.each(['node-redis 4', 'node-redis 6', 'ioredis 5', 'ioredis 6'] as const)(
      'a server that fails, with %s',
      (name) => {
        const startServer = async (): Promise<RedisServer> => {
          const server = await RedisServer.start();
          cleanUp.push(() => server.remove());
          return server;
        };

        const listening = (server: RedisServer): Promise<void> =>
          vi.waitFor(
            async () => expect(await server.cli('pubsub', 'numsub', '{shop:default}:changed')).toMatch(/\n1$/),
            patience,
          );

        const listener = async (server: RedisServer): Promise<string | undefined> =>
          /^id=\d+/.exec(await server.cli('client', 'list', 'type', 'pubsub'))?.[0];

        const options = { prefix: 'shop', pollMs: 100, timeoutMs: 2_000 };

        it(
          'keeps its flags, turns stale, and follows again when the server is back',
          { timeout: 120_000 },
          async () => {
            const server = await startServer();
            const store = await open(options, name, server.url);
            await store.pushDocument(text(100), why);
            await store.updateState(killed('b'), why);
            const halyard = await openHalyard(store);
            await server.kill();
            await vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience);
            expect(halyard.boolean('a', false, unit)).toBe(true);
            await expect(halyard.kill('a', why)).rejects.toThrow('"a" is off on this instance');
            expect(halyard.boolean('a', true, unit)).toBe(false);
            await server.restart();
            await vi.waitFor(() => expect(halyard.health().status).toBe('ready'), patience);
            const writer = await open(options, 'node-redis 6', server.url);
            await writer.pushDocument('version: 1\nflags: { fresh: {} }\n', why);
            await vi.waitFor(() => expect(halyard.boolean('fresh', false)).toBe(true), patience);
            // Heard, not only asked: the connection that listens is back too.
            await listening(server);
          },
        );

        it('keeps flags and kills when the server comes back empty', { timeout: 120_000 }, async () => {
          const server = await startServer();
          const store = await open(options, name, server.url);
          await store.pushDocument(text(100), why);
          const { version } = await store.updateState(killed('b'), why);
          const halyard = await openHalyard(store);
          await server.cli('flushall');
          await vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience);
          expect(halyard.boolean('a', false, unit)).toBe(true);
          // What is killed by hand then is killed, and what was stays so.
          await server.cli('hset', '{shop:default}:kills', 'a', '1');
          await vi.waitFor(() => expect(halyard.boolean('a', true, unit)).toBe(false), patience);
          expect(halyard.boolean('b', true)).toBe(false);
          await expect(store.load()).rejects.toThrow(DocumentUnreadableError);
          const pushed = await store.pushDocument(text(100), why);
          expect(pushed.version.split(':')[0]).not.toBe(version.split(':')[0]);
          expect([...pushed.state.kills.keys()].toSorted()).toEqual(['a', 'b']);
          await vi.waitFor(() => expect(halyard.health().status).toBe('ready'), patience);
        });

        it(
          'says that a server which hangs does not answer, and follows again when it does',
          { timeout: 120_000 },
          async () => {
            const server = await startServer();
            const store = await open(options, name, server.url);
            await store.pushDocument(text(100), why);
            const halyard = await openHalyard(store);
            server.pause();
            await vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience);
            expect(halyard.health().lastError?.error.message).toBe(
              'redis:shop:default: Redis did not answer within 2000 ms (timeoutMs).',
            );
            server.resume();
            await vi.waitFor(() => expect(halyard.health().status).toBe('ready'), patience);
          },
        );

        it('finds another way when its connections died without a word', { timeout: 120_000 }, async () => {
          const server = await startServer();
          const proxy = await FaultyProxy.start(server.port);
          cleanUp.push(() => proxy.close());
          const writer = await open(options, name, server.url);
          await writer.pushDocument(text(100), why);
          const store = await open(options, name, `redis://127.0.0.1:${proxy.port}`);
          const halyard = await openHalyard(store);
          await listening(server);
          const former = await listener(server);
          proxy.swallow();
          await vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience);
          proxy.heal();
          await vi.waitFor(() => expect(halyard.health().status).toBe('ready'), patience);
          await store.updateState(killed('a'), why);
          expect((await writer.load()).state.kills.has('a')).toBe(true);
          // What listened died too.
          await vi.waitFor(async () => expect(await listener(server)).not.toBe(former), patience);
          await listening(server);
          await store.close();
          await vi.waitFor(async () => expect(await server.cli('client', 'list', 'type', 'pubsub')).toBe(''), patience);
        });

        it('can be closed while it is away', { timeout: 120_000 }, async () => {
          const server = await startServer();
          const store = await open(options, name, server.url);
          await store.pushDocument(text(100), why);
          await server.kill();
          store.watch(() => undefined);
          const running = Promise.allSettled([store.load(), store.updateState(killed('a'), why), store.history()]);
          await store.close();
          expect((await running).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
        });
      },
    );

    it('goes back to the client that it was given, however that gave up meanwhile', { timeout: 120_000 }, async () => {
      const server = await RedisServer.start();
      cleanUp.push(() => server.remove());
      // Between once and twice the store's own limit.
      const client = createClient({ url: server.url, commandOptions: { timeout: 1_400 } });
      client.on('error', () => undefined);
      await client.connect();
      cleanUp.push(() => client.destroy());
      const store = redisStore(client, { prefix: 'shop', pollMs: 100, timeoutMs: 1_000 });
      cleanUp.push(() => store.close());
      await store.pushDocument(text(100), why);
      const halyard = await openHalyard(store);
      const connections = async (): Promise<number> => (await server.cli('client', 'list')).split('\n').length;
      const [own, listening, counting] = [1, 1, 1];
      await vi.waitFor(async () => expect(await connections()).toBe(own + listening + counting), patience);
      await server.kill();
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      await server.restart();
      await vi.waitFor(() => expect(halyard.health().status).toBe('ready'), patience);
      await vi.waitFor(async () => expect(await connections()).toBe(own + listening + counting), patience);
    });

    describe('with a user who may do only what the documentation says', () => {
      const startWithUser = async (rights: readonly string[]): Promise<{ server: RedisServer; url: string }> => {
        const server = await RedisServer.start();
        cleanUp.push(() => server.remove());
        await server.cli('acl', 'setuser', 'shop', 'on', '>s3cret-word', ...rights);
        return { server, url: server.url.replace('redis://', 'redis://shop:s3cret-word@') };
      };

      const keys = ['~{shop:production}:*', '&{shop:production}:*'];
      const connecting = ['+hello', '+ping', '+select', '+info'];
      const reading = ['+eval', '+evalsha', '+hget', '+hmget', '+hgetall', '+lrange', '+subscribe'];
      const writing = ['+hset', '+hdel', '+lpush', '+ltrim', '+publish'];
      const takingTurns = ['+get', '+set', '+del'];
      const options = { prefix: 'shop', environment: 'production', pollMs: 100 };

      it.each(clientNames)('reads, writes and follows with %s', async (name) => {
        const { url: userUrl, server } = await startWithUser([
          ...keys,
          ...connecting,
          ...reading,
          ...writing,
          ...takingTurns,
        ]);
        const store = await open(options, name, userUrl);
        const onChange = vi.fn();
        store.watch(onChange);
        await vi.waitFor(
          async () => expect(await server.cli('pubsub', 'numsub', '{shop:production}:changed')).toMatch(/\n1$/),
          patience,
        );
        await store.pushDocument(text(10), why);
        await store.updateState(killed('a'), why);
        await store.updateState(() => ({ ...emptyFlagState, kills: new Map() }), why);
        expect(await store.history()).toHaveLength(3);
        await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      });

      const someKeys = [
        ...['flags', 'kills', 'history'].map((key) => `~{shop:production}:${key}`),
        '&{shop:production}:*',
      ];

      it.each([
        ['to the commands of turns', [...keys, ...connecting, ...reading, ...writing]],
        ['to their key', [...someKeys, ...connecting, ...reading, ...writing, ...takingTurns]],
      ])('writes against others without the right %s', async (_what, rights) => {
        const { url: userUrl, server } = await startWithUser(rights);
        const store = await open(options, 'ioredis 6', userUrl);
        await store.pushDocument(text(10), why);
        let attempts = 0;
        await store.update((document) => {
          attempts += 1;
          const flags = '{shop:production}:flags';
          if (attempts < 3)
            execFileSync('redis-cli', ['-u', server.url, 'hset', flags, 'version', `other:${attempts}`]);
          return rolledOut(25)(document);
        }, why);
        expect(attempts).toBe(3);
        expect(textOf(await store.load())).toBe(text(25));
      });

      it('follows a switch by hand without the right to write', async () => {
        const { url: userUrl, server } = await startWithUser([...keys, ...connecting, ...reading]);
        const writer = await open({ ...options, pollMs: 3_600_000 }, 'node-redis 6', server.url);
        await writer.pushDocument(text(100), why);
        const reader = await open(options, 'ioredis 6', userUrl);
        const halyard = await openHalyard(reader);
        await server.cli('hset', '{shop:production}:kills', 'a', '1');
        await vi.waitFor(() => expect(halyard.boolean('a', true, unit)).toBe(false), patience);
        const kill = reader.updateState(killed('b'), why);
        await expect(kill).rejects.toThrow(
          /redis:shop:production: .*can't run this command.*\. The user of this client lacks a right: docs\/redis\.md/,
        );
        const shown = await kill.catch((error: unknown) => JSON.stringify(error) + String((error as Error).cause));
        expect(shown).not.toContain('s3cret-word');
      });
    });
  });
});

const run = promisify(execFile);

const tsx = join(import.meta.dirname, '../../../node_modules/.bin/tsx');

const patience = { interval: 20 };

const why = { by: 'ana', reason: 'because' };

const unit = { targetingKey: 'user-1' };

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function text(rollout: number): string {
  return `# Our flags.\nversion: 1\nflags:\n  a:   # the first\n    rollout: ${rollout}   # percent\n  b: {}\n`;
}

function rolledOut(rollout: number): (document: FlagDocument) => FlagDocument {
  return (old) => ({ ...old, flags: { ...old.flags, a: { ...old.flags['a'], rollout } } });
}

function killed(key: string): (state: StoredFlags['state']) => StoredFlags['state'] {
  return ({ kills, ...state }) => ({
    ...state,
    kills: new Map([...kills, [key, { at: 1_750_000_000_000, by: 'ana', reason: 'x' }]]),
  });
}

function textOf({ document }: StoredFlags): string | undefined {
  return Array.isArray(document) ? (document as readonly { text: string }[])[0]?.text : undefined;
}

function documentOf({ document }: StoredFlags): FlagDocument {
  return readFlagDocumentText(Array.isArray(document) ? document : []).document as FlagDocument;
}
