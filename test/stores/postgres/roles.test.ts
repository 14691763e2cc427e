import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { startRollout } from '../../../src/flags/rollout-progress.js';
import type { Trip } from '../../../src/flags/trip.js';
import type { PostgresStoreOptions } from '../../../src/stores/postgres/postgres-store.js';
import { documentOf, patience, Testbed, why, withFlag } from './testbed.js';
import { withPostgres } from './with-postgres.js';

const trip: Trip = { trippedBy: 'a:1', evidence: { cause: 'probe', requests: 1, failures: 1, slow: 0 } };

const docs = readFileSync(new URL('../../../docs/postgres.md', import.meta.url), 'utf8');
const grants = /## Roles[^]*?```sql\n([^]*?)```/.exec(docs)?.[1] ?? '';

await withPostgres((url) => {
  const bed = new Testbed(url);

  describe('the roles of docs/postgres.md', { timeout: 60_000 }, () => {
    /** A schema with a document, and what each role may do with it. */
    const prepare = async () => {
      const schema = bed.schema();
      const owner = bed.open({ schema });
      await owner.pushDocument('version: 1\nflags: { a: {}, b: {} }', why);
      const roles = ['reader', 'writer', 'operator'].map((role) => `${schema}_${role}`);
      bed.later(async () => {
        for (const role of roles) await bed.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      });
      for (const role of roles) await bed.sql(`CREATE ROLE ${role} LOGIN`);
      await bed.sql(grants.replaceAll('halyard', schema).replaceAll('flags_', `${schema}_`));
      const urlOf = (role: string): string => {
        const own = new URL(url);
        own.username = `${schema}_${role}`;
        return own.href;
      };
      const open = (role: string, options: PostgresStoreOptions = {}) =>
        bed.open({ schema, ...options }, bed.pool({ connectionString: urlOf(role) }));
      return { schema, owner, open, sqlAs: (role: string, text: string) => bed.sql(text, urlOf(role)) };
    };

    it('let a reader follow and report, and nothing else', async () => {
      const { schema, owner, open, sqlAs } = await prepare();
      const store = open('reader', { pollMs: 600_000, auditKey: 'k'.repeat(32) });
      const halyard = await bed.halyard(store);
      await vi.waitFor(() => expect(store.isListening).toBe(true), patience);
      await owner.update(withFlag('a', { serve: 'off' }), why);
      await vi.waitFor(() => expect(halyard.boolean('a', true)).toBe(false), patience);
      const rollouts = new Map([['a', startRollout('a', 'halyard', 0)]]);
      await owner.updateState((state) => ({ ...state, rollouts }), why);
      expect((await store.load()).state.rollouts).toEqual(rollouts);
      await bed.sql(`INSERT INTO ${schema}.kills (flag_key) VALUES ('b')`);
      await vi.waitFor(() => expect(halyard.boolean('b', true)).toBe(false), patience);
      await store.fleet.report({ id: 'x', host: 'h', pid: 1, startedAt: 0, version: undefined }, 60_000);
      expect((await store.fleet.list()).map(({ id }) => id)).toContain('x');
      await store.fleet.noteUsage?.(new Map([['a', 1_750_000_000_000]]));
      expect(await store.fleet.usage?.()).toEqual(new Map());
      await store.fleet.noteUsage?.(new Map([['a', Date.now()]]));
      expect((await store.fleet.usage?.())?.has('a')).toBe(true);
      await expect(store.update(withFlag('c', {}), why)).rejects.toThrow('The role of this pool lacks a right');
      await expect(halyard.kill('a', why)).rejects.toThrow('could not be told');
      await expect(store.history()).rejects.toThrow('lacks a right');
      await expect(store.leases!.take('rollouts', 'x', 60_000)).rejects.toThrow('lacks a right');
      for (const table of ['kills', 'rollouts', 'trips']) {
        await expect(sqlAs('reader', `DELETE FROM ${schema}.${table}`)).rejects.toThrow('permission denied');
      }
    });

    it('let a writer change flags and kills, and seal, but neither alter the audit trail nor make tables', async () => {
      const { schema, open, sqlAs } = await prepare();
      const store = open('writer', { auditKey: 'k'.repeat(32) });
      await store.update(withFlag('c', { rollout: 5 }), why);
      await store.update(({ flags: { a: _, ...flags }, ...rest }) => ({ ...rest, flags }), {
        ...why,
        state: () => ({
          kills: new Map([['b', { at: 0, by: 'ana', reason: 'down' }]]),
          rollouts: new Map([['c', startRollout('c', 'ana', 0)]]),
          trips: new Map([['c', trip]]),
        }),
      });
      await store.pushDocument('version: 1\nsegments: {}\nflags: { z: {} }', why);
      expect(documentOf(await store.load()).flags).toEqual({ z: {} });
      expect((await store.history()).length).toBe(4);
      expect(await store.verifyAudit()).toMatchObject({ isIntact: true, sealedUpTo: 4 });
      await store.updateState((state) => ({ ...state, rollouts: new Map(), trips: new Map() }), why);
      const lease = (await store.leases!.take('rollouts', 'x', 60_000))!;
      await store.update(withFlag('z', { rollout: 5 }), { ...why, lease });
      await store.leases!.release(lease);
      const staging = open('writer', { environment: 'staging' });
      await staging.pushDocument('version: 1\nflags: {}', why);
      for (const sql of [
        `UPDATE ${schema}.audit SET content = ''`,
        `DELETE FROM ${schema}.audit`,
        `INSERT INTO ${schema}.audit SELECT * FROM ${schema}.audit`,
        `ALTER TABLE ${schema}.audit DISABLE TRIGGER ALL`,
        `CREATE TABLE ${schema}.mine ()`,
        `DELETE FROM ${schema}.environments`,
        `DELETE FROM ${schema}.leases`,
        `UPDATE ${schema}.environments SET is_changing = true`,
        `SELECT ${schema}.append_audit('default', 'x', 'y', '[]')`,
        `SELECT ${schema}.begin_change('default', NULL); DELETE FROM ${schema}.flags`,
      ]) {
        await expect(sqlAs('writer', sql)).rejects.toThrow(/permission denied|must be owner|needs a/);
      }
    });

    it('let an operator kill by hand, audited as by that role, and nothing else', async () => {
      const { schema, owner, sqlAs } = await prepare();
      await sqlAs('operator', `INSERT INTO ${schema}.kills (flag_key, by) VALUES ('a', 'somebody else')`);
      await sqlAs('operator', `UPDATE ${schema}.kills SET reason = 'x'`);
      await sqlAs('operator', `DELETE FROM ${schema}.kills`);
      expect((await owner.history()).map(({ by }) => by)).toEqual([...Array(3).fill(`${schema}_operator`), 'ana']);
      expect((await owner.verifyAudit()).isIntact).toBe(true);
      for (const sql of [
        `UPDATE ${schema}.flags SET definition = '{}'`,
        `SELECT FROM ${schema}.flags`,
        `SELECT FROM ${schema}.audit`,
        `SELECT FROM ${schema}.rollouts`,
        `SELECT FROM ${schema}.trips`,
        `SELECT FROM ${schema}.leases`,
        `UPDATE ${schema}.environments SET is_changing = true`,
        `SELECT ${schema}.append_audit('default', 'x', 'y', '[]')`,
        `CREATE TEMP TABLE flags (environment text, key text, definition json);
         CREATE TRIGGER t AFTER DELETE ON flags REFERENCING OLD TABLE AS old_rows
           FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.record_change()`,
      ]) {
        await expect(sqlAs('operator', sql)).rejects.toThrow('permission denied');
      }
    });
  });
});
