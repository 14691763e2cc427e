import assert from 'node:assert/strict';
import type { Lease, LeaseRegister } from '../../stores/lease-register.js';
import type { CaseGroup } from '../contract-case.js';
import { documentOf, killed, shop, why, withFlag, withKill } from '../contract-document.js';
import { rejection } from '../rejection.js';
import type { StoreBench, TestedStore } from '../store-bench.js';

export const leases: CaseGroup = {
  group: 'leases',
  needs: ['keepsLeases'],
  cases: [
    {
      name: 'are held by one at a time, and everyone knows',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { fence, ...lease } = await taken(store.leases, 'ana');
        assert.deepEqual(lease, { name: 'rollouts', holder: 'ana' });
        assert.ok(Number.isSafeInteger(fence), `\`fence\` is a whole number, found ${fence}`);
        for (const register of [store.leases, other.leases]) {
          assert.equal(await register.take('rollouts', 'ben', longMs), undefined);
        }
      },
    },
    {
      name: 'are renewed by their holder, with the same fence',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const lease = await taken(store.leases, 'ana');
        for (const register of [store.leases, other.leases, store.leases]) {
          assert.deepEqual(await register.take('rollouts', 'ana', longMs), lease);
        }
        assert.equal(await other.leases.take('rollouts', 'ben', longMs), undefined);
      },
    },
    {
      name: 'last from their renewal on, longer or shorter than before',
      run: async (bench) => {
        const { store, other } = await bench.openTwo();
        await store.leases.take('rollouts', 'ana', 200);
        await store.leases.take('rollouts', 'ana', longMs);
        await store.leases.take('clock', 'ana', 200);
        await takenAfterItsEnd(bench, other.leases, 'ben', 'clock');
        assert.equal(await other.leases.take('rollouts', 'ben', longMs), undefined);
        await store.leases.take('rollouts', 'ana', 1);
        await takenAfterItsEnd(bench, other.leases, 'ben');
      },
    },
    {
      name: 'are taken by the next after their end, with a higher fence',
      run: async (bench) => {
        const { store, other } = await bench.openTwo();
        const first = await taken(store.leases, 'ana', 1);
        const second = await takenAfterItsEnd(bench, other.leases, 'ben');
        assert.ok(second.fence > first.fence, `${second.fence} is higher than ${first.fence}`);
        assert.equal(await store.leases.take('rollouts', 'ana', longMs), undefined);
      },
    },
    {
      name: 'are given back, and then taken at once, with a higher fence',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        let fence = -1;
        for (const [register, holder] of [
          [store.leases, 'ana'],
          [other.leases, 'ben'],
          [store.leases, 'ana'],
          [store.leases, 'ana'],
        ] as const) {
          const lease = await taken(register, holder);
          assert.ok(lease.fence > fence, `${lease.fence} is higher than ${fence}`);
          fence = lease.fence;
          await register.release(lease);
        }
      },
    },
    {
      name: 'that are lost can be given back in vain',
      run: async (bench) => {
        const { store, other } = await bench.openTwo();
        const lost = await taken(store.leases, 'ana');
        await store.leases.release(lost);
        const lease = await taken(other.leases, 'ben');
        await store.leases.release(lost);
        await store.leases.release({ ...lost, holder: 'ben' });
        await store.leases.release({ name: 'never', holder: 'ana', fence: 1 });
        assert.equal(await store.leases.take('rollouts', 'ana', longMs), undefined);
        assert.deepEqual(await other.leases.take('rollouts', 'ben', longMs), lease);
      },
    },
    {
      name: 'with two names are independent',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const lease = await taken(store.leases, 'ana');
        const clean = await taken(other.leases, 'ben', longMs, 'cleaning');
        assert.equal(await store.leases.take('cleaning', 'ana', longMs), undefined);
        await other.leases.release(clean);
        assert.deepEqual(await store.leases.take('rollouts', 'ana', longMs), lease);
        assert.equal(await other.leases.take('rollouts', 'ben', longMs), undefined);
      },
    },
    {
      name: 'go to exactly one of many who take them at the same moment',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        for (let round = 0; round < 3; round += 1) {
          const results = await Promise.all(
            Array.from({ length: 10 }, (_, index) =>
              (index % 2 === 0 ? store : other).leases.take('rollouts', `holder-${index}`, longMs),
            ),
          );
          const [lease, ...others] = results.filter((result) => result !== undefined);
          assert.deepEqual(others, []);
          assert.ok(lease !== undefined, 'one of them gets it');
          await store.leases.release(lease);
        }
      },
    },
    {
      name: 'keep text in every script, and names that mean something elsewhere',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const holder = `Größe 日本語 العربية 😀 "quoted" 'single' \\ % $1 {}`;
        for (const name of ['__proto__', 'constructor', 'a; DROP TABLE', '{x}:y', 'ü'.repeat(256)]) {
          const lease = await taken(store.leases, holder, longMs, name);
          assert.equal(await other.leases.take(name, `${holder}!`, longMs), undefined);
          await other.leases.release(lease);
          await taken(other.leases, `${holder}!`, longMs, name);
        }
      },
    },
    {
      name: 'refuse what can not be meant',
      run: async ({ open }) => {
        const { leases: register } = await open();
        for (const [name, holder, forMs] of [
          ['', 'ana', 1],
          ['x', '', 1],
          ['x', 'two\nlines', 1],
          ['x', 'ana', 0],
          ['x', 'ana', Number.NaN],
        ] as const) {
          await rejection(register.take(name, holder, forMs));
        }
        assert.notEqual(await register.take('x', 'ben', longMs), undefined);
      },
    },
    {
      name: 'say nothing of the flags, and make no version',
      run: async ({ open }) => {
        const store = await open();
        const { version } = await store.load();
        await store.leases.release(await taken(store.leases, 'ana'));
        assert.equal((await store.load()).version, version);
      },
    },
    {
      name: 'are others in another environment',
      needs: ['openEnvironment'],
      run: async ({ create }) => {
        const storage = await create();
        const [store, neighbour] = [await storage.open(), await storage.openEnvironment(shop)];
        const lease = await taken(store.leases, 'ana');
        await neighbour.leases.release(await taken(neighbour.leases, 'ben'));
        assert.equal(await store.leases.take('rollouts', 'ben', longMs), undefined);
        await store.updateState(withKill('payments'), { ...why, lease });
        const ours = await taken(store.leases, 'ana', longMs, 'ours');
        await lost(neighbour.updateState(withKill('payments'), { ...why, lease: ours }));
      },
    },
    {
      name: 'let a write pass while they count',
      needs: ['writing'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const lease = await taken(store.leases, 'ana');
        await store.updateState(withKill('payments'), { ...why, lease });
        // Whoever has the lease may have it on another connection.
        await other.update(withFlag('added', {}), { ...why, lease });
        const before = await store.load();
        await store.updateState((state) => state, { ...why, lease });
        await store.updateState(withKill('added'), { ...why, lease, expectedVersion: before.version });
        const stored = await other.load();
        assert.deepEqual(killed(stored), ['added', 'payments']);
        assert.deepEqual(documentOf(stored), withFlag('added', {})(shop));
      },
    },
    {
      name: 'let a write pass after their end, as long as nobody has taken them',
      needs: ['writing'],
      run: async (bench) => {
        const { store, other } = await bench.openTwo();
        const lease = await taken(store.leases, 'ana', 1);
        // Ends later, by the same clock.
        await store.leases.take('clock', 'ana', 50);
        await takenAfterItsEnd(bench, other.leases, 'ben', 'clock');
        await store.updateState(withKill('payments'), { ...why, lease });
        assert.deepEqual(killed(await other.load()), ['payments']);
      },
    },
    {
      name: 'refuse every write once somebody else has taken them, and nothing changes',
      needs: ['writing'],
      run: async (bench) => {
        const { store, other } = await bench.openTwo();
        const lease = await taken(store.leases, 'ana', 1);
        await store.updateState(withKill('payments'), { ...why, lease });
        const next = await takenAfterItsEnd(bench, other.leases, 'ben');
        await expectRefusal(store, other, lease);
        await other.leases.release(next);
        // Given back, it is still not the former holder's.
        await expectRefusal(store, other, lease);
        await other.updateState(withKill('added'), { ...why, lease: await taken(other.leases, 'ben') });
        await expectRefusal(store, other, next);
      },
    },
    {
      name: 'refuse a push once somebody else has taken them, and nothing changes',
      needs: ['writing', 'pushesDocuments'],
      run: async (bench) => {
        const { store, other } = await bench.openTwo();
        const lease = await taken(store.leases, 'ana');
        await store.pushDocument('version: 1\nflags: { mine: {} }\n', { ...why, lease });
        await store.leases.release(lease);
        await taken(other.leases, 'ben');
        await lost(store.pushDocument('version: 1\nflags: { late: {} }\n', { ...why, lease }));
        assert.deepEqual(Object.keys(documentOf(await other.load()).flags), ['mine']);
      },
    },
    {
      name: 'refuse a write with one that never was',
      needs: ['writing'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { fence } = await taken(store.leases, 'ana');
        await expectRefusal(store, other, { name: 'never', holder: 'ana', fence });
        await expectRefusal(store, other, { name: 'rollouts', holder: 'ana', fence: fence + 1 });
      },
    },
    {
      name: 'let a write without them pass, whoever has them',
      needs: ['writing'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const lease = await taken(store.leases, 'ana');
        await other.updateState(withKill('payments'), why);
        await store.updateState(withKill('added'), { ...why, lease });
        assert.deepEqual(killed(await other.load()), ['added', 'payments']);
      },
    },
    {
      name: 'let only the last of many holders write, however late the others are',
      needs: ['writing'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const all: Lease[] = [];
        for (const holder of ['a', 'b', 'c', 'd', 'e']) {
          const lease = await taken(store.leases, holder);
          all.push(lease);
          if (holder !== 'e') await store.leases.release(lease);
        }
        const results = await Promise.allSettled(
          all.map((lease, index) =>
            (index % 2 === 0 ? store : other).updateState(withKill(lease.holder), { ...why, lease }),
          ),
        );
        assert.deepEqual(
          results.map(({ status }) => status),
          ['rejected', 'rejected', 'rejected', 'rejected', 'fulfilled'],
        );
        assert.deepEqual(killed(await other.load()), ['e']);
      },
    },
    {
      name: 'are lost when the store is emptied, and no fence comes twice',
      needs: ['writing', 'empty'],
      run: async (bench) => {
        const storage = await bench.create();
        const store = await storage.open();
        const lease = await taken(store.leases, 'ana');
        await storage.empty();
        // Also with an error that says what is missing altogether.
        await rejection(store.updateState(withKill('payments'), { ...why, lease }));
        const next = await takenAfterItsEnd(bench, (await storage.open()).leases, 'ben');
        assert.notEqual(next.fence, lease.fence);
        await lost(store.updateState(withKill('payments'), { ...why, lease }));
      },
    },
  ],
};

/** How long a lease lasts that is not to end, in milliseconds. */
const longMs = 600_000;

async function taken(register: LeaseRegister, holder: string, forMs = longMs, name = 'rollouts'): Promise<Lease> {
  const lease = await register.take(name, holder, forMs);
  assert.ok(lease !== undefined, `${holder} gets a lease that nobody has`);
  return lease;
}

async function takenAfterItsEnd(
  { until }: StoreBench,
  register: LeaseRegister,
  holder: string,
  name = 'rollouts',
): Promise<Lease> {
  let lease: Lease | undefined;
  await until('a lease to end', async () => {
    lease = await register.take(name, holder, longMs);
    return lease !== undefined;
  });
  assert.ok(lease !== undefined);
  return lease;
}

async function lost(write: Promise<unknown>): Promise<void> {
  await rejection(write, 'LeaseLostError');
}

/** Nothing can be written with the lease, be it nothing that there is to write. */
async function expectRefusal(store: TestedStore, other: TestedStore, lease: Lease): Promise<void> {
  const before = await other.load();
  await lost(store.updateState(withKill('late'), { ...why, lease }));
  await lost(store.updateState((state) => state, { ...why, lease }));
  await lost(store.update(withFlag('late', {}), { ...why, lease, state: withKill('late') }));
  const after = await other.load();
  assert.equal(after.version, before.version);
  assert.deepEqual(killed(after), killed(before));
  assert.deepEqual(documentOf(after), documentOf(before));
}
