import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FlagState } from '../../../src/flags/flag-state.js';
import { LeaseLostError } from '../../../src/stores/lease-register.js';
import { type RedisStore, redisStore, type RedisStoreOptions } from '../../../src/stores/redis/redis-store.js';
import { type ClientName, clientNames, openClient } from './clients.js';
import { redisCli, RedisServer } from './redis-server.js';
import { withRedis } from './with-redis.js';

const why = { by: 'halyard', reason: 'the stage is over' };
const patience = { interval: 20 };
const longMs = 600_000;

const killed =
  (key: string) =>
  (state: FlagState): FlagState => ({ ...state, kills: new Map([[key, { at: 0, by: 'ana', reason: 'x' }]]) });

await withRedis((url) => {
  let cleanUp: (() => unknown)[] = [];

  afterEach(async () => {
    const steps = cleanUp.toReversed();
    cleanUp = [];
    for (const step of steps) await step();
  });

  const cli = (...parameters: readonly string[]): Promise<string> => redisCli(url, ...parameters);

  /** A prefix of this test's own, and what its keys begin with. */
  const newPrefix = (): { readonly prefix: string; readonly tag: string } => {
    const prefix = `halyard-test-${randomBytes(6).toString('hex')}`;
    const tag = `{${prefix}:default}`;
    cleanUp.push(() =>
      cli('del', ...['flags', 'kills', 'history', 'fences', 'lease:rollouts'].map((key) => `${tag}:${key}`)),
    );
    return { prefix, tag };
  };

  const open = async (options: RedisStoreOptions, name: ClientName = 'node-redis 6', at = url): Promise<RedisStore> => {
    const { client, end } = await openClient[name](at);
    cleanUp.push(end);
    const store = redisStore(client, options);
    cleanUp.push(() => store.close());
    return store;
  };

  describe('leases in Redis', () => {
    it('are a fence that stays, and a holder that goes', async () => {
      const { prefix, tag } = newPrefix();
      const { leases } = await open({ prefix });
      const lease = await leases!.take('rollouts', 'ana', longMs);
      expect(await cli('hgetall', `${tag}:fences`)).toBe(`rollouts\n${lease!.fence}`);
      expect(await cli('ttl', `${tag}:fences`)).toBe('-1');
      expect(await cli('get', `${tag}:lease:rollouts`)).toBe(`${lease!.fence} ana`);
      expect(Number(await cli('pttl', `${tag}:lease:rollouts`))).toBeGreaterThan(longMs / 2);
      await leases!.take('rollouts', 'ana', 0.5);
      await vi.waitFor(async () => expect(await cli('exists', `${tag}:lease:rollouts`)).toBe('0'), patience);
      expect(await cli('hget', `${tag}:fences`, 'rollouts')).toBe(String(lease!.fence));
    });

    it('are asked for in the very step of the write', async () => {
      const { prefix, tag } = newPrefix();
      const store = await open({ prefix });
      const { version } = await store.pushDocument('version: 1\nflags: { a: {} }', why);
      const lease = await store.leases!.take('rollouts', 'ana', longMs);
      const change = store.updateState(
        (state) => {
          // Somebody else takes it, after it was asked for and before the change is written.
          execFileSync('redis-cli', ['-u', url, 'hincrby', `${tag}:fences`, 'rollouts', '1']);
          return killed('a')(state);
        },
        { ...why, lease: lease! },
      );
      await expect(change).rejects.toThrow(LeaseLostError);
      expect(await store.load()).toMatchObject({ version, state: { kills: new Map() } });
    });

    it('are another try for a change that others were faster than', async () => {
      const { prefix, tag } = newPrefix();
      const store = await open({ prefix });
      await store.pushDocument('version: 1\nflags: { a: {} }', why);
      const lease = await store.leases!.take('rollouts', 'ana', longMs);
      let attempts = 0;
      await store.updateState(
        (state) => {
          attempts += 1;
          if (attempts === 1) execFileSync('redis-cli', ['-u', url, 'hset', `${tag}:kills`, 'b', 'by hand']);
          return { ...state, kills: new Map([...state.kills, ...killed('a')(state).kills]) };
        },
        { ...why, lease: lease! },
      );
      expect(attempts).toBe(2);
      expect([...(await store.load()).state.kills.keys()].toSorted()).toEqual(['a', 'b']);
    });

    it.each(['fences', 'lease:rollouts'])('are lost with the key `%s`, and no fence comes twice', async (key) => {
      const { prefix, tag } = newPrefix();
      const [store, other] = [await open({ prefix }), await open({ prefix }, 'ioredis 6')];
      await store.pushDocument('version: 1\nflags: { a: {} }', why);
      const lost = await store.leases!.take('rollouts', 'ana', longMs);
      await cli('del', `${tag}:${key}`);
      await vi.waitFor(async () => {
        // Within one millisecond it would be the same.
        await cli('del', `${tag}:${key}`);
        const next = await other.leases!.take('rollouts', 'ben', longMs);
        expect(next!.fence).toBeGreaterThan(lost!.fence);
      }, patience);
      await expect(store.updateState(killed('a'), { ...why, lease: lost! })).rejects.toThrow(LeaseLostError);
      expect(await store.leases!.take('rollouts', 'ana', longMs)).toBeUndefined();
    });

    describe('with a user who may do only what the documentation says', () => {
      const rights = [
        ...['~{shop:production}:*', '&{shop:production}:*', '+hello', '+ping', '+select', '+info', '+eval', '+evalsha'],
        ...['+hget', '+hmget', '+hgetall', '+lrange', '+hset', '+hdel', '+lpush', '+ltrim', '+publish'],
        ...['+get', '+set', '+del', '+time'],
      ];
      const options = { prefix: 'shop', environment: 'production' };

      const openAs = async (name: ClientName, given: readonly string[]): Promise<RedisStore> => {
        const server = await RedisServer.start();
        cleanUp.push(() => server.remove());
        await server.cli('acl', 'setuser', 'shop', 'on', '>s3cret-word', ...given);
        return open(options, name, server.url.replace('redis://', 'redis://shop:s3cret-word@'));
      };

      it.each(clientNames)('are taken, used and given back with %s', async (name) => {
        const store = await openAs(name, rights);
        const lease = await store.leases!.take('rollouts', 'ana', longMs);
        await store.pushDocument('version: 1\nflags: { a: {} }', { ...why, lease: lease! });
        await store.leases!.release(lease!);
        const next = await store.leases!.take('rollouts', 'ben', longMs);
        await expect(store.updateState(killed('a'), { ...why, lease: lease! })).rejects.toThrow(LeaseLostError);
        await store.updateState(killed('a'), { ...why, lease: next! });
      });

      it.each(['+get', '+set', '+time', '+hset', '+hget'])('reject without %s', async (right) => {
        const store = await openAs(
          'ioredis 6',
          rights.filter((one) => one !== right),
        );
        await expect(store.leases!.take('rollouts', 'ana', longMs)).rejects.toThrow(/can't run this command/);
      });
    });
  });
});
