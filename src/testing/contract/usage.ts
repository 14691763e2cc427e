import assert from 'node:assert/strict';
import { type FleetRegister, type FlagTimes, USAGE_STEP_MS } from '../../stores/fleet-register.js';
import type { CaseGroup } from '../contract-case.js';
import { shop } from '../contract-document.js';
import type { StoreBench } from '../store-bench.js';

/** What a register does that keeps when flags were last evaluated. Flags are those of {@link shop}. */
export const usage: CaseGroup = {
  group: 'usage',
  needs: ['keepsUsage'],
  cases: [
    {
      name: 'knows of no evaluation at first',
      run: async (bench) => assert.deepEqual(await (await openUsage(bench)).read(), []),
    },
    {
      name: 'tells every process when flags were last evaluated',
      run: async (bench) => {
        const { note, readElsewhere } = await openUsage(bench);
        await note([a, monday], [b, monday + 1]);
        assert.deepEqual(await readElsewhere(), [
          [a, monday],
          [b, monday + 1],
        ]);
      },
    },
    {
      name: 'keeps the latest of several times, and forgets none for another flag',
      run: async (bench) => {
        const { note, read } = await openUsage(bench);
        await note([a, monday], [b, tuesday]);
        await note([a, tuesday], [b, monday]);
        assert.deepEqual(await read(), [
          [a, tuesday],
          [b, tuesday],
        ]);
        await note();
        assert.deepEqual((await read()).length, 2);
      },
    },
    {
      name: 'may pass over a time that is hardly later, and never goes back',
      run: async (bench) => {
        const { note, read } = await openUsage(bench);
        await note([a, monday]);
        for (const at of [monday + 1, monday - 1]) await note([a, at]);
        const [[, kept] = []] = await read();
        assert.ok(kept === monday || kept === monday + 1, `kept ${kept}`);
        await note([a, monday + USAGE_STEP_MS]);
        assert.deepEqual(await read(), [[a, monday + USAGE_STEP_MS]]);
      },
    },
    {
      name: 'never tells of an evaluation that is still to come',
      run: async (bench) => {
        const { note, read } = await openUsage(bench);
        await note([a, Date.now() + 86_400_000]);
        const [[, kept] = []] = await read();
        assert.ok(kept !== undefined && kept <= Date.now() + 60_000, `kept ${kept}`);
      },
    },
    {
      name: 'forgets what was not evaluated for 400 days',
      run: async (bench) => {
        const { note, read } = await openUsage(bench);
        await note([a, Date.now() - 401 * 86_400_000], [b, monday]);
        await note([a, Date.now() - 401 * 86_400_000]);
        assert.deepEqual(await read(), [[b, monday]]);
      },
    },
    {
      name: 'loses nothing when several note the same flags at once',
      run: async (bench) => {
        const { note, noteElsewhere, read } = await openUsage(bench);
        const hours = Array.from({ length: 20 }, (_, index) => monday + index * 3_600_000);
        await Promise.all(
          hours.map((at, index) => (index % 2 === 0 ? note([a, at], [b, at]) : noteElsewhere([b, at], [a, at]))),
        );
        assert.deepEqual(await read(), [
          [a, hours.at(-1)],
          [b, hours.at(-1)],
        ]);
      },
    },
    {
      name: 'is another in another environment',
      needs: ['openEnvironment'],
      run: async ({ create }) => {
        const storage = await create();
        const [store, other] = [await storage.open(), await storage.openEnvironment(shop)];
        await store.fleet.noteUsage?.(new Map([[a, monday]]));
        assert.deepEqual([...((await other.fleet.usage?.()) ?? [])], []);
      },
    },
    {
      name: 'says nothing of the flags, and makes no version',
      run: async ({ open }) => {
        const store = await open();
        const { version } = await store.load();
        await store.fleet.noteUsage?.(new Map([[a, monday]]));
        assert.equal((await store.load()).version, version);
      },
    },
  ],
};

const [a = '', b = ''] = Object.keys(shop.flags).toSorted();

const hour = 3_600_000;
const monday = Math.floor(Date.now() / hour) * hour - 72 * hour;
const tuesday = monday + 24 * hour;

type Note = readonly [flagKey: string, at: number];

interface UsageOfTwo {
  readonly note: (...notes: readonly Note[]) => Promise<void>;
  readonly noteElsewhere: (...notes: readonly Note[]) => Promise<void>;
  readonly read: () => Promise<readonly Note[]>;
  readonly readElsewhere: () => Promise<readonly Note[]>;
}

async function openUsage({ openTwo }: StoreBench): Promise<UsageOfTwo> {
  const { store, other } = await openTwo();
  return {
    note: (...notes) => noteIn(store.fleet, notes),
    noteElsewhere: (...notes) => noteIn(other.fleet, notes),
    read: () => readFrom(store.fleet),
    readElsewhere: () => readFrom(other.fleet),
  };
}

async function noteIn(register: FleetRegister, notes: readonly Note[]): Promise<void> {
  assert.equal(typeof register.noteUsage, 'function', 'the register has `noteUsage`');
  await register.noteUsage?.(new Map(notes));
}

async function readFrom(register: FleetRegister): Promise<readonly Note[]> {
  assert.equal(typeof register.usage, 'function', 'the register has `usage`');
  const times: FlagTimes | undefined = await register.usage?.();
  return Array.from(times ?? []).toSorted(([one], [other]) => (one < other ? -1 : 1));
}
