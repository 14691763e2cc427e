import assert from 'node:assert/strict';
import { compareVersions } from '../../stores/flag-store.js';
import type { CaseGroup } from '../contract-case.js';
import { why, withFlag, withKill, withoutFlag, withoutKill } from '../contract-document.js';
import { rejection } from '../rejection.js';

/** How far the clock of a server may be from this machine's, in milliseconds. */
const clockSkewMs = 3_600_000;

export const history: CaseGroup = {
  group: 'history',
  needs: ['writing', 'history'],
  cases: [
    {
      name: 'is empty in the beginning',
      run: async ({ open }) => {
        assert.deepEqual(await (await open()).history(), []);
      },
    },
    {
      name: 'tells everyone who changed what, when and why, newest first',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const start = Date.now();
        const first = await store.update(withFlag('payments', { kind: 'operational', rollout: 5 }), {
          by: 'Åsa 🛟',
          reason: 'carefully,\n日本語',
        });
        const second = await store.updateState(withKill('payments'), { by: 'ben', reason: 'provider down' });
        const [newest, oldest, ...others] = await other.history();
        assert.deepEqual(others, []);
        assert.ok(newest !== undefined && oldest !== undefined, 'there are two changes');
        assert.deepEqual([oldest.by, oldest.reason, oldest.version], ['Åsa 🛟', 'carefully,\n日本語', first.version]);
        assert.deepEqual(oldest.difference, [{ path: 'flags.payments.rollout', after: 5 }]);
        assert.deepEqual([newest.by, newest.reason, newest.version], ['ben', 'provider down', second.version]);
        assert.deepEqual(
          newest.difference.map(({ path, before }) => [path, before]),
          [['state.kills.payments', undefined]],
        );
        for (const { at } of [newest, oldest]) {
          const isNow = at >= start - clockSkewMs && at <= Date.now() + clockSkewMs;
          assert.ok(isNow, `\`at\` is in milliseconds since the epoch, found ${at}`);
        }
      },
    },
    {
      name: 'gives the newest ones up to the limit',
      run: async ({ open }) => {
        const store = await open();
        for (const key of ['a', 'b', 'c']) await store.updateState(withKill(key), why);
        const paths = (await store.history({ limit: 2 })).map(({ difference }) => difference[0]?.path);
        assert.deepEqual(paths, ['state.kills.c', 'state.kills.b']);
        assert.equal((await store.history({ limit: 1_000 })).length, 3);
      },
    },
    {
      name: 'tells of flags that came and went, and of what was there before',
      run: async ({ open }) => {
        const store = await open();
        await store.update(withFlag('fresh', { rollout: 1 }), why);
        await store.update(withFlag('fresh', { rollout: 2 }), why);
        await store.update(withoutFlag('fresh'), why);
        assert.deepEqual(
          (await store.history()).flatMap(({ difference }) => difference),
          [
            { path: 'flags.fresh', before: { rollout: 2 } },
            { path: 'flags.fresh.rollout', before: 1, after: 2 },
            { path: 'flags.fresh', after: { rollout: 1 } },
          ],
        );
      },
    },
    {
      name: 'has one entry for a change of both, and tells of the state too',
      run: async ({ open }) => {
        const store = await open();
        await store.updateState(withKill('payments'), why);
        await store.update(withFlag('payments', { kind: 'operational', rollout: 5 }), {
          ...why,
          state: withoutKill('payments'),
        });
        const [newest, ...others] = await store.history();
        assert.equal(others.length, 1);
        assert.deepEqual(newest?.difference.map(({ path }) => path).toSorted(), [
          'flags.payments.rollout',
          'state.kills.payments',
        ]);
        assert.ok(newest.difference.some(({ before, after }) => before !== undefined && after === undefined));
      },
    },
    {
      name: 'has no entry for what changed nothing, was refused, or came too late',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const { version: expectedVersion } = await store.load();
        await store.update((document) => ({ ...document }), why);
        await store.updateState((state) => state, why);
        await rejection(store.update(() => undefined as never, why));
        await other.updateState(withKill('payments'), why);
        await rejection(store.updateState(withKill('late'), { ...why, expectedVersion }));
        assert.equal((await store.history()).length, 1);
      },
    },
    {
      name: 'has an entry for each of many changes at once, with the version that it made',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const stored = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            (index % 2 === 0 ? store : other).updateState(withKill(`flag-${index}`), why),
          ),
        );
        const changes = await store.history({ limit: 1_000 });
        const made = stored.map(({ version }) => version);
        assert.equal(new Set(made).size, 20);
        assert.deepEqual(changes.map(({ version }) => version).toSorted(), made.toSorted());
      },
    },
    {
      name: 'tells evidence in the history, and in a version of its own, though nothing is different',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const before = await store.load();
        const evidence = [{ path: 'breakers.payments', after: { calls: 20, failed: 12, trippedBy: 'host:1' } }];
        const stored = await store.updateState((state) => state, { ...why, evidence });
        assert.equal(compareVersions(stored.version, before.version), 'newer');
        assert.deepEqual(stored.state, before.state);
        const [entry] = await other.history();
        assert.deepEqual(entry?.difference, evidence);
        assert.equal(entry.version, stored.version);
      },
    },
    {
      name: 'tells evidence beside what is different',
      run: async ({ openTwo }) => {
        const { store, other } = await openTwo();
        const evidence = [{ path: 'breakers.payments', after: { calls: 20 } }];
        await store.updateState(withKill('payments'), { ...why, evidence });
        const [entry] = await other.history();
        assert.deepEqual(
          entry?.difference.map(({ path }) => path),
          ['state.kills.payments', 'breakers.payments'],
        );
      },
    },
  ],
};
