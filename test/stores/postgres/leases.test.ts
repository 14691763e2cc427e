import { describe, expect, it, vi } from 'vitest';
import { LeaseLostError } from '../../../src/stores/lease-register.js';
import type { FlagState } from '../../../src/flags/flag-state.js';
import { patience, Testbed, why } from './testbed.js';
import { withPostgres } from './with-postgres.js';

const longMs = 600_000;

const killed =
  (key: string) =>
  (state: FlagState): FlagState => ({ ...state, kills: new Map([[key, { at: 0, by: 'ana', reason: 'x' }]]) });

await withPostgres((url) => {
  const bed = new Testbed(url);

  describe('leases in PostgreSQL', { timeout: 60_000 }, () => {
    const prepare = async () => {
      const schema = bed.schema();
      const [store, other] = [bed.open({ schema }), bed.open({ schema })];
      await store.pushDocument('version: 1\nflags: { a: {} }', why);
      await store.updateState(killed('a'), why);
      const waiting = (): Promise<void> =>
        vi.waitFor(async () => {
          const sql = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`;
          expect(await bed.sql(sql)).toHaveLength(1);
        }, patience);
      return { schema, store, other, waiting };
    };

    it('are a row that outlives its end, its holder and its environment', async () => {
      const { schema, store, other } = await prepare();
      const lease = await store.leases!.take('rollouts', 'ana', longMs);
      await store.leases!.release(lease!);
      await bed.sql(`DELETE FROM ${schema}.environments`);
      const select = `SELECT environment, name, holder, fence::text FROM ${schema}.leases`;
      expect(await bed.sql(select)).toEqual([
        { environment: 'default', name: 'rollouts', holder: 'ana', fence: String(lease!.fence) },
      ]);
      expect((await other.leases!.take('rollouts', 'ben', longMs))!.fence).toBeGreaterThan(lease!.fence);
    });

    it('are there before the first document', async () => {
      const store = bed.open({ schema: bed.schema() });
      const lease = await store.leases!.take('rollouts', 'ana', longMs);
      await store.pushDocument('version: 1\nflags: { a: {} }', { ...why, lease: lease! });
      expect((await store.history()).length).toBe(1);
    });

    it('are waited for by a write, while somebody else is taking them', async () => {
      const { schema, store, waiting } = await prepare();
      const lease = await store.leases!.take('rollouts', 'ana', 1);
      const { version } = await store.load();
      const taking = await bed.session();
      await taking.query(`BEGIN; UPDATE ${schema}.leases SET holder = 'ben', fence = fence + 1`);
      const change = store.updateState(killed('b'), { ...why, lease: lease! });
      const refused = expect(change).rejects.toThrow(LeaseLostError);
      await waiting();
      await taking.query('COMMIT');
      await refused;
      expect((await store.load()).version).toBe(version);
    });

    it('can not be taken while a write with them is on its way', async () => {
      const { schema, store, other, waiting } = await prepare();
      const lease = await store.leases!.take('rollouts', 'ana', 1);
      const holding = await bed.session();
      await holding.query(`BEGIN; SELECT FROM ${schema}.kills FOR UPDATE`);
      const change = store.updateState(
        ({ kills, ...state }) => ({
          ...state,
          kills: new Map([...kills].map(([key, kill]) => [key, { ...kill, by: 'x' }])),
        }),
        { ...why, lease: lease! },
      );
      await waiting();
      const events: string[] = [];
      const changed = change.then(() => events.push('written'));
      const taken = other.leases!.take('rollouts', 'ben', longMs).then(() => events.push('taken'));
      await vi.waitFor(async () => {
        const sql = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}".leases%'`;
        expect(await bed.sql(sql)).toHaveLength(1);
      }, patience);
      expect(events).toEqual([]);
      await holding.query('COMMIT');
      await Promise.all([changed, taken]);
      await expect(store.updateState(killed('c'), { ...why, lease: lease! })).rejects.toThrow(LeaseLostError);
      expect([...(await store.load()).state.kills.values()]).toMatchObject([{ by: 'x' }]);
    });

    it('are lost with their rows, and no fence comes twice', async () => {
      const { schema, store, other } = await prepare();
      const lease = await store.leases!.take('rollouts', 'ana', longMs);
      await bed.sql(`DELETE FROM ${schema}.leases`);
      await expect(store.updateState(killed('b'), { ...why, lease: lease! })).rejects.toThrow(LeaseLostError);
      const next = await other.leases!.take('rollouts', 'ben', longMs);
      expect(next!.fence).toBeGreaterThan(lease!.fence);
      await expect(store.updateState(killed('b'), { ...why, lease: lease! })).rejects.toThrow(LeaseLostError);
    });
  });
});
