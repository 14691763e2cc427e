import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { freePort } from '../free-port.js';
import { temporaryFolder } from '../temporary-folder.js';
import { program, unprivileged } from './postgres-server.js';
import { TcpProxy } from './tcp-proxy.js';
import { patience, Testbed, why, withFlag } from './testbed.js';
import { needs, withPostgres } from './with-postgres.js';

await withPostgres((url) => {
  const bed = new Testbed(url);
  const never = 600_000;

  const isTold = async (change: () => Promise<unknown>, onChange: () => void): Promise<void> => {
    vi.mocked(onChange).mockClear();
    await change();
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
  };

  describe('how postgresStore is told of changes', { timeout: 60_000 }, () => {
    it('is by a connection of its own, which takes no place in the pool', async () => {
      const schema = bed.schema();
      const pool = bed.pool({ max: 1 });
      const store = bed.open({ schema, pollMs: never }, pool);
      await store.pushDocument('version: 1\nflags: { a: {} }', why);
      await store.load();
      const onChange = vi.fn();
      const end = store.watch(onChange);
      await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
      await vi.waitFor(() => expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]), patience);
      const other = bed.open({ schema });
      await isTold(() => other.update(withFlag('a', { rollout: 5 }), why), onChange);
      end();
      expect(await listeners(schema, 0)).toBe(0);
      expect(store.isListening).toBe(false);
    });

    it('can lead another way than the pool: by a connection string, or by a client', async () => {
      const schema = bed.schema();
      const proxy = await TcpProxy.start(url);
      bed.later(() => proxy.close());
      for (const listen of [proxy.through(url), () => new Client(proxy.through(url))]) {
        const store = bed.open({ schema, listen });
        const end = store.watch(() => undefined);
        await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
        expect(proxy.connections).toBe(1);
        end();
        await vi.waitFor(() => expect(proxy.connections).toBe(0), patience);
      }
    });

    it('can be left out: then changes are found by asking', async () => {
      const schema = bed.schema();
      const store = bed.open({ schema, listen: false, pollMs: 50 });
      await store.pushDocument('version: 1\nflags: { a: {} }', why);
      await store.load();
      const onChange = vi.fn();
      store.watch(onChange);
      await isTold(() => bed.open({ schema }).update(withFlag('b', {}), why), onChange);
      expect(await listeners(schema, 0)).toBe(0);
    });

    it('comes back after the connection was cut, again and again, and leaks none', async () => {
      const schema = bed.schema();
      const proxy = await TcpProxy.start(url);
      bed.later(() => proxy.close());
      const store = bed.open({ schema, pollMs: never, listen: proxy.through(url) });
      await store.pushDocument('version: 1\nflags: { a: {} }', why);
      await store.load();
      const onChange = vi.fn();
      store.watch(onChange);
      const other = bed.open({ schema });
      for (let round = 1; round <= 10; round += 1) {
        await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
        await isTold(() => other.update(withFlag('a', { rollout: round }), why), onChange);
        // What is missed meanwhile is found as soon as it listens again.
        onChange.mockClear();
        proxy.cut();
        await other.update(withFlag('b', { rollout: round }), why);
        await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
      }
      await vi.waitFor(() => expect(proxy.connections).toBe(1), patience);
      await store.close();
      await vi.waitFor(() => expect(proxy.connections).toBe(0), patience);
    });

    it('is without a word about it while the database is away', async () => {
      const onWarning = vi.fn();
      const proxy = await TcpProxy.start(url);
      const pool = bed.pool({ connectionString: proxy.through(url) });
      const store = bed.open({ schema: bed.schema(), onWarning, timeoutMs: 200 }, pool);
      store.watch(() => undefined);
      await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
      await proxy.close();
      await vi.waitFor(() => expect(store.isListening).toBe(false), patience);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(onWarning).not.toHaveBeenCalled();
    });

    it('is told to be missing when only it fails, once', async () => {
      const onWarning = vi.fn();
      const listen = `postgres://postgres@127.0.0.1:${await freePort()}/test`;
      const store = bed.open({ schema: bed.schema(), listen, onWarning, pollMs: 50 });
      const onChange = vi.fn();
      await store.pushDocument('version: 1\nflags: { a: {} }', why);
      await store.load();
      store.watch(onChange);
      await vi.waitFor(() => expect(onWarning).toHaveBeenCalled(), patience);
      expect(onWarning.mock.calls[0]?.[0]).toMatch(/changes are found by asking alone .*ECONNREFUSED/);
      await isTold(() => store.update(withFlag('a', { rollout: 5 }), why), onChange);
      expect(onWarning).toHaveBeenCalledTimes(1);
    });

    it('keeps no process alive', async () => {
      const schema = bed.schema();
      const file = new URL('./watch-and-end.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, ['--import', 'tsx', file, url, schema], { stdio: ['ignore', 'pipe', 2] });
      let output = '';
      child.stdout?.on('data', (data) => (output += String(data)));
      const [code] = (await once(child, 'exit')) as [number];
      expect({ code, output }).toEqual({ code: 0, output: 'told\n' });
    });
  });

  if (!needs('pgbouncer')) {
    describe('postgresStore behind PgBouncer', { timeout: 60_000 }, () => {
      const start = async (mode: 'transaction' | 'session'): Promise<string> => {
        const bouncer = await PgBouncer.start(url, mode);
        bed.later(() => bouncer.end());
        return bouncer.url;
      };

      it('notices that transactions share connections, warns once, and asks', async () => {
        const through = await start('transaction');
        const schema = bed.schema();
        const onWarning = vi.fn();
        const store = bed.open(
          { schema, pollMs: 100, timeoutMs: 2_000, onWarning },
          bed.pool({ connectionString: through }),
        );
        const pushed = await store.pushDocument('version: 1\nflags: { a: {} }', why);
        const halyard = await bed.halyard(store);
        await vi.waitFor(() => expect(onWarning).toHaveBeenCalled(), patience);
        expect(onWarning.mock.calls[0]?.[0]).toMatch(
          new RegExp(`^postgres:${schema}:default: changes are found by asking alone .*such as PgBouncer.*\`listen\``),
        );
        expect(store.isListening).toBe(false);
        await bed.open({ schema }).update(withFlag('a', { serve: 'off' }), why);
        await vi.waitFor(() => expect(halyard.boolean('a', true)).toBe(false), patience);
        expect((await store.load()).version).not.toBe(pushed.version);
        await halyard.kill('a', why);
        expect((await store.verifyAudit()).isIntact).toBe(true);
        expect(onWarning).toHaveBeenCalledTimes(1);
      });

      it('is told by process.emitWarning where nobody asked for it', async () => {
        const through = await start('transaction');
        const onWarning = vi.fn();
        process.on('warning', onWarning);
        bed.later(() => process.off('warning', onWarning));
        const store = bed.open({ schema: bed.schema(), timeoutMs: 1_000 }, bed.pool({ connectionString: through }));
        store.watch(() => undefined);
        await vi.waitFor(
          () =>
            expect(onWarning).toHaveBeenCalledWith(
              expect.objectContaining({ name: 'HalyardWarning', code: 'HALYARD_NOT_LISTENING' }),
            ),
          patience,
        );
      });

      it('is told by a way past it', async () => {
        const through = await start('transaction');
        const schema = bed.schema();
        const store = bed.open({ schema, pollMs: never, listen: url }, bed.pool({ connectionString: through }));
        await store.pushDocument('version: 1\nflags: { a: {} }', why);
        await store.load();
        const onChange = vi.fn();
        store.watch(onChange);
        await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
        await isTold(() => bed.open({ schema }).update(withFlag('b', {}), why), onChange);
      });

      it('is told through it where it lends connections for a session', async () => {
        const through = await start('session');
        const store = bed.open({ schema: bed.schema() }, bed.pool({ connectionString: through }));
        store.watch(() => undefined);
        await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
      });
    });
  }

  /** How many sessions listen to a schema's changes, once they are that many. */
  const listeners = async (schema: string, expected: number): Promise<number> => {
    const count = async (): Promise<number> =>
      (await bed.sql(`SELECT FROM pg_stat_activity WHERE query = 'LISTEN "${schema}_changes"'`)).length;
    await vi.waitFor(async () => expect(await count()).toBe(expected), patience);
    return await count();
  };
});

/** A pooler in front of a PostgreSQL. */
class PgBouncer {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #remove: () => Promise<void>;

  private constructor(url: string, child: ChildProcess, remove: () => Promise<void>) {
    this.url = url;
    this.#process = child;
    this.#remove = remove;
  }

  static async start(target: string, mode: string): Promise<PgBouncer> {
    const { path, remove } = await temporaryFolder();
    const { uid, gid } = unprivileged();
    if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
    const { hostname, port, username } = new URL(target);
    const listenPort = await freePort();
    writeFileSync(join(path, 'users.txt'), `"${username}" ""\n`);
    writeFileSync(
      join(path, 'pgbouncer.ini'),
      [
        '[databases]',
        `* = host=${hostname} port=${port || 5432}`,
        '[pgbouncer]',
        `listen_addr = 127.0.0.1\nlisten_port = ${listenPort}\nunix_socket_dir =`,
        `auth_type = trust\nauth_file = ${join(path, 'users.txt')}`,
        `pool_mode = ${mode}`,
      ].join('\n'),
    );
    const child = spawn(program('pgbouncer'), [join(path, 'pgbouncer.ini')], { stdio: 'ignore', ...unprivileged() });
    const through = new URL(target);
    through.host = `127.0.0.1:${listenPort}`;
    const bouncer = new PgBouncer(through.href, child, remove);
    const pool = new Pool({ connectionString: through.href, connectionTimeoutMillis: 5_000 });
    try {
      await vi.waitFor(() => pool.query('SELECT 1'), patience);
      return bouncer;
    } catch (error) {
      await bouncer.end();
      throw error;
    } finally {
      await pool.end();
    }
  }

  async end(): Promise<void> {
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exit;
    await this.#remove();
  }
}
