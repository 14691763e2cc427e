import { describe, expect, it, vi } from 'vitest';
import { patience, Testbed } from './testbed.js';
import { withPostgres } from './with-postgres.js';

await withPostgres((url) => {
  const bed = new Testbed(url);
  const instance = { id: 'b-1', host: 'b', pid: 4_194_304, startedAt: 1_750_000_000_000.5, version: 'x:1' };

  describe('the fleet of postgresStore', { timeout: 60_000 }, () => {
    it('is who reported, in order, with the version that each serves', async () => {
      const { fleet } = bed.open({ schema: bed.schema() });
      const before = Date.now();
      await fleet.report({ ...instance, id: 'b-2', version: undefined }, 60_000);
      await fleet.report(instance, 60_000);
      await fleet.report({ ...instance, id: 'Ä', host: 'Z "\'日' }, 60_000);
      const listed = await fleet.list();
      expect(listed.map(({ lastContact: _, ...rest }) => rest)).toEqual([
        { ...instance, id: 'Ä', host: 'Z "\'日' },
        instance,
        { ...instance, id: 'b-2', version: undefined },
      ]);
      for (const { lastContact } of listed) expect(Math.abs(lastContact - before)).toBeLessThan(60_000);
    });

    it('has each instance once, as it reported last', async () => {
      const { fleet } = bed.open({ schema: bed.schema() });
      await fleet.report(instance, 60_000);
      const [first] = await fleet.list();
      await fleet.report({ ...instance, version: 'x:2' }, 60_000);
      const [second, ...others] = await fleet.list();
      expect(others).toEqual([]);
      expect(second?.version).toBe('x:2');
      expect(second?.lastContact).toBeGreaterThanOrEqual(first?.lastContact ?? Infinity);
    });

    it('forgets who ends, and who has not reported for too long', async () => {
      const schema = bed.schema();
      const { fleet } = bed.open({ schema });
      await fleet.report(instance, 60_000);
      await fleet.report({ ...instance, id: 'gone' }, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect((await fleet.list()).map(({ id }) => id)).toEqual(['b-1']);
      await fleet.report(instance, 60_000);
      expect(await bed.sql(`SELECT id FROM ${schema}.instances`)).toEqual([{ id: 'b-1' }]);
      await fleet.remove('b-1');
      await fleet.remove('b-1');
      expect(await fleet.list()).toEqual([]);
    });

    it('belongs to one environment, and to nobody who lacks a document', async () => {
      const schema = bed.schema();
      const [staging, production] = ['staging', 'production'].map((environment) => bed.open({ schema, environment }));
      await staging!.fleet.report(instance, 60_000);
      expect(await production!.fleet.list()).toEqual([]);
      await expect(staging!.load()).rejects.toThrow('there is no document');
    });

    it('takes twenty that report at once', async () => {
      const schema = bed.schema();
      const stores = Array.from({ length: 4 }, () => bed.open({ schema }));
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          stores[index % 4]!.fleet.report({ ...instance, id: `i-${index}` }, index % 2 === 0 ? 60_000 : 1),
        ),
      );
      await stores[0]!.fleet.report(instance, 60_000);
      expect((await stores[0]!.fleet.list()).length).toBeGreaterThanOrEqual(11);
    });

    it('takes those at once that all come back after they were forgotten', async () => {
      const schema = bed.schema();
      const { fleet } = bed.open({ schema });
      const ids = ['first', 'second', 'third'];
      for (const id of ids) await fleet.report({ ...instance, id }, 60_000);
      await bed.sql(`UPDATE ${schema}.instances SET expires = '-infinity'`);
      // Two come at the same moment: each waits until the other has told of itself, too.
      const session = await bed.session();
      await session.query(`BEGIN; SELECT FROM ${schema}.instances WHERE id = 'first' FOR UPDATE`);
      const reports = ['second', 'third'].map((id) => fleet.report({ ...instance, id }, 60_000));
      const isOver = Promise.allSettled(reports);
      const waiting = `SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`;
      const areWaiting = async (): Promise<boolean> => (await bed.sql(waiting))[0]?.['waiting'] === 2;
      await vi.waitFor(async () => {
        const isDone = await Promise.race([isOver.then(() => true), areWaiting()]);
        expect(isDone).toBe(true);
      }, patience);
      await session.query('COMMIT');
      await Promise.all(reports);
      expect((await fleet.list()).map(({ id }) => id)).toEqual(['second', 'third']);
    });
  });
});
