import assert from 'node:assert/strict';
import type { FlagState } from '../../flags/flag-state.js';
import type { Trip } from '../../flags/trip.js';
import type { CaseGroup } from '../contract-case.js';
import { killed, why, withFlag, withKill } from '../contract-document.js';
import { listenTo } from '../listener.js';

export const trips: CaseGroup = {
  group: 'the trips of breakers',
  needs: ['writing'],
  cases: [
    {
      name: 'are kept as they are, for each flag, and end',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const all = new Map<string, Trip>([
          ['payments', tripped],
          ['constructor', forGood],
          ['10', probed],
        ]);
        for (const [key, trip] of all) await store.updateState(withTrip(key, trip), why);
        assert.deepEqual((await other.load()).state.trips, all);
        await other.updateState(withTrip('payments', probed), why);
        await store.updateState(withoutTrip('constructor'), why);
        for (const one of [store, other]) {
          assert.deepEqual(
            (await one.load()).state.trips,
            new Map([
              ['payments', probed],
              ['10', probed],
            ]),
          );
        }
      },
    },
    {
      name: 'leave kills and the document alone, and are left alone',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withTrip('payments', tripped), why);
        await other.updateState(withKill('payments'), why);
        await store.update(withFlag('added', {}), why);
        const stored = await other.load();
        assert.deepEqual(killed(stored), ['payments']);
        assert.deepEqual(stored.state.trips, new Map([['payments', tripped]]));
      },
    },
    {
      name: 'are told to those who watch',
      needs: ['watching'],
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        await store.load();
        const listener = listenTo(store);
        await other.updateState(withTrip('payments', tripped), why);
        await until('a listener to be told of a trip', () => listener.count > 0);
      },
    },
    {
      name: 'are in the history, with their numbers',
      needs: ['history'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withTrip('payments', tripped), why);
        const [change] = await other.history();
        assert.ok(change !== undefined);
        assert.deepEqual(
          change.difference.map(({ path }) => path),
          ['state.trips.payments'],
        );
        assert.match(JSON.stringify(change.difference), /"failures":14/);
      },
    },
  ],
};

const tripped: Trip = {
  openUntil: 1_750_000_030_123,
  trippedBy: 'Größe:1',
  evidence: { cause: 'errors', requests: 20, failures: 14, slow: 1, share: 0.7, limit: 0.5, windowMs: 10_000 },
};

const forGood: Trip = {
  trippedBy: 'b:2',
  evidence: {
    cause: 'slow',
    requests: 30,
    failures: 0,
    slow: 29,
    share: 29 / 30,
    limit: 0.8,
    windowMs: 500,
    slowMs: 250.5,
  },
};

const probed: Trip = {
  openUntil: 1_750_000_060_000,
  trippedBy: 'c:3',
  evidence: { cause: 'probe', requests: 1, failures: 1, slow: 0 },
};

function withTrip(key: string, trip: Trip): (state: FlagState) => FlagState {
  return (state) => ({ ...state, trips: new Map([...state.trips, [key, trip]]) });
}

function withoutTrip(key: string): (state: FlagState) => FlagState {
  return (state) => ({ ...state, trips: new Map([...state.trips].filter(([name]) => name !== key)) });
}
