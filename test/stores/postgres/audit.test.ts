import { describe, expect, it } from 'vitest';
import type { AuditHead, PostgresStore, PostgresStoreOptions } from '../../../src/stores/postgres/postgres-store.js';
import { Testbed, why, withFlag } from './testbed.js';
import { withPostgres } from './with-postgres.js';

await withPostgres((url) => {
  const bed = new Testbed(url);

  /** A store with ten entries in its audit trail: flags `flag-1` to `flag-10` came. */
  const openWithTen = async (options: PostgresStoreOptions = {}): Promise<{ store: PostgresStore; schema: string }> => {
    const schema = bed.schema();
    const store = bed.open({ schema, ...options });
    for (let index = 1; index <= 10; index += 1) await store.update(withFlag(`flag-${index}`, {}), why);
    return { store, schema };
  };

  /** Past the trigger, as the owner of the table can. */
  const forge = (schema: string, sql: string): Promise<unknown> =>
    bed.sql(`SET search_path = ${schema}; ALTER TABLE audit DISABLE TRIGGER USER; ${sql}`);

  describe('the audit trail of postgresStore', { timeout: 60_000 }, () => {
    it('can only be appended to, whoever asks', async () => {
      const { schema } = await openWithTen();
      const refused = 'the audit trail can only be appended to';
      await expect(bed.sql(`UPDATE ${schema}.audit SET content = ''`)).rejects.toThrow(refused);
      await expect(bed.sql(`DELETE FROM ${schema}.audit`)).rejects.toThrow(refused);
      await expect(bed.sql(`TRUNCATE ${schema}.audit`)).rejects.toThrow(refused);
    });

    it('is found intact, and tells its head', async () => {
      const { store } = await openWithTen();
      const report = await store.verifyAudit();
      expect(report).toEqual({ isIntact: true, fault: undefined, head: expect.anything(), sealedUpTo: 0 });
      expect(report.head?.sequence).toBe(10);
      expect(await store.verifyAudit({ head: report.head })).toEqual(report);
    });

    it('is found intact while it is empty, and over several pages', async () => {
      const schema = bed.schema();
      const store = bed.open({ schema });
      expect((await store.verifyAudit()).head).toBeUndefined();
      await store.update(withFlag('a', {}), why);
      await bed.sql(
        `DO $$ BEGIN FOR i IN 1..1200 LOOP UPDATE ${schema}.flags SET definition = json_build_object('rollout', i % 100); END LOOP; END $$`,
      );
      expect(await store.verifyAudit()).toMatchObject({ isIntact: true, head: { sequence: 1_201 } });
    });

    it.each([
      ['altered', 4, "UPDATE audit SET content = replace(content, 'ana', 'bob') WHERE sequence = 4"],
      ['altered', 4, "UPDATE audit SET digest = repeat('0', 64) WHERE sequence = 4"],
      ['altered', 4, "UPDATE audit SET source = 'sql' WHERE sequence = 4"],
      ['altered', 4, 'UPDATE audit SET counter = counter + 1 WHERE sequence = 4'],
      ['altered', 4, "UPDATE audit SET content = '{' WHERE sequence = 4"],
      ['missing', 4, 'DELETE FROM audit WHERE sequence = 4'],
      ['missing', 1, 'DELETE FROM audit WHERE sequence < 4'],
      ['missing', 10, 'DELETE FROM audit WHERE sequence = 10'],
      ['missing', 1, 'DELETE FROM audit'],
      [
        'altered',
        4,
        `UPDATE audit SET sequence = -4 WHERE sequence = 4; UPDATE audit SET sequence = 4 WHERE sequence = 5;
         UPDATE audit SET sequence = 5 WHERE sequence = -4`,
      ],
      [
        'altered',
        4,
        `UPDATE audit a SET content = b.content, digest = b.digest FROM audit b
           WHERE a.sequence IN (4, 5) AND b.sequence = 9 - a.sequence`,
      ],
    ])('names the first entry that is %s: %i, after %s', async (problem, sequence, sql) => {
      const { store, schema } = await openWithTen();
      await forge(schema, sql);
      const report = await store.verifyAudit();
      expect(report).toMatchObject({ isIntact: false, fault: { problem, sequence } });
      expect(report.fault?.message).toMatch(`Entry ${sequence} of the audit trail`);
      expect(report.head?.sequence).toBe(sequence === 1 ? undefined : sequence - 1);
    });

    it.each([
      ['Halyard', (store: PostgresStore) => store.update(withFlag('flag-11', {}), why)],
      ['a hand', (_: PostgresStore, schema: string) => bed.sql(`DELETE FROM ${schema}.flags WHERE key = 'flag-1'`)],
    ])('without its end is noticed, also once %s has gone on with it', async (_by, goOn) => {
      const { store, schema } = await openWithTen();
      await forge(schema, 'DELETE FROM audit WHERE sequence > 8');
      expect((await store.verifyAudit()).fault?.message).toBe(
        'Entry 9 of the audit trail is missing: the trail once went on to entry 10, says the table "environments".',
      );
      await goOn(store, schema);
      await goOn(store, schema);
      await store.update(withFlag('flag-12', {}), why);
      expect(await store.verifyAudit()).toMatchObject({
        isIntact: false,
        fault: { problem: 'missing', sequence: 9, message: expect.stringContaining('entry 11 comes next') },
      });
    });

    it('without its end is noticed by an anchor, even if the environment was set back with it', async () => {
      const { store, schema } = await openWithTen();
      const { head } = await store.verifyAudit();
      await forge(schema, `DELETE FROM audit WHERE sequence > 8; ${setBack}`);
      expect((await store.verifyAudit()).isIntact).toBe(true);
      expect(await store.verifyAudit({ head })).toMatchObject({
        isIntact: false,
        fault: {
          problem: 'missing',
          sequence: 9,
          message: expect.stringContaining('the trail once went on to entry 10, says the head that was passed'),
        },
      });
    });

    it('of a schema of version 4 knows its end from the moment on when it is brought up to date', async () => {
      const { store, schema } = await openWithTen();
      await bed.sql(`
        ALTER TABLE ${schema}.migrations DROP COLUMN needs_version;
        ALTER TABLE ${schema}.environments DROP COLUMN audit_sequence, DROP COLUMN audit_digest;
        DELETE FROM ${schema}.migrations WHERE version = 5`);
      expect(await bed.open({ schema, migrate: false }).verifyAudit()).toMatchObject({ isIntact: true });
      expect(await bed.open({ schema }).verifyAudit()).toMatchObject({ isIntact: true, head: { sequence: 10 } });
      await forge(schema, 'DELETE FROM audit WHERE sequence = 10');
      await store.update(withFlag('flag-11', {}), why);
      expect(await store.verifyAudit()).toMatchObject({ fault: { problem: 'missing', sequence: 10 } });
    });

    it('of which the environment knows an earlier entry only goes on from its own end', async () => {
      const { store, schema } = await openWithTen();
      await forge(
        schema,
        `UPDATE environments SET audit_sequence = 3, audit_digest = (SELECT digest FROM audit WHERE sequence = 3)`,
      );
      await store.update(withFlag('flag-11', {}), why);
      expect(await store.verifyAudit()).toMatchObject({ isIntact: true, head: { sequence: 11 } });
    });

    it.each([null, {}, { sequence: '3', digest: '0'.repeat(64) }, { sequence: 3, digest: 'x' }, 'head'])(
      'is not taken for right by an anchor that can not be one: %j',
      async (head) => {
        const store = bed.open({ schema: bed.schema() });
        await expect(store.verifyAudit({ head: head as never })).rejects.toThrow(
          'verifyAudit: option `head`: expected { sequence, digest } as an earlier verifyAudit() or onAuditHead gave it',
        );
        const anchor = { sequence: 3, digest: '0'.repeat(64) };
        await expect(store.verifyAudit(anchor as never)).rejects.toThrow('verifyAudit: unknown option `sequence`');
      },
    );

    it('written again from the start is noticed, also once somebody has gone on with it', async () => {
      const { store, schema } = await openWithTen();
      await forge(schema, rewrite('ana', 'bob'));
      const fault = { problem: 'not the anchored one', sequence: 10 };
      expect(await store.verifyAudit()).toMatchObject({ isIntact: false, fault });
      await store.update(withFlag('flag-11', {}), why);
      expect(await store.verifyAudit()).toMatchObject({ isIntact: false, fault: { problem: 'altered', sequence: 11 } });
    });

    it('written again from the start is noticed by an anchor, even if the environment is given its end', async () => {
      const { store, schema } = await openWithTen();
      const { head } = await store.verifyAudit();
      await forge(schema, `${rewrite('ana', 'bob')}; ${setBack}`);
      expect((await store.verifyAudit()).isIntact).toBe(true);
      const fault = { problem: 'not the anchored one', sequence: 10 };
      expect(await store.verifyAudit({ head })).toMatchObject({ isIntact: false, fault });
    });

    it('tells its head with every change, also by hand and by others', async () => {
      const heads: AuditHead[] = [];
      const { store, schema } = await openWithTen({
        onAuditHead: (head) => {
          heads.push(head);
          throw new Error('a broken callback');
        },
      });
      expect(heads.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      await bed.sql(`INSERT INTO ${schema}.kills (flag_key) VALUES ('flag-1')`);
      await store.load();
      await store.load();
      expect(heads.slice(10)).toEqual([(await store.verifyAudit()).head]);
    });

    describe('with a key', () => {
      const [key, older] = ['k'.repeat(32), 'o'.repeat(32)];

      it('is sealed entry by entry, and what a hand did by the next that reads it', async () => {
        const { store, schema } = await openWithTen({ auditKey: key });
        expect(await store.verifyAudit()).toMatchObject({ isIntact: true, sealedUpTo: 10 });
        await bed.sql(`INSERT INTO ${schema}.kills (flag_key) VALUES ('flag-1')`);
        expect(await store.verifyAudit()).toMatchObject({ isIntact: true, sealedUpTo: 10, head: { sequence: 11 } });
        await store.load();
        expect(await store.verifyAudit()).toMatchObject({ isIntact: true, sealedUpTo: 11 });
      });

      it('shows what was written again without it', async () => {
        const { store, schema } = await openWithTen({ auditKey: key });
        await forge(schema, `${rewrite('ana', 'bob')}; ${setBack}`);
        expect(await store.verifyAudit()).toMatchObject({
          isIntact: false,
          fault: { problem: 'wrong seal', sequence: 1 },
        });
        // Without the key it can't be seen.
        expect((await bed.open({ schema }).verifyAudit()).isIntact).toBe(true);
        await forge(schema, 'UPDATE audit SET seal = NULL WHERE sequence > 3');
        expect(await store.verifyAudit()).toMatchObject({ fault: { problem: 'wrong seal', sequence: 1 } });
        await forge(schema, 'UPDATE audit SET seal = NULL');
        expect(await store.verifyAudit()).toMatchObject({ fault: { problem: 'no seal', sequence: 1 } });
      });

      it('can be rotated', async () => {
        const { store, schema } = await openWithTen({ auditKey: older });
        await store.close();
        const rotated = bed.open({ schema, auditKey: [key, older] });
        await rotated.update(withFlag('flag-11', {}), why);
        expect(await rotated.verifyAudit()).toMatchObject({ isIntact: true, sealedUpTo: 11 });
        expect(await bed.open({ schema, auditKey: key }).verifyAudit()).toMatchObject({
          isIntact: false,
          fault: { problem: 'unknown key', sequence: 1 },
        });
        expect(await bed.open({ schema, auditKey: older }).verifyAudit()).toMatchObject({
          isIntact: false,
          fault: { problem: 'unknown key', sequence: 11 },
        });
      });

      it('can come later: what was there before is sealed with the first change', async () => {
        const { schema } = await openWithTen();
        const store = bed.open({ schema, auditKey: key });
        expect(await store.verifyAudit()).toMatchObject({
          isIntact: false,
          fault: { problem: 'no seal', sequence: 1 },
        });
        await store.update(withFlag('flag-11', {}), why);
        expect(await store.verifyAudit()).toMatchObject({ isIntact: true, sealedUpTo: 11 });
      });

      it('keeps a seal once it is there', async () => {
        const { schema } = await openWithTen({ auditKey: key });
        await expect(bed.sql(`UPDATE ${schema}.audit SET seal = 'x' WHERE sequence = 3`)).rejects.toThrow('refused');
      });
    });

    it('belongs to each environment alone', async () => {
      const schema = bed.schema();
      const [staging, production] = ['staging', 'production'].map((environment) => bed.open({ schema, environment }));
      await staging!.update(withFlag('a', {}), why);
      await production!.update(withFlag('a', {}), why);
      await bed.sql(`UPDATE ${schema}.flags SET definition = '{"rollout":5}'`);
      for (const store of [staging!, production!]) {
        expect(await store.verifyAudit()).toMatchObject({ isIntact: true, head: { sequence: 2 } });
        expect((await store.history()).length).toBe(2);
      }
    });

    it('goes on after its environment was removed', async () => {
      const { store, schema } = await openWithTen();
      await bed.sql(`DELETE FROM ${schema}.environments`);
      await store.update(withFlag('a', {}), why);
      expect(await store.verifyAudit()).toMatchObject({ isIntact: true, head: { sequence: 11 } });
    });
  });
});

/** Lets the environment know of nothing but what the trail ends with, as whoever owns the database can. */
const setBack = `
  UPDATE environments e SET counter = a.counter, audit_sequence = a.sequence, audit_digest = a.digest
    FROM (SELECT * FROM audit ORDER BY sequence DESC LIMIT 1) a WHERE a.environment = e.name`;

/** Replaces a word in every entry and makes all digests anew, as whoever owns the database can. */
const rewrite = (word: string, other: string): string => `
  DO $$
  DECLARE entry record; previous text := '';
  BEGIN
    FOR entry IN SELECT * FROM audit ORDER BY sequence LOOP
      UPDATE audit SET content = replace(content, '${word}', '${other}'),
        digest = encode(sha256(convert_to(previous || E'\\n' || replace(content, '${word}', '${other}'), 'UTF8')), 'hex')
        WHERE sequence = entry.sequence RETURNING digest INTO previous;
    END LOOP;
  END $$`;
