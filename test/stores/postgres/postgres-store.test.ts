import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { emptyFlagState, type FlagState } from '../../../src/flags/flag-state.js';
import { FlagDocumentError } from '../../../src/flags/problem.js';
import { startRollout } from '../../../src/flags/rollout-progress.js';
import { compareVersions, DocumentUnreadableError, VersionConflictError } from '../../../src/stores/flag-store.js';
import {
  postgresMigrations,
  postgresStore,
  type PostgresStoreOptions,
} from '../../../src/stores/postgres/postgres-store.js';
import { TcpProxy } from './tcp-proxy.js';
import { documentOf, manyFlags, patience, Testbed, why, withFlag } from './testbed.js';
import { withPostgres } from './with-postgres.js';

await withPostgres((url) => {
  const bed = new Testbed(url);

  describe('postgresStore', { timeout: 60_000 }, () => {
    describe('options', () => {
      it('refuses what cannot be meant, and repeats no secret', () => {
        const pool = bed.pool();
        expect(() => postgresStore({} as never)).toThrow(
          'postgresStore: expected a Pool of pg (8 or newer) or an instance of PGlite, found an object.',
        );
        expect(() => postgresStore(new Client(url) as never)).toThrow('found a single Client');
        expect(() => postgresStore(pool, { schema: 'flags"; DROP TABLE x; --' })).toThrow(
          'postgresStore: option `schema`: expected a name of at most 50 small letters, digits and _, no digit first',
        );
        expect(() => postgresStore(pool, { environment: 'a b' })).toThrow('option `environment`');
        expect(() => postgresStore(pool, { pollMs: 0 })).toThrow('option `pollMs`');
        expect(() => postgresStore(pool, { auditKey: 'hunter2' })).toThrow(
          'postgresStore: option `auditKey`: expected a text of at least 32 characters, or several, found something else.',
        );
        expect(() => postgresMigrations('A')).toThrow('postgresMigrations: expected a name');
        expect(postgresStore(pool, { schema: 'shop', environment: 'production' }).name).toBe(
          'postgres:shop:production',
        );
      });
    });

    describe('the document', () => {
      it('keeps the order of everything, and numbers to the last digit', async () => {
        const schema = bed.schema();
        const store = bed.open({ schema });
        const text =
          '{"$schema":"x","version":1,"segments":{"z":{"b":true,"a":0.1},"a":{"any":[{"x":1},{"y":0.1}]}},' +
          '"flags":{"zebra":{"variants":{"z":1.5,"a":-3},"split":{"z":1,"a":2}},"apple":{"rules":[{"when":{"segment":"z"},"serve":"on"},{"when":{"segment":"a"},"serve":"on"}],"serve":"off"},"monkey":{}},"x-own":{"b":[1],"a":null}}';
        await store.pushDocument(text, why);
        const another = bed.open({ schema });
        expect(JSON.stringify(documentOf(await another.load()))).toBe(text);
        await store.update(withFlag('monkey', { rollout: 5 }), why);
        expect(Object.keys(documentOf(await another.load()).flags)).toEqual(['zebra', 'apple', 'monkey']);
      });

      it('keeps the order in which flags were put, moved and replaced', async () => {
        const schema = bed.schema();
        const [store, another] = [bed.open({ schema }), bed.open({ schema })];
        const ordered = async (keys: readonly string[]): Promise<void> => {
          const flags = Object.fromEntries(keys.map((key) => [key, { description: key }]));
          await store.update(() => ({ version: 1, flags }), why);
          expect(Object.keys(documentOf(await another.load()).flags)).toEqual(keys);
          expect(Object.keys(documentOf(await bed.open({ schema }).load()).flags)).toEqual(keys);
        };
        await ordered(['a', 'b', 'c', 'd']);
        await ordered(['a', 'b', 'new', 'c', 'd']);
        await ordered(['d', 'a', 'b', 'new', 'c']);
        await ordered(['first', 'c', 'new', 'b', 'a', 'd', 'last']);
        // Always in the same gap, until there is no room left in it.
        for (let count = 0; count < 60; count += 1) {
          await store.update(({ flags: { first, ...rest } }) => {
            const flags = { first: first!, [`n${count}`]: { description: `n${count}` }, ...rest };
            return { version: 1, flags };
          }, why);
        }
        const expected = ['first', ...Array.from({ length: 60 }, (_, index) => `n${59 - index}`), 'c', 'new', 'b'];
        expect(Object.keys(documentOf(await another.load()).flags).slice(0, 64)).toEqual(expected);
      });

      it('is not there at first, and the error says how to put it there', async () => {
        const store = bed.open({ schema: bed.schema() });
        await expect(store.load()).rejects.toThrow(/there is no document in PostgreSQL.*pushDocument/);
      });

      it('starts from an empty one when it is changed first', async () => {
        const store = bed.open({ schema: bed.schema() });
        await store.update(withFlag('a', { rollout: 5 }), why);
        expect(documentOf(await store.load())).toEqual({ version: 1, flags: { a: { rollout: 5 } } });
      });

      it('is refused at the writer if it has errors, or is too large', async () => {
        const store = bed.open({ schema: bed.schema(), maxBytes: 200 });
        await store.pushDocument('version: 1\nflags: { a: { rollout: 10 } }\n', why);
        const pushing = store.pushDocument('version: 1\nflags:\n  a: { rolout: 5 }\n', why);
        await expect(pushing).rejects.toThrow(FlagDocumentError);
        await expect(pushing).rejects.toThrow('3:8');
        await expect(store.update(withFlag('a', { description: 'x'.repeat(200) }), why)).rejects.toThrow('maxBytes');
        await expect(store.update(() => undefined as never, why)).rejects.toThrow(FlagDocumentError);
        await expect(store.update(() => ({ version: 1, flags: [] }) as never, why)).rejects.toThrow(FlagDocumentError);
        expect(documentOf(await store.load()).flags).toEqual({ a: { rollout: 10 } });
        expect(await store.history()).toHaveLength(1);
      });

      it('is what JSON makes of it, and readers get what was checked', async () => {
        const schema = bed.schema();
        const store = bed.open({ schema });
        await store.update(withFlag('a', { rollout: 5, description: undefined } as never), why);
        expect(documentOf(await bed.open({ schema }).load()).flags).toEqual({ a: { rollout: 5 } });
        const now = new Date(0) as unknown as string;
        await store.update(withFlag('a', { created: now }), why).catch(() => undefined);
        await expect(store.update(withFlag('b', { 'x-big': 1n }), why)).rejects.toThrow(TypeError);
        await bed.open({ schema }).load();
      });

      it('can hold every character but U+0000 and halves, which are refused by name', async () => {
        const store = bed.open({ schema: bed.schema() });
        const text = '\u0001\\u0000 \\\\u0000 𝄞 \u2028';
        const stored = await store.update(withFlag('a', { description: text }), why);
        expect(documentOf(stored).flags['a']?.description).toBe(text);
        const nul = store.update(withFlag('a', { description: 'a\\\0b' }), why);
        await expect(nul).rejects.toThrow('flags.a.description contains the character U+0000');
        await expect(store.update(withFlag('a', { description: '\ud800' }), why)).rejects.toThrow('half a character');
        await expect(store.update(withFlag('b', {}), { ...why, by: '\0' })).rejects.toThrow('`by` contains');
        const nobody = undefined as unknown as string;
        await expect(store.update(withFlag('b', {}), { ...why, reason: nobody })).rejects.toThrow('`reason`: expected');
        await expect(store.updateState(killed('\0'), why)).rejects.toThrow("`\\u0000` can't be a flag's key");
      });

      it('is pushed again in vain if it is the same, and rejects if another version was expected', async () => {
        const store = bed.open({ schema: bed.schema() });
        const first = await store.pushDocument('version: 1\nflags: { a: {} }', why);
        expect((await store.pushDocument('{"version":1,"flags":{"a":{}}}', why)).version).toBe(first.version);
        await store.pushDocument('version: 1\nflags: { b: {} }', why);
        const late = store.pushDocument('version: 1\nflags: {}', { ...why, expectedVersion: first.version });
        await expect(late).rejects.toThrow(VersionConflictError);
      });

      it('is another in another environment', async () => {
        const schema = bed.schema();
        const [staging, production] = [
          bed.open({ schema, environment: 'staging' }),
          bed.open({ schema, environment: 'production' }),
        ];
        await staging.pushDocument('version: 1\nflags: { a: {} }', why);
        await production.pushDocument('version: 1\nflags: { b: {} }', why);
        await staging.updateState(killed('a'), why);
        expect(documentOf(await production.load()).flags).toEqual({ b: {} });
        expect((await production.load()).state.kills.size).toBe(0);
        expect(await production.history()).toHaveLength(1);
      });

      it('costs a follower what has changed, not what there is', async () => {
        const schema = bed.schema();
        const proxy = await TcpProxy.start(url);
        bed.later(() => proxy.close());
        const writer = bed.open({ schema });
        const follower = bed.open({ schema }, bed.pool({ connectionString: proxy.through(url) }));
        await writer.pushDocument(JSON.stringify(manyFlags(10_000)), why);
        const before = documentOf(await follower.load());
        const whole = proxy.sent;
        await writer.update(withFlag('flag-5000', { rollout: 99 }), why);
        const after = documentOf(await follower.load());
        const one = proxy.sent - whole;
        expect(whole).toBeGreaterThan(1_000_000);
        expect(one).toBeLessThan(1_000);
        expect(after.flags['flag-5000']).toEqual({ rollout: 99 });
        const kept = Object.keys(after.flags).filter((key) => after.flags[key] === before.flags[key]);
        expect(kept).toHaveLength(9_999);
      });
    });

    describe('editors at once', () => {
      it('each change their flag, and write no other row', async () => {
        const schema = bed.schema();
        const stores = Array.from({ length: 4 }, () => bed.open({ schema }));
        await stores[0]!.pushDocument(JSON.stringify(manyFlags(40)), why);
        const rows = `SELECT key, xmin::text FROM ${schema}.flags WHERE key >= 'flag-2' AND key < 'flag-3' ORDER BY key`;
        const before = await bed.sql(rows);
        await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            stores[index % 4]!.update(withFlag(`flag-${index}`, { owner: `editor-${index}` }), why),
          ),
        );
        const { flags } = documentOf(await stores[0]!.load());
        for (let index = 0; index < 20; index += 1) expect(flags[`flag-${index}`]?.owner).toBe(`editor-${index}`);
        const untouched = ({ key }: Record<string, unknown>): boolean => key !== 'flag-2';
        expect((await bed.sql(rows)).filter(untouched)).toEqual(before.filter(untouched));
        expect(await stores[0]!.history()).toHaveLength(21);
      });

      it('are checked together: nobody can use what another took away meanwhile', async () => {
        const schema = bed.schema();
        const store = bed.open({ schema });
        await store.pushDocument('version: 1\nflags: { base: {} }', why);
        const hand = await bed.session();
        await hand.query(`BEGIN; DELETE FROM ${schema}.flags WHERE key = 'base'`);
        const late = store.update(withFlag('top', { requires: [{ flag: 'base', variant: 'on' }] }), why);
        await vi.waitFor(async () => {
          const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`;
          expect(await bed.sql(waiting)).not.toEqual([]);
        }, patience);
        await hand.query('COMMIT');
        await expect(late).rejects.toThrow(FlagDocumentError);
      });

      it('wait for no longer than `timeoutMs`, and are told who holds them up', async () => {
        const schema = bed.schema();
        await bed.open({ schema }).pushDocument('version: 1\nflags: { a: {} }', why);
        const store = bed.open({ schema, timeoutMs: 1_000 });
        const hand = await bed.session();
        await hand.query(`BEGIN; DELETE FROM ${schema}.flags`);
        await expect(store.update(withFlag('b', {}), why)).rejects.toThrow('Was a change by hand left open');
        // Readers wait for nobody.
        expect(documentOf(await store.load()).flags).toEqual({ a: {} });
      });
    });

    describe('versions', () => {
      const rollOut = (rollout: number) => withFlag('a', { rollout });

      it('come in another lineage after the environment was removed, with the kills that are known', async () => {
        const schema = bed.schema();
        const store = bed.open({ schema });
        await store.pushDocument('version: 1\nflags: { a: {} }', why);
        const { version } = await store.updateState(killed('a'), why);
        await bed.sql(`DELETE FROM ${schema}.environments`);
        await expect(store.load()).rejects.toThrow(DocumentUnreadableError);
        await expect(store.load()).rejects.toMatchObject({
          state: { ...emptyFlagState, kills: new Map([['a', expect.anything()]]) },
        });
        const next = await store.pushDocument('version: 1\nflags: { a: {} }', why);
        expect(compareVersions(next.version, version)).toBe('other-lineage');
        expect([...(await bed.open({ schema }).load()).state.kills.keys()]).toEqual(['a']);
      });

      it('begin anew when the whole schema was dropped under a running process', async () => {
        const schema = bed.schema();
        const store = bed.open({ schema });
        await store.pushDocument('version: 1\nflags: { a: {} }', why);
        await bed.sql(`DROP SCHEMA ${schema} CASCADE`);
        await expect(store.load()).rejects.toThrow('Has the schema been removed?');
        await expect(store.load()).rejects.toThrow('pushDocument');
        await store.pushDocument('version: 1\nflags: { a: {} }', why);
        expect(documentOf(await store.load()).flags).toEqual({ a: {} });
      });

      it('are never mixed after a backup was restored, and never given again', async () => {
        const schema = bed.schema();
        const [writer, follower] = [bed.open({ schema }), bed.open({ schema })];
        await writer.pushDocument('version: 1\nflags: { a: { rollout: 10 }, b: {} }', why);
        await bed.sql(backUp(schema));
        await writer.update(rollOut(20), why);
        const lost = await writer.update(withFlag('lost', {}), why);
        expect(Object.keys(documentOf(await follower.load()).flags)).toEqual(['a', 'b', 'lost']);
        await bed.sql(restore(schema));
        const next = await writer.update(withFlag('b', { rollout: 50 }), why);
        expect(next.version).not.toBe(lost.version);
        const expected = { a: { rollout: 10 }, b: { rollout: 50 } };
        expect(documentOf(next).flags).toEqual(expected);
        expect(documentOf(await follower.load()).flags).toEqual(expected);
      });

      it('are older right after a backup was restored, and what is read is the backup', async () => {
        const schema = bed.schema();
        const store = bed.open({ schema });
        await store.pushDocument('version: 1\nflags: { a: { rollout: 10 } }', why);
        await bed.sql(backUp(schema));
        const { version } = await store.update(rollOut(20), why);
        await bed.sql(restore(schema));
        const stored = await store.load();
        expect(compareVersions(stored.version, version)).toBe('older');
        expect(documentOf(stored).flags).toEqual({ a: { rollout: 10 } });
      });

      it('keep the objects of flags that have not changed', async () => {
        const schema = bed.schema();
        const [writer, follower] = [bed.open({ schema }), bed.open({ schema })];
        await writer.pushDocument('version: 1\nflags: { a: {}, b: {} }', why);
        const first = documentOf(await follower.load());
        expect(documentOf(await follower.load())).toBe(first);
        await writer.updateState(killed('a'), why);
        expect(documentOf(await follower.load())).toBe(first);
        await writer.update(rollOut(5), why);
        const second = documentOf(await follower.load());
        expect(second.flags['b']).toBe(first.flags['b']);
        expect(Object.isFrozen(second.flags['a'])).toBe(true);
      });
    });

    describe('a hand in SQL', () => {
      const push = async (text: string): Promise<string> => {
        const schema = bed.schema();
        await bed.open({ schema }).pushDocument(text, why);
        return schema;
      };

      it('kills within the time of a notification, and restores, also what no document has', async () => {
        const schema = await push('version: 1\nflags: { payments: {} }');
        const store = bed.open({ schema, pollMs: 600_000 });
        const halyard = await bed.halyard(store);
        await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
        const isOff = (key: string): boolean => halyard.details(key, true).reason === 'DISABLED';
        await bed.sql(`INSERT INTO ${schema}.kills (flag_key) VALUES ('payments'), ('unknown')`);
        await vi.waitFor(() => expect([isOff('payments'), isOff('unknown')]).toEqual([true, true]), patience);
        await bed.sql(`DELETE FROM ${schema}.kills WHERE flag_key = 'payments'`);
        await vi.waitFor(() => expect(isOff('payments')).toBe(false), patience);
        expect(isOff('unknown')).toBe(true);
      });

      it('is told and audited, as by the user of the session', async () => {
        const schema = await push('version: 1\nflags: { payments: {} }');
        const store = bed.open({ schema });
        const { version } = await store.load();
        await bed.sql(
          `INSERT INTO ${schema}.kills (flag_key, reason, until)
             VALUES ('payments', 'provider down', '2100-01-01T00:00:00.123Z')`,
        );
        const stored = await store.load();
        expect(compareVersions(stored.version, version)).toBe('newer');
        const kill = { by: 'postgres', reason: 'provider down', until: Date.parse('2100-01-01T00:00:00.123Z') };
        expect(stored.state.kills.get('payments')).toMatchObject(kill);
        const [change] = await store.history();
        expect(change).toMatchObject({ by: 'postgres', reason: 'changed by hand in SQL', version: stored.version });
        expect(change?.difference).toMatchObject([
          { path: 'state.kills.payments', after: { reason: 'provider down' } },
        ]);
      });

      it('sets a rollout, which is told, audited, and sent alone', async () => {
        const schema = await push('version: 1\nflags: { search: {}, other: {} }');
        const store = bed.open({ schema });
        const begun = startRollout('search', 'halyard', 1_750_000_000_000);
        const rollouts = new Map([
          ['search', begun],
          ['other', begun],
        ]);
        const { version } = await store.updateState((state) => ({ ...state, rollouts }), why);
        await bed.sql(
          `UPDATE ${schema}.rollouts SET progress = '{ "status": "completed", "seed": "search", "by": "ana",
             "at": "2027-01-10T09:00:00Z" }' WHERE flag_key = 'search'`,
        );
        const stored = await store.load();
        expect(compareVersions(stored.version, version)).toBe('newer');
        const completed = { status: 'completed', seed: 'search', by: 'ana', at: Date.UTC(2027, 0, 10, 9) };
        expect([...stored.state.rollouts]).toEqual([
          ['search', completed],
          ['other', begun],
        ]);
        const [change] = await store.history();
        expect(change).toMatchObject({ by: 'postgres', reason: 'changed by hand in SQL', version: stored.version });
        expect(change?.difference).toMatchObject([
          { path: 'state.rollouts.search', before: { status: 'running' }, after: { status: 'completed' } },
        ]);
        await bed.sql(`DELETE FROM ${schema}.rollouts WHERE flag_key = 'search'`);
        await bed.sql(`UPDATE ${schema}.rollouts SET progress = '{}'`);
        expect((await store.load()).state).toEqual(emptyFlagState);
        expect((await bed.open({ schema }).load()).state).toEqual(emptyFlagState);
        for (const progress of ['[]', 'null', '"running"']) {
          await expect(bed.sql(`UPDATE ${schema}.rollouts SET progress = '${progress}'`)).rejects.toThrow('violates');
        }
      });

      it('may say times that never come, or always were', async () => {
        const schema = await push('version: 1\nflags: { a: {} }');
        await bed.sql(
          `INSERT INTO ${schema}.kills (flag_key, at, until)
             VALUES ('a', '-infinity', 'infinity'), ('b', 'infinity', '-infinity'), ('c', '0044-03-15 BC', '200000-01-01')`,
        );
        const { kills } = (await bed.open({ schema }).load()).state;
        expect(kills.get('a')).toEqual({ at: 0, by: 'postgres', reason: '' });
        expect(kills.get('b')).toMatchObject({ at: 0, until: 0 });
        expect(kills.get('c')?.until).toBeGreaterThan(Date.parse('2100-01-01'));
        const halyard = await bed.halyard(bed.open({ schema }));
        expect(halyard.details('a', true).reason).toBe('DISABLED');
        await bed.open({ schema }).updateState((state) => state, why);
      });

      it('is stopped where it would kill nothing', async () => {
        const schema = await push('version: 1\nflags: { a: {} }');
        const kill = (columns: string, values: string): Promise<unknown> =>
          bed.sql(`INSERT INTO ${schema}.kills (${columns}) VALUES (${values})`);
        await expect(kill('environment, flag_key', "'prodution', 'a'")).rejects.toThrow('environment');
        await expect(kill('flag_key', "'a b'")).rejects.toThrow('flag_key');
        await expect(bed.sql(`TRUNCATE ${schema}.kills`)).rejects.toThrow('write DELETE FROM');
      });

      it('changes flags, which is told, audited, and sent alone', async () => {
        const schema = await push('version: 1\nflags: { a: { rollout: 10 }, b: {}, c: {} }');
        const store = bed.open({ schema });
        const before = documentOf(await store.load());
        await bed.sql(
          `UPDATE ${schema}.flags SET definition = '{"rollout": 20}' WHERE key = 'a';
           DELETE FROM ${schema}.flags WHERE key = 'b';
           INSERT INTO ${schema}.flags (environment, key, definition) VALUES ('default', 'z', '{}'), ('default', 'y', '{}')`,
        );
        const after = documentOf(await store.load());
        expect(JSON.stringify(after.flags)).toBe('{"a":{"rollout":20},"c":{},"y":{},"z":{}}');
        expect(after.flags['c']).toBe(before.flags['c']);
        expect(documentOf(await bed.open({ schema }).load())).toEqual(after);
        const changes = await store.history();
        expect(changes.map(({ difference }) => difference)).toEqual([
          [
            { path: 'flags.y', after: {} },
            { path: 'flags.z', after: {} },
          ],
          [{ path: 'flags.b', before: {} }],
          [{ path: 'flags.a', before: { rollout: 10 }, after: { rollout: 20 } }],
          expect.anything(),
        ]);
        await store.update(withFlag('last', {}), why);
        expect(Object.keys(documentOf(await store.load()).flags)).toEqual(['a', 'c', 'y', 'z', 'last']);
      });

      it('breaks one flag, and no reader', async () => {
        const schema = await push('version: 1\nflags: { a: { serve: off }, b: { serve: off } }');
        const store = bed.open({ schema, pollMs: 50 });
        const halyard = await bed.halyard(store);
        for (const wrong of ['5', 'null', '"x"', '[]', '{"rolout":5}', '{"__proto__":{"serve":"on"}}']) {
          await bed.sql(
            `UPDATE ${schema}.flags SET definition = '${wrong}' WHERE key = 'a';
             UPDATE ${schema}.flags SET definition = '{"serve":"on"}' WHERE key = 'b'`,
          );
          await vi.waitFor(() => expect(halyard.boolean('b', false)).toBe(true), patience);
          expect(halyard.boolean('a', true)).toBe(false);
          await bed.sql(`UPDATE ${schema}.flags SET definition = '{"serve":"off"}' WHERE key = 'b'`);
          await vi.waitFor(() => expect(halyard.boolean('b', true)).toBe(false), patience);
        }
        // Kills work all the same.
        await halyard.kill('b', why);
        await expect(store.update(withFlag('c', {}), why)).rejects.toThrow(FlagDocumentError);
        await expect(bed.sql(`UPDATE ${schema}.flags SET definition = '{'`)).rejects.toThrow('json');
      });

      it('may make the document too large or too deep to be read, and kills work all the same', async () => {
        const schema = await push('version: 1\nflags: { a: {}, b: {} }');
        const store = bed.open({ schema, maxBytes: 1_000 });
        const write = (definition: string) =>
          bed.sql(`UPDATE ${schema}.flags SET definition = ${definition} WHERE key = 'a'`);
        await write(`to_json(repeat('x', 2000))`);
        await expect(store.load()).rejects.toThrow('allowed are 1000 (maxBytes)');
        await store.updateState(killed('b'), why);
        await expect(store.load()).rejects.toMatchObject({
          state: { ...emptyFlagState, kills: new Map([['b', expect.anything()]]) },
        });
        await write(`(repeat('[', 2000) || repeat(']', 2000))::json`);
        const halyard = await bed.halyard(bed.open({ schema }), { startWithout: true });
        expect(halyard.details('b', true).reason).toBe('DISABLED');
      });

      it('may space JSON as it likes: the same pushed again changes nothing', async () => {
        const text = 'version: 1\nflags: { a: { rollout: 5 } }';
        const schema = await push(text);
        const store = bed.open({ schema });
        await bed.sql(`UPDATE ${schema}.flags SET definition = '{ "rollout" :  5.0 }'`);
        const { version } = await store.load();
        expect((await store.pushDocument(text, why)).version).toBe(version);
      });

      it('removes the document, and brings it back', async () => {
        const schema = await push('version: 1\nx-own: 1\nflags: { a: {} }');
        const store = bed.open({ schema });
        await store.load();
        const [row] = await bed.sql(`DELETE FROM ${schema}.documents RETURNING head::text`);
        await expect(store.load()).rejects.toThrow('there is no document');
        await bed.sql(`INSERT INTO ${schema}.documents VALUES ('default', '${String(row?.['head'])}')`);
        expect(documentOf(await store.load())).toEqual({ version: 1, 'x-own': 1, flags: { a: {} } });
      });
    });

    describe('the schema', () => {
      it('is made once by twenty that start at once', async () => {
        const schema = bed.schema();
        const stores = Array.from({ length: 20 }, () => bed.open({ schema }, bed.pool({ max: 1 })));
        const pushed = await Promise.all(
          stores.map((store) => store.pushDocument('version: 1\nflags: { a: {} }', why)),
        );
        expect(new Set(pushed.map(({ version }) => version)).size).toBe(1);
        expect(await bed.sql(`SELECT version FROM ${schema}.migrations`)).toEqual([
          { version: 1 },
          { version: 2 },
          { version: 3 },
          { version: 4 },
          { version: 5 },
        ]);
      });

      /** What a Halyard to come does to a schema: it adds a column, and says what it needs. */
      const migrateFurther = (schema: string, needs: string): string => `
        ALTER TABLE ${schema}.flags ADD COLUMN note text NOT NULL DEFAULT '';
        ALTER TABLE ${schema}.kills ADD COLUMN ticket text;
        ALTER TABLE ${schema}.environments ADD COLUMN region text;
        ALTER TABLE ${schema}.audit ADD COLUMN witness text;
        ${needs}
        INSERT INTO ${schema}.migrations (version) VALUES (6);`;

      const needsVersion6 = (schema: string): string =>
        `ALTER TABLE ${schema}.migrations ALTER COLUMN needs_version SET DEFAULT 6;`;

      it.each([{ migrate: true }, { migrate: false }])(
        'of a newer Halyard that has only added to it is read and written ($migrate)',
        async ({ migrate }) => {
          const schema = bed.schema();
          await bed.open({ schema }).pushDocument('version: 1\nflags: { a: { rollout: 5 } }', why);
          await bed.sql(migrateFurther(schema, ''));
          const store = bed.open({ schema, migrate });
          const halyard = await bed.halyard(store);
          expect(halyard.boolean('a', true, { targetingKey: 'user-1' })).toBe(false);
          await halyard.kill('a', why);
          await bed.sql(`DELETE FROM ${schema}.kills`);
          await store.update(withFlag('b', {}), why);
          expect(documentOf(await bed.open({ schema, migrate }).load()).flags).toEqual({ a: { rollout: 5 }, b: {} });
          expect((await store.history()).map(({ by }) => by)).toEqual(['ana', 'postgres', 'ana', 'ana']);
          expect((await store.verifyAudit()).isIntact).toBe(true);
          expect(await bed.sql(`SELECT max(version) AS version FROM ${schema}.migrations`)).toEqual([{ version: 6 }]);
        },
      );

      it('of a newer Halyard is refused if it needs one', async () => {
        const schema = bed.schema();
        await bed.open({ schema }).pushDocument('version: 1\nflags: {}', why);
        await bed.sql(migrateFurther(schema, needsVersion6(schema)));
        await expect(bed.open({ schema }).load()).rejects.toThrow(
          `the schema "${schema}" is at version 6, made by a newer Halyard, and needs one that knows version 6 or later; ` +
            'this one knows versions up to 5. Install the newer Halyard here too, or restore a backup from before it.',
        );
        // What only adds to it later changes nothing about that.
        await bed.sql(`INSERT INTO ${schema}.migrations (version) VALUES (7)`);
        await expect(bed.open({ schema, migrate: false }).load()).rejects.toThrow(
          'is at version 7, made by a newer Halyard, and needs one that knows version 6 or later',
        );
      });

      it('of a newer Halyard can be followed with the rights of a reader', async () => {
        const { schema, reader } = await withReader();
        await bed.sql(migrateFurther(schema, ''));
        expect(documentOf(await reader().load()).flags).toEqual({ a: {} });
        await bed.sql(`UPDATE ${schema}.migrations SET needs_version = 6 WHERE version = 6`);
        await expect(reader().load()).rejects.toThrow('needs one that knows version 6 or later');
      });

      it.each([
        { needs: 'nothing new', then: { resolves: true } },
        { needs: 'a newer one', then: { resolves: false } },
      ])('that a newer Halyard makes at the same moment is looked at again: it needs $needs', async ({ then }) => {
        const schema = bed.schema();
        const newer = await bed.session();
        await newer.query(
          `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('halyard migrations of ${schema}', 0))`,
        );
        const pushing = bed.open({ schema }).pushDocument('version: 1\nflags: { a: {} }', why);
        const outcome = pushing.then(
          () => '',
          (error: unknown) => String(error),
        );
        await vi.waitFor(async () => {
          const waiting = `SELECT FROM pg_stat_activity WHERE wait_event = 'advisory' AND query LIKE '%${schema}%'`;
          expect(await bed.sql(waiting)).not.toEqual([]);
        }, patience);
        await newer.query(postgresMigrations(schema));
        await newer.query(migrateFurther(schema, then.resolves ? '' : needsVersion6(schema)));
        await newer.query('COMMIT');
        expect(await outcome).toMatch(then.resolves ? /^$/ : 'needs one that knows version 6 or later');
      });

      it('of version 4 is brought up to date, and is followed where it can not be at the moment', async () => {
        const schema = bed.schema();
        await bed.sql(schemaOfVersion(4, schema));
        const other = await bed.session();
        await other.query(`BEGIN; LOCK TABLE ${schema}.migrations IN ACCESS SHARE MODE`);
        await bed.open({ schema }).pushDocument('version: 1\nflags: { a: {} }', why);
        const versions = `SELECT max(version) AS version FROM ${schema}.migrations`;
        expect(await bed.sql(versions)).toEqual([{ version: 4 }]);
        await other.query('COMMIT');
        expect(documentOf(await bed.open({ schema }).load()).flags).toEqual({ a: {} });
        expect(await bed.sql(versions)).toEqual([{ version: 5 }]);
      });

      it('can be made by hand, and is asked for with `migrate: false`', async () => {
        const schema = bed.schema();
        const store = bed.open({ schema, migrate: false });
        await expect(store.load()).rejects.toThrow(`Run the SQL that \`postgresMigrations('${schema}')\` gives`);
        await bed.sql(postgresMigrations(schema));
        await bed.sql(postgresMigrations(schema));
        await store.pushDocument('version: 1\nflags: { a: {} }', why);
        expect(documentOf(await store.load()).flags).toEqual({ a: {} });
      });

      it.each([{ migrate: false }, { migrate: true }])(
        'serves flags from a schema without usage where it can not be made ($migrate)',
        async ({ migrate }) => {
          const { schema, reader } = await withReader(3);
          const store = reader({ migrate });
          const halyard = await bed.halyard(store);
          expect(halyard.boolean('a', false)).toBe(true);
          await expect(store.fleet.noteUsage?.(new Map([['a', 1]]))).rejects.toThrow('keeps no list');
          expect(await halyard.lifecycle()).toMatchObject([{ key: 'a' }]);
          expect(documentOf(await store.load()).flags).toEqual({ a: {} });
          expect((await store.verifyAudit()).isIntact).toBe(true);
          expect(await bed.sql(`SELECT max(version) AS version FROM ${schema}.migrations`)).toEqual([{ version: 3 }]);
        },
      );

      /** A schema of some version with a flag, and a role that may only select from it. */
      async function withReader(version = 5) {
        const schema = bed.schema();
        await bed.sql(schemaOfVersion(version, schema));
        await bed.open({ schema, migrate: false }).pushDocument('version: 1\nflags: { a: {} }', why);
        const role = `${schema}_reader`;
        await bed.sql(`CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA ${schema} TO ${role};
          GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
        bed.later(() => bed.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
        const own = new URL(bed.url);
        own.username = role;
        const reader = (options: PostgresStoreOptions = {}) =>
          bed.open({ schema, ...options }, bed.pool({ connectionString: own.href }));
        return { schema, reader };
      }

      it('of an earlier version is brought up to date, with what it holds', async () => {
        const schema = bed.schema();
        await bed.sql(schemaOfVersion(1, schema));
        await bed.sql(
          `INSERT INTO ${schema}.environments (name, lineage, counter) VALUES ('default', 'postgres-0a1b2c3d', 7);
           INSERT INTO ${schema}.documents VALUES ('default', '{"version":1}');
           INSERT INTO ${schema}.flags VALUES ('default', 'a', 1, '{}');
           INSERT INTO ${schema}.kills (flag_key) VALUES ('a')`,
        );
        const store = bed.open({ schema });
        const { state } = await store.load();
        expect([...state.kills.keys()]).toEqual(['a']);
        const rollouts = new Map([['a', startRollout('a', 'halyard', 0)]]);
        await store.updateState((before) => ({ ...before, rollouts }), why);
        expect((await bed.open({ schema }).load()).state).toEqual({ ...state, rollouts });
        expect((await store.verifyAudit()).isIntact).toBe(true);
      });

      it('is told apart from others, whatever the name is', async () => {
        const schema = `${bed.schema()}_user`;
        bed.later(() => bed.sql(`DROP SCHEMA "${schema}" CASCADE`));
        const store = bed.open({ schema });
        await store.pushDocument('version: 1\nflags: { a: {} }', why);
        expect(documentOf(await store.load()).flags).toEqual({ a: {} });
      });
    });

    describe('with PGlite', () => {
      it('serves Halyard, tells by itself, and leaves the database open', async () => {
        const pglite = await PGlite.create();
        bed.later(() => pglite.close());
        const store = postgresStore(pglite, { pollMs: 600_000 });
        await store.pushDocument('version: 1\nflags: { payments: { kind: operational } }', why);
        const halyard = await bed.halyard(store);
        await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
        await pglite.query("INSERT INTO halyard.kills (flag_key, reason) VALUES ('payments', 'provider down')");
        await vi.waitFor(() => expect(halyard.boolean('payments', true)).toBe(false), patience);
        await halyard.close();
        expect((await pglite.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      });
    });
  });
});

/** Copies of all tables, as a backup has them. */
const tables = ['environments', 'documents', 'flags', 'segments', 'kills', 'changed', 'audit'] as const;

const backUp = (schema: string): string =>
  tables.map((table) => `CREATE TABLE ${schema}.backup_${table} AS TABLE ${schema}.${table};`).join('\n');

/** As `pg_restore` does: no trigger sees it. */
const restore = (schema: string): string => `
  BEGIN;
  SET LOCAL session_replication_role = replica;
  ${tables
    .toReversed()
    .map((table) => `DELETE FROM ${schema}.${table};`)
    .join('\n')}
  ${tables.map((table) => `INSERT INTO ${schema}.${table} SELECT * FROM ${schema}.backup_${table};`).join('\n')}
  COMMIT;`;

const killed =
  (key: string) =>
  ({ kills, ...state }: FlagState): FlagState => ({
    ...state,
    kills: new Map([...kills, [key, { at: 1_750_000_000_000, by: 'ana', reason: 'down' }]]),
  });

/** What a Halyard made that knew no later version of the schema. */
function schemaOfVersion(version: number, schema: string): string {
  const later = `IF NOT EXISTS \\(SELECT FROM \\S+ WHERE version >= ${version + 1}\\)[^]*(?=END\n\\$halyard\\$)`;
  return postgresMigrations(schema).replace(new RegExp(later), '');
}
