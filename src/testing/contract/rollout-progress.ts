import assert from 'node:assert/strict';
import type { FlagState } from '../../flags/flag-state.js';
import { type RolloutProgress, startRollout } from '../../flags/rollout-progress.js';
import type { CaseGroup } from '../contract-case.js';
import { killed, shop, why, withFlag, withKill, withoutFlag, withoutKill } from '../contract-document.js';
import { listenTo } from '../listener.js';

export const rolloutProgress: CaseGroup = {
  group: 'the progress of rollouts',
  needs: ['writing'],
  cases: [
    ...((['running', 'failing', 'paused', 'rolled-back', 'completed'] as const).map((name) => ({
      name: `is kept as it is: ${name}`,
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const stored = await store.updateState(withProgress('button-color', progress[name]), why);
        for (const { state } of [stored, await store.load(), await other.load()]) {
          assert.deepEqual(state.rollouts, new Map([['button-color', progress[name]]]));
        }
      },
    })) satisfies CaseGroup['cases']),
    {
      name: 'goes from one status to the next, and ends',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        for (const next of Object.values(progress)) {
          await store.updateState(withProgress('button-color', next), why);
          assert.deepEqual((await other.load()).state.rollouts.get('button-color'), next);
        }
        await other.updateState(withoutProgress('button-color'), why);
        for (const one of [store, other]) assert.equal((await one.load()).state.rollouts.size, 0);
      },
    },
    {
      name: 'is kept for each flag, whatever it is called, also one that the document lacks',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const keys = ['constructor', 'hasOwnProperty', '10', '9', 'a.b/c_d-e', 'K', 'k', 'x'.repeat(128)];
        const all = new Map(keys.map((key, index) => [key, startRollout(`seed of ${key}`, 'ana', index * 1_000)]));
        for (const [key, one] of all) await store.updateState(withProgress(key, one), why);
        assert.deepEqual((await other.load()).state.rollouts, all);
        await other.updateState(withoutProgress('10'), why);
        all.delete('10');
        assert.deepEqual((await store.load()).state.rollouts, all);
      },
    },
    {
      name: 'stays when the document is changed, and when its flag goes',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withProgress('payments', progress.failing), why);
        await other.update(withFlag('added', {}), why);
        const stored = await store.update(withoutFlag('payments'), why);
        for (const { state } of [stored, await other.load()]) {
          assert.deepEqual(state.rollouts, new Map([['payments', progress.failing]]));
        }
      },
    },
    {
      name: 'stays when another document is pushed',
      needs: ['pushesDocuments'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withProgress('payments', progress.paused), why);
        await other.pushDocument('version: 1\nflags: { fresh: {} }\n', why);
        assert.deepEqual((await store.load()).state.rollouts, new Map([['payments', progress.paused]]));
      },
    },
    {
      name: 'changes with the document in one version',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withProgress('payments', progress.completed), why);
        const state = withoutProgress('payments');
        const { version } = await store.update(withFlag('payments', { rollout: 100 }), { ...why, state });
        const stored = await other.load();
        assert.equal(stored.version, version);
        assert.equal(stored.state.rollouts.size, 0);
      },
    },
    {
      name: 'and kills leave each other alone',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withProgress('payments', progress.running), why);
        await other.updateState(withKill('payments'), why);
        await store.updateState(withProgress('payments', progress['rolled-back']), why);
        assert.deepEqual(killed(await other.load()), ['payments']);
        await other.updateState(withoutKill('payments'), why);
        const { state } = await store.load();
        assert.deepEqual(state.kills, new Map());
        assert.deepEqual(state.rollouts, new Map([['payments', progress['rolled-back']]]));
      },
    },
    {
      name: 'of two flags can be changed at once',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await Promise.all(
          Array.from({ length: 10 }, async (_, stage) => {
            await Promise.all([
              store.updateState(withProgress('left', { ...progress.running, stage }), why),
              other.updateState(withProgress('right', { ...progress.running, stage }), why),
            ]);
          }),
        );
        assert.deepEqual([...(await store.load()).state.rollouts.keys()].toSorted(), ['left', 'right']);
      },
    },
    {
      name: 'that stays the same makes no version',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version } = await store.updateState(withProgress('payments', progress.failing), why);
        const copy = { ...progress.failing, failures: new Map(progress.failing.failures) };
        await other.updateState(withProgress('payments', copy), why);
        assert.equal((await store.load()).version, version);
      },
    },
    {
      name: 'is told to those who watch',
      needs: ['watching'],
      run: async ({ openTwo, until }) => {
        const { store, other } = await openTwo();
        await store.load();
        const listener = listenTo(store);
        await other.updateState(withProgress('payments', progress.running), why);
        await until('a listener to be told of progress', () => listener.count > 0);
      },
    },
    {
      name: 'is in the history, as it was and as it is',
      needs: ['history'],
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        await store.updateState(withProgress('payments', progress.running), why);
        await store.updateState(withProgress('payments', progress['rolled-back']), why);
        await store.updateState(withoutProgress('payments'), why);
        const [ended, changed, begun, ...others] = await other.history();
        assert.deepEqual(others, []);
        for (const change of [begun, changed, ended]) {
          assert.deepEqual(
            change?.difference.map(({ path }) => path),
            ['state.rollouts.payments'],
          );
        }
        assert.deepEqual(
          [begun, changed, ended].map((change) => [
            statusOf(change?.difference[0]?.before),
            statusOf(change?.difference[0]?.after),
          ]),
          [
            [undefined, 'running'],
            ['running', 'rolled-back'],
            ['rolled-back', undefined],
          ],
        );
      },
    },
    {
      name: 'is kept while the document is broken',
      needs: ['replaceText'],
      run: async ({ create }) => {
        const storage = await create();
        const [store, other] = [await storage.open(), await storage.open()];
        await store.updateState(withProgress('payments', progress.running), why);
        await storage.replaceText('flags: [');
        await other.updateState(withProgress('payments', progress['rolled-back']), why);
        await storage.replaceText(JSON.stringify(shop));
        assert.deepEqual((await store.load()).state.rollouts, new Map([['payments', progress['rolled-back']]]));
      },
    },
  ],
};

const begun = startRollout('Größe "x" 日本語 😀', 'halyard', 1_750_000_000_123);

const failing: RolloutProgress & { readonly status: 'running' } = {
  ...begun,
  stage: 2,
  judgedUntil: 1_750_000_300_000,
  dataUntil: 1_750_000_240_000,
  // In another order than the alphabet's, which means nothing.
  failures: new Map([
    ['maxP99Ms', 2],
    ['constructor', 1],
    ['errors of "checkout"', 7],
  ]),
  failedMeasurements: 3,
  approvedBy: 'ana',
};

const stopped = { reason: 'p99 812 ms,\nallowed are 500 ms', at: 1_750_000_400_000 };

const progress = {
  running: begun,
  failing,
  paused: { ...failing, ...stopped, status: 'paused', by: 'Åsa 🛟' },
  'rolled-back': {
    status: 'rolled-back',
    seed: begun.seed,
    by: 'halyard',
    stage: 2,
    ...stopped,
    restsUntil: 1_750_086_800_000,
  },
  completed: { status: 'completed', seed: begun.seed, by: 'halyard', at: 1_750_000_500_000 },
} as const satisfies Readonly<Record<string, RolloutProgress>>;

function withProgress(key: string, one: RolloutProgress): (state: FlagState) => FlagState {
  return (state) => ({ ...state, rollouts: new Map([...state.rollouts, [key, one]]) });
}

function withoutProgress(key: string): (state: FlagState) => FlagState {
  return (state) => ({ ...state, rollouts: new Map([...state.rollouts].filter(([name]) => name !== key)) });
}

/** Of what the history says, which is JSON. */
function statusOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'status' in value ? value.status : undefined;
}
