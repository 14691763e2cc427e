import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FleetMember } from '../../../src/fleet/fleet.js';
import { FleetNotReachedError } from '../../../src/fleet/fleet-not-reached-error.js';
import { createHalyard } from '../../../src/create-halyard.js';
import type { Halyard } from '../../../src/halyard.js';
import type { HalyardOptions } from '../../../src/halyard-options.js';
import { type RedisStore, redisStore, type RedisStoreOptions } from '../../../src/stores/redis/redis-store.js';
import { type ClientName, clientNames, openClient } from './clients.js';
import { redisCli, RedisServer } from './redis-server.js';
import { withRedis } from './with-redis.js';

await withRedis((url) => {
  let cleanUp: (() => unknown)[] = [];

  afterEach(async () => {
    const steps = cleanUp.toReversed();
    cleanUp = [];
    for (const step of steps) await step();
  });

  const cli = (...parameters: readonly string[]): Promise<string> => redisCli(url, ...parameters);

  /** A prefix of this test's own. */
  const newPrefix = (): string => {
    const prefix = `halyard-test-${randomBytes(6).toString('hex')}`;
    cleanUp.push(() =>
      cli('del', ...['flags', 'kills', 'history', 'fleet'].map((key) => `{${prefix}:default}:${key}`)),
    );
    return prefix;
  };

  const startServer = async (): Promise<RedisServer> => {
    const server = await RedisServer.start();
    cleanUp.push(() => server.remove());
    return server;
  };

  const open = async (options: RedisStoreOptions, name: ClientName = 'node-redis 6', at = url): Promise<RedisStore> => {
    const { client, end } = await openClient[name](at);
    cleanUp.push(end);
    const store = redisStore(client, options);
    cleanUp.push(() => store.close());
    return store;
  };

  const openHalyard = async (store: RedisStore, options: Partial<HalyardOptions> = {}): Promise<Halyard> => {
    const halyard = await createHalyard({ store, logger: silent, ...options });
    cleanUp.push(() => halyard.close());
    return halyard;
  };

  describe('the fleet in Redis', () => {
    it('is one hash, which goes when nobody reports any more', async () => {
      const prefix = newPrefix();
      const { fleet } = await open({ prefix });
      const key = `{${prefix}:default}:fleet`;
      await fleet!.report(web, 60_000);
      expect(await cli('type', key)).toBe('hash');
      expect(Number(await cli('pttl', key))).toBeGreaterThan(50_000);
      await fleet!.report({ ...web, id: 'b' }, 1_000);
      // Not before the last of them.
      expect(Number(await cli('pttl', key))).toBeGreaterThan(50_000);
      await fleet!.remove('a');
      await fleet!.remove('b');
      expect(await cli('exists', key)).toBe('0');
      await fleet!.report(web, 100);
      await vi.waitFor(async () => expect(await cli('exists', key)).toBe('0'), patience);
    });

    it('keeps nothing of those that are gone when another comes', async () => {
      const prefix = newPrefix();
      const { fleet } = await open({ prefix });
      const key = `{${prefix}:default}:fleet`;
      await fleet!.report({ ...web, id: 'b' }, 60_000);
      await fleet!.report(web, 1);
      await vi.waitFor(async () => expect(await fleet!.list()).toHaveLength(1), patience);
      expect((await cli('hkeys', key)).split('\n').toSorted()).toEqual(['a', 'b']);
      await fleet!.report({ ...web, id: 'c' }, 60_000);
      expect((await cli('hkeys', key)).split('\n').toSorted()).toEqual(['b', 'c']);
    });

    it('passes over what nobody reported', async () => {
      const prefix = newPrefix();
      const { fleet } = await open({ prefix });
      await fleet!.report(web, 60_000);
      const [at, late] = [String(Date.now()), String(Date.now() + 3_600_000)];
      const rest = { host: 'x', pid: 1, startedAt: 1 };
      const junk = {
        empty: '',
        text: 'web-1',
        json: JSON.stringify(rest),
        'no-json': `${at} ${late} web-1`,
        broken: `${at} ${late} {"host":`,
        list: `${at} ${late} [1]`,
        'no-host': `${at} ${late} {"pid":1,"startedAt":1}`,
        'number-host': `${at} ${late} ${JSON.stringify({ ...rest, host: 1 })}`,
        'two lines': `${at} ${late} ${JSON.stringify({ ...rest, host: 'a\nb' })}`,
        'half-a-pid': `${at} ${late} ${JSON.stringify({ ...rest, pid: 1.5 })}`,
        'text-start': `${at} ${late} ${JSON.stringify({ ...rest, startedAt: '1' })}`,
        'odd-version': `${at} ${late} ${JSON.stringify({ ...rest, version: {} })}`,
        'prototype-host': `${at} ${late} {"__proto__":${JSON.stringify(rest)}}`,
        huge: `${at} ${late} ${JSON.stringify({ ...rest, host: 'x'.repeat(100_000) })}`,
        over: `1 2 ${JSON.stringify(rest)}`,
        'id\nof two lines': `${at} ${late} ${JSON.stringify(rest)}`,
      };
      await cli('hset', `{${prefix}:default}:fleet`, ...Object.entries(junk).flat());
      expect((await fleet!.list()).map(({ id }) => id)).toEqual(['a']);
      await fleet!.report({ ...web, id: 'b' }, 60_000);
      expect((await fleet!.list()).map(({ id }) => id)).toEqual(['a', 'b']);
    });

    it('does no harm if something else is where it should be', async () => {
      const prefix = newPrefix();
      const store = await open({ prefix });
      await store.pushDocument(text, why);
      await cli('set', `{${prefix}:default}:fleet`, 'x');
      const warn = vi.fn();
      const halyard = await openHalyard(store, { logger: { ...silent, warn }, fleet: { reportMs: 100 } });
      await vi.waitFor(() => expect(warn).toHaveBeenCalled(), patience);
      await expect(halyard.fleet()).rejects.toThrow('WRONGTYPE');
      expect(halyard.boolean('payments', false)).toBe(true);
      await halyard.kill('payments', why);
      await cli('del', `{${prefix}:default}:fleet`);
      await vi.waitFor(async () => expect(await halyard.fleet()).toMatchObject([{ isSelf: true }]), patience);
      expect(warn).toHaveBeenCalledOnce();
    });

    describe.each(clientNames)('with %s', (name) => {
      it('is empty after a Halyard was closed', async () => {
        const prefix = newPrefix();
        const store = await open({ prefix }, name);
        await store.pushDocument(text, why);
        const halyard = await openHalyard(store);
        expect(await halyard.fleet()).toMatchObject([{ isSelf: true, isCurrent: true }]);
        await halyard.close();
        expect(await cli('exists', `{${prefix}:default}:fleet`)).toBe('0');
      });

      it(
        'comes back when the server does, and sends no more than one report of the time between',
        { timeout: 120_000 },
        async () => {
          const server = await startServer();
          const options = { prefix: 'shop', pollMs: 100, timeoutMs: 2_000 };
          const store = await open(options, name, server.url);
          await store.pushDocument(text, why);
          const halyard = await openHalyard(store, { fleet: { id: 'me', reportMs: 100 } });
          await halyard.fleet();
          const report = vi.spyOn(store.fleet!, 'report');
          await server.kill();
          await vi.waitFor(() => expect(report.mock.calls.length).toBeGreaterThan(4), patience);
          await expect(halyard.fleet()).rejects.toThrow('redis:shop:default');
          await server.restart();
          await vi.waitFor(async () => expect(await halyard.fleet()).toMatchObject([{ id: 'me' }]), patience);
          const calls = /cmdstat_hset:calls=(\d+)/.exec(await server.cli('info', 'commandstats'))![1];
          const since = report.mock.settledResults.filter(({ type }) => type === 'fulfilled').length;
          expect(Number(calls)).toBeLessThanOrEqual(since + 2);
        },
      );

      it('lets a Halyard end while the server hangs', { timeout: 120_000 }, async () => {
        const server = await startServer();
        const store = await open({ prefix: 'shop' }, name, server.url);
        await store.pushDocument(text, why);
        const halyard = await openHalyard(store);
        server.pause();
        await halyard.close();
        server.resume();
      });
    });

    describe('with a user who may do only what the documentation says', () => {
      const startWithUser = async (...rights: readonly string[]): Promise<{ server: RedisServer; url: string }> => {
        const server = await startServer();
        await server.cli('acl', 'setuser', 'shop', 'on', '>s3cret-word', ...rights);
        const store = await open(options, 'node-redis 6', server.url);
        await store.pushDocument(text, why);
        return { server, url: server.url.replace('redis://', 'redis://shop:s3cret-word@') };
      };

      const options = { prefix: 'shop', environment: 'production', pollMs: 100 };
      const connecting = ['+hello', '+ping', '+select', '+info'];
      const reading = ['+eval', '+evalsha', '+hget', '+hmget', '+hgetall', '+lrange', '+subscribe', '+time'];
      const writing = ['+hset', '+hdel', '+lpush', '+ltrim', '+publish', '+pttl', '+pexpire'];
      const all = ['~{shop:production}:*', '&{shop:production}:*', ...connecting, ...reading, ...writing];

      it.each(clientNames)('is reported to, listed and waited for with %s', async (name) => {
        const { url: userUrl } = await startWithUser(...all);
        const halyard = await openHalyard(await open(options, name, userUrl), { fleet: { host: 'web-1' } });
        await halyard.kill('payments', { ...why, waitForFleet: true });
        expect(await halyard.fleet()).toMatchObject([{ host: 'web-1', isCurrent: true }]);
        await halyard.close();
        const other = await openHalyard(await open(options, name, userUrl), { fleet: false });
        expect(await other.fleet()).toEqual([]);
      });

      it('may report without the right to write anything else', async () => {
        const { url: userUrl } = await startWithUser(
          ...['~{shop:production}:*', '&{shop:production}:*', ...connecting, ...reading],
          '(~{shop:production}:fleet ~{shop:production}:usage +eval +evalsha +time +hget +hset +hdel +hgetall +pttl +pexpire)',
        );
        const halyard = await openHalyard(await open(options, 'ioredis 6', userUrl), { fleet: { host: 'web-1' } });
        expect(await halyard.fleet()).toMatchObject([{ host: 'web-1', isCurrent: true }]);
        halyard.boolean('payments', true);
        await halyard.close();
        const reader = await openHalyard(await open(options, 'ioredis 6', userUrl), { fleet: false });
        const [payments] = await reader.lifecycle();
        expect(payments?.lastEvaluatedAt).toBeInstanceOf(Date);
        await expect(reader.kill('payments', why)).rejects.toThrow('could not be told');
      });

      it.each([
        [
          'the key',
          ['~{shop:production}:flags', '~{shop:production}:kills', '~{shop:production}:history', ...all.slice(1)],
        ],
        ['the commands', all.filter((right) => !['+time', '+pttl', '+pexpire'].includes(right))],
      ])('does no harm without a right to %s', async (_what, rights) => {
        const { url: userUrl } = await startWithUser(...rights);
        const warn = vi.fn();
        const store = await open(options, 'ioredis 6', userUrl);
        const halyard = await openHalyard(store, { logger: { ...silent, warn }, fleet: { reportMs: 100 } });
        await vi.waitFor(() => expect(warn).toHaveBeenCalled(), patience);
        await expect(halyard.fleet()).rejects.toThrow(
          /redis:shop:production: .*(permission|NOPERM|can't|can not|cannot)/i,
        );
        await halyard.kill('payments', why);
        expect(halyard.boolean('payments', true)).toBe(false);
        expect(halyard.health().status).toBe('ready');
        await expect(halyard.restore('payments', { ...why, waitForFleet: { timeoutMs: 200 } })).rejects.toThrow(
          'The restore of "payments" is stored as version',
        );
        expect(halyard.boolean('payments', false)).toBe(true);
        expect(warn).toHaveBeenCalledOnce();
        expect(JSON.stringify(warn.mock.calls)).not.toContain('s3cret-word');
      });
    });

    describe('of four services', () => {
      interface Service {
        readonly host: string;
        readonly process: ChildProcess;
        readonly ask: () => Promise<string>;
      }

      const startService = async (prefix: string, index: number, reportMs: number): Promise<Service> => {
        const host = `web-${index + 1}`;
        const script = join(import.meta.dirname, 'fleet-service.ts');
        const parameters = [clientNames[index]!, url, prefix, host, String(reportMs)];
        const child = spawn(process.execPath, ['--import', 'tsx', script, ...parameters], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        cleanUp.push(() => child.kill('SIGKILL'));
        const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
        return { host, process: child, ask: async () => await (await fetch(`http://127.0.0.1:${port}`)).text() };
      };

      const startFleet = async (reportMs: number): Promise<{ operator: Halyard; services: readonly Service[] }> => {
        const prefix = newPrefix();
        const store = await open({ prefix });
        const { version } = await store.pushDocument(text, why);
        const operator = await openHalyard(store, { fleet: false });
        const services = await Promise.all(clientNames.map((_, index) => startService(prefix, index, reportMs)));
        await operator.waitForFleet(version);
        return { operator, services };
      };

      const ask = (services: readonly Service[]): Promise<readonly string[]> =>
        Promise.all(services.map((service) => service.ask()));

      const seen = (members: readonly FleetMember[]) => members.map(({ host, standing }) => `${host} ${standing}`);

      it(
        'is waited for until all answer by the kill; who hangs is named, and follows when it goes on',
        { timeout: 120_000 },
        async () => {
          const { operator, services } = await startFleet(5_000);
          expect(seen(await operator.fleet())).toEqual(['web-1 same', 'web-2 same', 'web-3 same', 'web-4 same']);
          expect(await ask(services)).toEqual(['on', 'on', 'on', 'on']);
          await operator.kill('payments', { ...why, waitForFleet: true });
          expect(await ask(services)).toEqual(['off', 'off', 'off', 'off']);
          await operator.restore('payments', { ...why, waitForFleet: true });
          expect(await ask(services)).toEqual(['on', 'on', 'on', 'on']);

          const [web1, web2, web3, web4] = services;
          web3!.process.kill('SIGSTOP');
          const killed = operator.kill('payments', { ...why, waitForFleet: { timeoutMs: 10_000 } });
          const error = (await killed.catch((caught: unknown) => caught)) as FleetNotReachedError;
          expect(error).toBeInstanceOf(FleetNotReachedError);
          expect(error.missing).toMatchObject([{ host: 'web-3', pid: web3!.process.pid }]);
          expect(error.message).toMatch(/is stored as version .* 1 of 4 instances did not serve it: `web-3`/);
          expect(seen(await operator.fleet())).toEqual(['web-1 same', 'web-2 same', 'web-3 older', 'web-4 same']);
          expect(await ask([web1!, web2!, web4!])).toEqual(['off', 'off', 'off']);

          const waiting = operator.waitForFleet(error.version, { timeoutMs: 60_000 });
          web3!.process.kill('SIGCONT');
          await waiting;
          expect(await ask(services)).toEqual(['off', 'off', 'off', 'off']);
        },
      );

      it(
        'does not wait for one that was killed and forgotten, nor for one that ended',
        { timeout: 120_000 },
        async () => {
          const { operator, services } = await startFleet(2_000);
          services[0]!.process.kill('SIGTERM');
          await once(services[0]!.process, 'exit');
          expect(seen(await operator.fleet())).toEqual(['web-2 same', 'web-3 same', 'web-4 same']);
          services[1]!.process.kill('SIGKILL');
          await once(services[1]!.process, 'exit');
          expect(seen(await operator.fleet())).toContain('web-2 same');
          await operator.kill('payments', { ...why, waitForFleet: { timeoutMs: 60_000 } });
          expect(seen(await operator.fleet())).toEqual(['web-3 same', 'web-4 same']);
          expect(await ask(services.slice(2))).toEqual(['off', 'off']);
        },
      );
    });
  });
});

const patience = { interval: 20 };

const why = { by: 'ana', reason: 'because' };

const text = 'version: 1\nflags:\n  payments: { kind: operational }\n';

const web = { id: 'a', host: 'web-1', pid: 17, startedAt: 1_750_000_000_000, version: 'shop:7' };

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
