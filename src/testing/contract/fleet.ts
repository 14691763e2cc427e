import assert from 'node:assert/strict';
import type { FleetInstance, FleetRegister, InstanceReport } from '../../stores/fleet-register.js';
import type { CaseGroup } from '../contract-case.js';
import { shop } from '../contract-document.js';
import type { StoreBench } from '../store-bench.js';

export const fleet: CaseGroup = {
  group: 'the fleet',
  needs: ['keepsFleet'],
  cases: [
    {
      name: 'is empty at first',
      run: async ({ open }) => assert.deepEqual(await (await open()).fleet.list(), []),
    },
    {
      name: 'lists what an instance told, and when, to every process',
      run: async (bench) => {
        const { fleet, other } = await openFleet(bench);
        await fleet.report(web1, longMs);
        const listed = await other.list();
        assert.deepEqual(reports(listed), [web1]);
        assert.ok((listed[0]?.lastContact ?? 0) > 0, '`lastContact` is an instant');
      },
    },
    {
      name: 'knows instances that serve nothing yet',
      run: async (bench) => {
        const { fleet } = await openFleet(bench);
        await fleet.report({ ...web1, version: undefined }, longMs);
        assert.deepEqual(
          (await fleet.list()).map(({ id, version }) => [id, version]),
          [['a', undefined]],
        );
      },
    },
    {
      name: 'replaces what an instance said before, and notes the contact',
      run: async (bench) => {
        const { fleet, other } = await openFleet(bench);
        await fleet.report(web1, longMs);
        const first = (await fleet.list())[0]?.lastContact ?? 0;
        await bench.until('a later contact', async () => {
          await other.report({ ...web1, version: 'shop:8' }, longMs);
          const listed = await fleet.list();
          assert.deepEqual(reports(listed), [{ ...web1, version: 'shop:8' }]);
          return (listed[0]?.lastContact ?? 0) > first;
        });
      },
    },
    {
      name: 'forgets an instance some time after its last report, and no other',
      run: async (bench) => {
        const { fleet, other } = await openFleet(bench);
        await fleet.report(web1, 1);
        await fleet.report(web1, longMs);
        await fleet.report(web2, 500);
        await bench.until('an instance to be forgotten', async () => (await idsOf(other)).join() === 'a');
        assert.deepEqual(await idsOf(fleet), ['a']);
      },
    },
    {
      name: 'knows an instance again that comes back after it was forgotten',
      run: async (bench) => {
        const { fleet } = await openFleet(bench);
        await fleet.report(web1, 1);
        await bench.until('an instance to be forgotten', async () => (await fleet.list()).length === 0);
        await fleet.report(web1, longMs);
        assert.deepEqual(await idsOf(fleet), ['a']);
      },
    },
    {
      name: 'removes an instance at once, and again in vain',
      run: async (bench) => {
        const { fleet, other } = await openFleet(bench);
        await fleet.report(web1, longMs);
        await fleet.report(web2, longMs);
        await other.remove('a');
        assert.deepEqual(await idsOf(fleet), ['b']);
        await fleet.remove('a');
        await fleet.remove('was never there');
        assert.deepEqual(await idsOf(fleet), ['b']);
      },
    },
    {
      name: 'lists by host and then by id',
      run: async (bench) => {
        const { fleet } = await openFleet(bench);
        const places: readonly InstanceReport[] = [
          { ...web1, host: 'web-2', id: 'c' },
          { ...web1, host: 'web-1', id: 'd' },
          { ...web1, host: 'web-2', id: 'a' },
          { ...web1, host: 'web-10', id: 'b' },
        ];
        for (const place of places) await fleet.report(place, longMs);
        assert.deepEqual(await idsOf(fleet), ['d', 'b', 'a', 'c']);
      },
    },
    {
      name: 'keeps text in every script, and names that mean something elsewhere',
      run: async (bench) => {
        const { fleet, other } = await openFleet(bench);
        const host = `Größe 日本語 العربية 😀 "quoted" 'single' \\ % $1 {}`;
        const strange = [
          { ...web1, id: '__proto__', host },
          { ...web2, id: 'constructor; DROP TABLE', host: '__proto__' },
        ];
        for (const report of strange) await fleet.report(report, longMs);
        assert.deepEqual(reports(await other.list()), strange);
      },
    },
    {
      name: 'takes the longest texts that Halyard sends',
      run: async (bench) => {
        const { fleet } = await openFleet(bench);
        const longest = { ...web1, id: 'ü'.repeat(128), host: '日'.repeat(255), version: `${'v'.repeat(254)}:1` };
        await fleet.report(longest, longMs);
        assert.deepEqual(reports(await fleet.list()), [longest]);
      },
    },
    {
      name: 'holds 1,000 instances that report at once',
      run: async (bench) => {
        const { fleet, other } = await openFleet(bench);
        const many = Array.from({ length: 1_000 }, (_, index) => ({
          ...web1,
          id: `instance-${String(index).padStart(4, '0')}`,
          version: `shop:${index}`,
        }));
        await Promise.all(many.map((report, index) => (index % 2 === 0 ? fleet : other).report(report, longMs)));
        assert.deepEqual(reports(await fleet.list()), many);
      },
    },
    {
      name: 'is another in another environment',
      needs: ['openEnvironment'],
      run: async ({ create }) => {
        const storage = await create();
        const [{ fleet }, { fleet: other }] = [await storage.open(), await storage.openEnvironment(shop)];
        await fleet.report(web1, longMs);
        await other.report({ ...web1, version: 'other:1' }, longMs);
        await other.report(web2, longMs);
        await other.remove('a');
        assert.deepEqual(reports(await fleet.list()), [web1]);
        assert.deepEqual(reports(await other.list()), [web2]);
      },
    },
    {
      name: 'says nothing of the flags, and makes no version',
      run: async ({ open }) => {
        const store = await open();
        const { version } = await store.load();
        await store.fleet.report(web1, longMs);
        assert.equal((await store.load()).version, version);
      },
    },
  ],
};

/** How long a report counts that is not to be forgotten, in milliseconds. */
const longMs = 600_000;

const web1: InstanceReport = { id: 'a', host: 'web-1', pid: 17, startedAt: 1_750_000_000_000, version: 'shop:7' };
const web2: InstanceReport = { id: 'b', host: 'web-2', pid: 4_711, startedAt: 1_750_000_000_001, version: 'shop:6' };

async function openFleet({ openTwo }: StoreBench): Promise<Record<'fleet' | 'other', FleetRegister>> {
  const { store, other } = await openTwo();
  return { fleet: store.fleet, other: other.fleet };
}

/** Instances as they told of themselves, without when. */
function reports(instances: readonly FleetInstance[]): readonly InstanceReport[] {
  return instances.map(({ lastContact: _, ...report }) => report);
}

async function idsOf(register: FleetRegister): Promise<readonly string[]> {
  return (await register.list()).map(({ id }) => id);
}
