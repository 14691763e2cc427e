import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PostgresServer } from './postgres-server.js';
import { TcpProxy } from './tcp-proxy.js';
import { documentOf, patience, Testbed, why, withFlag } from './testbed.js';
import { needs } from './with-postgres.js';
import { emptyFlagState } from '../../../src/flags/flag-state.js';

if (!needs('initdb')) {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 120_000);
  afterAll(() => server.remove());

  // Whatever happens, nothing may reach the process.
  const unhandled = vi.fn();
  beforeEach(() => {
    process.on('unhandledRejection', unhandled);
    process.on('uncaughtException', unhandled);
  });
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    process.off('uncaughtException', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  describe('postgresStore when things fail', { timeout: 120_000 }, () => {
    const bed = new Testbed(() => server.url);

    it('serves on while the server is restarted, and follows again by itself', async () => {
      const schema = bed.schema();
      const store = bed.open({ schema, pollMs: 50, timeoutMs: 1_000 });
      await store.pushDocument('version: 1\nflags: { a: { rollout: 100 } }', why);
      const halyard = await bed.halyard(store);
      await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
      for (let round = 0; round < 3; round += 1) {
        await server.kill();
        await vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience);
        expect(halyard.boolean('a', false, { targetingKey: 'x' })).toBe(true);
        await expect(store.load()).rejects.toThrow(/ECONNREFUSED.*Is PostgreSQL running/);
        await expect(halyard.kill('a', why)).rejects.toThrow('could not be told');
        expect(halyard.boolean('a', true)).toBe(false);
        await server.restart();
        await halyard.restore('a', why);
        await vi.waitFor(() => expect(halyard.health().status).toBe('ready'), patience);
        await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
      }
      expect((await store.verifyAudit()).isIntact).toBe(true);
    });

    it('starts without the server, and loads when it is there', async () => {
      await server.kill();
      const schema = bed.schema();
      const store = bed.open({ schema, pollMs: 50, timeoutMs: 1_000 });
      const halyard = await bed.halyard(store, { startWithout: true });
      expect(halyard.boolean('a', true)).toBe(true);
      await server.restart();
      await vi.waitFor(() => store.pushDocument('version: 1\nflags: { a: { serve: off } }', why), patience);
      await vi.waitFor(() => expect(halyard.boolean('a', true)).toBe(false), patience);
    });

    it('says when the password was changed, and comes back with the right one', async () => {
      const schema = bed.schema();
      let password = 'one';
      await server.sql(`DROP ROLE IF EXISTS keeper; CREATE ROLE keeper SUPERUSER LOGIN PASSWORD 'one'`);
      await server.admit('host all keeper all scram-sha-256', 'host all,replication all all trust');
      const url = new URL(server.url);
      const pool = bed.pool({
        connectionString: undefined,
        host: url.hostname,
        port: Number(url.port),
        database: 'postgres',
        user: 'keeper',
        password: () => password,
      });
      const store = bed.open({ schema, pollMs: 50, timeoutMs: 2_000 }, pool);
      await store.pushDocument('version: 1\nflags: { a: { serve: off } }', why);
      const halyard = await bed.halyard(store);
      await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
      await server.sql(`ALTER ROLE keeper PASSWORD 'two'`);
      await server.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'keeper'`);
      await expect(vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience)).resolves.not.toThrow();
      await expect(store.load()).rejects.toThrow(/password authentication failed.*Check the pool's user and password/);
      expect(halyard.boolean('a', true)).toBe(false);
      password = 'two';
      await vi.waitFor(() => expect(halyard.health().status).toBe('ready'), patience);
      await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
    });

    it('says when the pool is exhausted, and asks it for no more than it gave back', async () => {
      const schema = bed.schema();
      const pool = bed.pool({ max: 2 });
      await bed.open({ schema }).pushDocument('version: 1\nflags: { a: { serve: off } }', why);
      const store = bed.open({ schema, pollMs: 20, timeoutMs: 1_000 }, pool);
      const halyard = await bed.halyard(store);
      const taken = [await pool.connect(), await pool.connect()];
      for (let round = 0; round < 3; round += 1) {
        await expect(store.load()).rejects.toThrow('all of them are in use');
        await expect(store.update(withFlag('b', {}), why)).rejects.toThrow('all of them are in use');
      }
      // Its own polls wait too, but nothing piles up.
      expect(pool.waitingCount).toBeLessThanOrEqual(6);
      expect(halyard.boolean('a', true)).toBe(false);
      for (const client of taken) client.release();
      await vi.waitFor(() => expect(halyard.health().status).toBe('ready'), patience);
      await vi.waitFor(() => expect(pool.waitingCount).toBe(0), patience);
      expect(documentOf(await store.load()).flags).toEqual({ a: { serve: 'off' } });
    });

    it('is not hung up by a network that swallows everything', async () => {
      const schema = bed.schema();
      const proxy = await TcpProxy.start(server.url);
      bed.later(() => proxy.close());
      const pool = new Pool({ connectionString: proxy.through(server.url) });
      pool.on('error', () => undefined);
      await bed.open({ schema }).pushDocument('version: 1\nflags: { a: { serve: off } }', why);
      const store = bed.open({ schema, pollMs: 50, timeoutMs: 1_000, onWarning: () => undefined }, pool);
      const halyard = await bed.halyard(store);
      await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
      proxy.stall();
      await expect(store.load()).rejects.toThrow(/did not answer|no connection/);
      await expect(store.update(withFlag('b', {}), why)).rejects.toThrow(/did not answer|no connection/);
      await vi.waitFor(() => expect(halyard.health().status).toBe('stale'), patience);
      proxy.flow();
      await vi.waitFor(() => expect(halyard.health().status).toBe('ready'), patience);
      await store.update(withFlag('b', {}), why);
      proxy.stall();
      const closing = Promise.allSettled([store.load(), store.update(withFlag('c', {}), why), halyard.close()]);
      await closing;
      proxy.flow();
      await pool.end();
      await vi.waitFor(() => expect(proxy.connections).toBe(0), patience);
    });

    it('is not held up by requests for a connection that hang in their handshakes', async () => {
      const proxy = await TcpProxy.start(server.url);
      bed.later(() => proxy.close());
      const pool = bed.pool({ connectionString: proxy.through(server.url), connectionTimeoutMillis: 60_000 });
      const store = bed.open({ schema: bed.schema(), timeoutMs: 1_000, listen: false }, pool);
      proxy.stall();
      for (let round = 0; round < 2; round += 1) await expect(store.load()).rejects.toThrow('no connection');
      const hanging = pool.totalCount;
      proxy.flowForNew();
      await store.pushDocument('version: 1\nflags: { a: {} }', why);
      expect(hanging).toBe(2);
      // Those that hang are asked for no more, and given back when they come.
      proxy.flow();
      await vi.waitFor(() => expect(pool.idleCount).toBe(pool.totalCount), patience);
      expect(pool.waitingCount).toBe(0);
    });

    it('warns of a pool that never gives up a connection, once', () => {
      const onWarning = vi.fn();
      for (const connectionTimeoutMillis of [undefined, 0, 5_000]) {
        bed.open({ onWarning }, bed.pool({ connectionTimeoutMillis }));
      }
      const warned: unknown = expect.stringContaining('the pool has no `connectionTimeoutMillis`');
      expect(onWarning.mock.calls).toEqual([[warned], [warned]]);
    });

    it('writes all or nothing when the connection is cut during a change', async () => {
      const schema = bed.schema();
      const proxy = await TcpProxy.start(server.url);
      bed.later(() => proxy.close());
      const store = bed.open({ schema, timeoutMs: 2_000 }, bed.pool({ connectionString: proxy.through(server.url) }));
      await store.pushDocument('version: 1\nflags: { a: {}, b: {} }', why);
      const both = (rollout: number) => withFlag('a', { rollout });
      for (let round = 1; round <= 30; round += 1) {
        const change = store.update((document) => withFlag('b', { rollout: round })(both(round)(document)), why);
        const cut = setTimeout(() => proxy.cut(), Math.random() * 30);
        await change.catch(() => undefined);
        clearTimeout(cut);
        const { flags } = documentOf(await vi.waitFor(() => store.load(), patience));
        expect(flags['a']?.rollout).toBe(flags['b']?.rollout);
      }
      expect(await bed.open({ schema }).verifyAudit()).toMatchObject({ isIntact: true });
    });

    it('loses nothing when processes write at once and one of them is killed', async () => {
      const schema = bed.schema();
      await bed.open({ schema }).pushDocument('version: 1\nflags: {}', why);
      const file = new URL('./write-flags.ts', import.meta.url).pathname;
      const [left, right, killed] = ['left', 'right', 'killed'].map((name) =>
        spawn(
          process.execPath,
          ['--import', 'tsx', file, server.url, schema, name, name === 'killed' ? '100000' : '25'],
          {
            stdio: 'inherit',
          },
        ),
      );
      const store = bed.open({ schema });
      const keys = async (): Promise<readonly string[]> => Object.keys(documentOf(await store.load()).flags);
      await vi.waitFor(async () => expect((await keys()).length).toBeGreaterThan(20), { timeout: 90_000 });
      killed!.kill('SIGKILL');
      const codes = await Promise.all([left!, right!].map(async (child) => (await once(child, 'exit'))[0] as unknown));
      expect(codes).toEqual([0, 0]);
      const { state } = await store.load();
      for (const name of ['left', 'right'])
        expect((await keys()).filter((key) => key.startsWith(name))).toHaveLength(25);
      expect((await keys()).toSorted()).toEqual([...state.kills.keys()].toSorted());
      expect(await store.verifyAudit()).toMatchObject({
        isIntact: true,
        head: { sequence: 1 + (await keys()).length },
      });
    });

    it('leaves no connection, lock or listener behind when it is closed during anything', async () => {
      const schema = bed.schema();
      const pool = bed.pool();
      const first = bed.open({ schema }, pool);
      await first.pushDocument('version: 1\nflags: { a: {} }', why);
      const before = pool.listenerCount('error');
      for (let round = 0; round < 30; round += 1) {
        const store = bed.open({ schema, pollMs: 5 }, pool);
        store.watch(() => void store.load().catch(() => undefined));
        const running = Promise.allSettled([store.load(), store.update(withFlag('a', { rollout: round }), why)]);
        if (round % 3 > 0) await new Promise((resolve) => setTimeout(resolve, (round % 3) * 10));
        await store.close();
        await running;
      }
      expect(pool.listenerCount('error')).toBe(before);
      await first.close();
      await pool.end();
      await vi.waitFor(async () => {
        const left = await server.sql(
          `SELECT query FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
        );
        expect(left).toEqual([]);
      }, patience);
    });

    it('follows a replica, which tells nothing and takes nothing, and says so', async () => {
      const schema = bed.schema();
      const writer = bed.open({ schema });
      await writer.pushDocument('version: 1\nflags: { a: {} }', why);
      const replica = await server.replica();
      bed.later(() => replica.remove());
      const onWarning = vi.fn();
      const store = bed.open({ schema, pollMs: 50, onWarning }, bed.pool({ connectionString: replica.url }));
      const halyard = await bed.halyard(store);
      await writer.updateState(
        () => ({ ...emptyFlagState, kills: new Map([['a', { at: 0, by: 'ana', reason: 'down' }]]) }),
        why,
      );
      await vi.waitFor(() => expect(halyard.boolean('a', true)).toBe(false), patience);
      await expect(store.update(withFlag('b', {}), why)).rejects.toThrow('writers need a pool on the primary');
      await vi.waitFor(() => expect(onWarning).toHaveBeenCalledTimes(1), patience);
      expect(onWarning.mock.calls[0]?.[0]).toContain('cannot execute LISTEN during recovery');
    });
  });
}
