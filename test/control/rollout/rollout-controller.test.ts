import { afterEach, describe, expect, it } from 'vitest';
import { startRollout } from '../../../src/flags/rollout-progress.js';
import {
  createHalyard,
  createRolloutController,
  type FlagDocument,
  type Halyard,
  type Logger,
  type MemoryStore,
  memoryStore,
  type RolloutController,
  type RolloutControllerOptions,
  type RolloutNotice,
} from 'halyard';
import { createDeferred } from '../deferred.js';
import { MadeUpHealth } from './made-up-health.js';

const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const MINUTE = 60_000;
const start = Date.parse('2027-01-10T09:00:00Z');
const ana = { by: 'ana', reason: 'because' };

const stages = [{ percentage: 1, minutes: 10 }, { percentage: 10, minutes: 10 }, { percentage: 100 }];

const documentOf = (rollout: object = {}, more: object = {}): FlagDocument => ({
  version: 1,
  flags: { checkout: { owner: 'shop', rollout: { stages, checks: {}, ...rollout }, ...more }, other: {} },
});

const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

interface Scene {
  readonly store: MemoryStore;
  readonly halyard: Halyard;
  readonly controller: RolloutController;
  readonly health: MadeUpHealth;
  readonly notices: RolloutNotice[];
  /** Lets minutes pass, with a look at each. */
  readonly pass: (minutes: number) => Promise<void>;
  readonly percentage: () => number;
  readonly now: () => number;
}

async function openScene(
  document: FlagDocument = documentOf(),
  options: Partial<RolloutControllerOptions> = {},
  logger: Logger = quiet,
): Promise<Scene> {
  let now = start;
  const store = memoryStore(document);
  const halyard = await createHalyard({ store, clock: { now: () => now }, logger });
  const health = new MadeUpHealth();
  const notices: RolloutNotice[] = [];
  const notify = (notice: RolloutNotice): void => void notices.push(notice);
  const controller = createRolloutController(halyard, { health, notify, leaseSeconds: false, ...options });
  open.push(halyard, controller);
  const pass = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute += 1) {
      now += MINUTE;
      await controller.look();
    }
  };
  await controller.look();
  const percentage = (): number => halyard.rollouts()[0]?.percentage ?? -1;
  return { store, halyard, controller, health, notices, pass, percentage, now: () => now };
}

const typesOf = (notices: readonly RolloutNotice[]): readonly string[] => notices.map(({ type }) => type);

describe('a controller', () => {
  it('takes a healthy rollout from stage to stage until everybody is in', async () => {
    const { halyard, notices, pass, percentage, store } = await openScene();
    const shares = [percentage()];
    for (let minute = 0; minute < 21; minute += 1) {
      await pass(1);
      shares.push(percentage());
    }
    expect(shares).toEqual([...Array<number>(10).fill(1), ...Array<number>(10).fill(10), 100, 100]);
    expect(halyard.rollouts()).toMatchObject([{ flagKey: 'checkout', status: 'completed', stages: [1, 10, 100] }]);
    expect(typesOf(notices)).toEqual(['start', 'promote', 'complete']);
    const history = await store.history();
    expect(history.map(({ by }) => by)).toEqual(['halyard', 'halyard', 'halyard']);
    expect(history[1]?.reason).toContain('checkout promoted from 1 % to 10 %: stage 1 passed.');
    expect(history[1]?.reason).toContain('maxErrorRateIncrease holds: measured 0 points');
    expect(halyard.boolean('checkout', false, { targetingKey: 'anybody' })).toBe(true);
  });

  it('rolls back a harmful one at the look that shows it, with the numbers', async () => {
    const { halyard, health, notices, pass, percentage, store } = await openScene();
    await pass(11);
    expect(percentage()).toBe(10);
    health.in = { requests: 1_600, errorRate: 0.05 };
    await pass(2);
    expect(percentage()).toBe(0);
    expect(halyard.rollouts()[0]).toMatchObject({
      status: 'rolled-back',
      progress: { stage: 1, by: 'halyard', reason: expect.stringContaining('maxErrorRateIncrease fails') as string },
      decision: { action: 'rollback', from: 10, to: 0 },
    });
    expect(notices.at(-1)).toMatchObject({ type: 'rollback', flagKey: 'checkout' });
    expect(notices.at(-1)?.text).toMatch(
      /^checkout rolled back from 10 % to 0 %: maxErrorRateIncrease fails: measured/,
    );
    expect((await store.history())[0]?.difference).toMatchObject([{ path: 'state.rollouts.checkout' }]);
    await pass(100);
    expect(percentage()).toBe(0);
  });

  it('does not write what is no news', async () => {
    const { store, pass } = await openScene();
    const { version } = await store.load();
    await pass(9);
    expect((await store.load()).version).toBe(version);
  });

  it('counts failed limits across controllers, and rolls back at the limit', async () => {
    const { halyard, health, pass, percentage, notices } = await openScene(
      documentOf({ checks: { maxErrorRate: 0.01, failureLimit: 3 } }),
    );
    health.in = { requests: 1_600, errorRate: 0.2 };
    await pass(2);
    expect(halyard.rollouts()[0]?.progress).toMatchObject({ failures: new Map([['maxErrorRate', 2]]) });
    const second = createRolloutController(halyard, { health, leaseSeconds: false });
    open.push(second);
    await pass(0);
    expect(percentage()).toBe(1);
    await pass(1);
    expect(percentage()).toBe(0);
    expect(notices.at(-1)?.text).toContain('maxErrorRate fails');
  });

  it('holds while nothing can be measured, and calls for a person after five looks', async () => {
    const { health, notices, pass, percentage, halyard } = await openScene();
    health.failure = 'Prometheus is down';
    await pass(61);
    expect(percentage()).toBe(1);
    expect(halyard.rollouts()[0]?.decision).toMatchObject({ action: 'hold', reason: 'Prometheus is down' });
    expect(typesOf(notices)).toEqual(['start', 'alarm', 'hold']);
    expect(notices[1]?.text).toBe('checkout: 5 measurements in a row failed, the last with: Prometheus is down.');
    health.failure = undefined;
    await pass(1);
    expect(percentage()).toBe(10);
  });

  it('tells once that it has held for long', async () => {
    const { health, notices, pass } = await openScene(documentOf({ checks: { minimumRequests: 1e6 } }), {
      holdMinutes: 5,
    });
    health.in = { requests: 160 };
    // A sample that is small is no trouble until the stage's ten minutes are over.
    await pass(14);
    expect(typesOf(notices)).toEqual(['start']);
    await pass(20);
    expect(typesOf(notices)).toEqual(['start', 'hold']);
    expect(notices[1]?.text).toContain('For 5 minutes now: checkout held at 1 %: the sample is too small.');
  });

  it('tells the log, too, what a person should know', async () => {
    const lines: string[] = [];
    const line =
      (level: string) =>
      (_fields: object, text: string): void =>
        void lines.push(`${level}: ${text}`);
    const logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
    const { health, pass, halyard } = await openScene(documentOf(), { notify: [], holdMinutes: 5 }, logger);
    health.failure = 'Is it up?';
    await pass(15);
    await halyard.rollout('checkout').rollBack({ by: 'ana', reason: 'customers complain' });
    expect(lines.filter((text) => text.includes('checkout'))).toEqual([
      'info: checkout started at 1 %: it had not begun.',
      'warn: checkout: 5 measurements in a row failed, the last with: Is it up?',
      'warn: For 5 minutes now: checkout held at 1 %: Is it up?',
      'info: ana changed the rollout of checkout: it is rolled back, at 0 %: customers complain.',
    ]);
  });

  it('asks only for data since the stage began', async () => {
    const { health, pass } = await openScene();
    await pass(12);
    expect(new Set(health.asked.map(({ since }) => (since - start) / MINUTE))).toEqual(new Set([0, 10]));
    expect(health.asked.every(({ windowMs, flagKey }) => windowMs === MINUTE && flagKey === 'checkout')).toBe(true);
  });

  it('waits for the start that is written', async () => {
    const { pass, percentage, halyard } = await openScene(
      documentOf({ start: new Date(start + 5 * MINUTE).toISOString() }),
    );
    await pass(4);
    expect([percentage(), halyard.rollouts()[0]?.status]).toEqual([0, 'waiting']);
    await pass(1);
    expect([percentage(), halyard.rollouts()[0]?.status]).toEqual([1, 'running']);
  });

  it('leaves a flag alone that is killed, and begins its stage again afterwards', async () => {
    const { halyard, health, pass, percentage, notices } = await openScene(
      documentOf({ checks: { onNoData: 'rollback', noDataGraceMinutes: 5 } }),
    );
    await pass(3);
    await halyard.kill('checkout', ana);
    health.in = { requests: 0 };
    await pass(30);
    expect(halyard.rollouts()[0]).toMatchObject({ status: 'off', percentage: 0 });
    await halyard.restore('checkout', ana);
    await pass(2);
    expect(percentage()).toBe(1);
    health.in = { requests: 1_600 };
    // Its stage takes its ten minutes again.
    await pass(8);
    expect(percentage()).toBe(1);
    await pass(1);
    expect(percentage()).toBe(10);
    expect(typesOf(notices)).toEqual(['start', 'promote']);
  });

  it('begins a stage again whose flag was killed for long, and takes that for no hold', async () => {
    const { halyard, pass, notices } = await openScene();
    await pass(3);
    await halyard.kill('checkout', ana);
    await pass(120);
    await halyard.restore('checkout', ana);
    await pass(3);
    expect(typesOf(notices)).toEqual(['start']);
  });

  it.each([
    ['is gone', {}],
    ['has a fixed share', { checkout: { owner: 'shop', rollout: 5 } }],
  ])('begins its stage again after a time in which the flag %s', async (_, meanwhile) => {
    const { store, halyard, pass, percentage, notices } = await openScene();
    await pass(3);
    await store.update((document) => ({ ...document, flags: meanwhile }), ana);
    await halyard.refresh();
    expect(halyard.rollouts()).toEqual([]);
    await pass(30);
    await store.update(() => documentOf(), ana);
    await halyard.refresh();
    await pass(10);
    expect(percentage()).toBe(1);
    await pass(1);
    expect(percentage()).toBe(10);
    expect(typesOf(notices)).toEqual(['start', 'promote']);
  });

  it('goes back for want of data only after its grace, where it is told to', async () => {
    const { health, pass, percentage } = await openScene(
      documentOf({ checks: { onNoData: 'rollback', noDataGraceMinutes: 5 } }),
    );
    health.in = { requests: 0 };
    await pass(4);
    expect(percentage()).toBe(1);
    await pass(2);
    expect(percentage()).toBe(0);
  });

  it('passes stages that nothing can be measured in, as long as it was away', async () => {
    const plan = [
      { percentage: 0, minutes: 5 },
      { percentage: 0, minutes: 5 },
      { percentage: 1, minutes: 5 },
      { percentage: 100 },
    ];
    const { store, halyard, health, pass, percentage } = await openScene(documentOf({ stages: plan }));
    await pass(1);
    expect(percentage()).toBe(0);
    for (let minute = 0; minute < 20; minute += 1) await Promise.resolve();
    await pass(10);
    expect([percentage(), health.asked.length]).toEqual([1, expect.any(Number)]);
    expect(halyard.rollouts()[0]?.progress).toMatchObject({ stage: 2 });
    expect(await store.history()).toHaveLength(3);
  });

  it('leaves a decision to whoever was faster', async () => {
    const { halyard, health, pass, percentage, notices } = await openScene();
    await pass(9);
    health.meanwhile = async () => {
      health.meanwhile = () => undefined;
      await halyard.rollout('checkout').pause(ana);
    };
    await pass(1);
    expect(halyard.rollouts()[0]?.status).toBe('paused');
    await pass(10);
    expect(percentage()).toBe(1);
    expect(typesOf(notices)).toEqual(['start', 'changed']);
  });

  it('is not disturbed by other changes of the store meanwhile', async () => {
    const { halyard, health, pass, percentage } = await openScene();
    await pass(9);
    health.meanwhile = () => halyard.kill('other', ana);
    await pass(1);
    expect(percentage()).toBe(10);
    expect(halyard.boolean('other', true)).toBe(false);
  });

  it('begins anew when the rollout gets another seed', async () => {
    const { halyard, pass, percentage } = await openScene();
    await pass(11);
    expect(percentage()).toBe(10);
    await halyard.rollout('checkout').restart({ ...ana, seed: 'second', stage: 2 });
    expect(percentage()).toBe(10);
    expect(halyard.rollouts()[0]?.progress).toMatchObject({ seed: 'second', stage: 1, by: 'ana' });
  });

  it('says what it would do, and does nothing, in a dry run', async () => {
    const { store, health, notices, pass, percentage } = await openScene(documentOf(), { dryRun: true });
    await pass(12);
    expect(percentage()).toBe(1);
    health.in = { requests: 1_600, errorRate: 0.3 };
    await pass(3);
    expect(percentage()).toBe(1);
    expect(await store.history()).toEqual([]);
    expect(notices.map(({ text }) => text.slice(0, 55))).toEqual([
      'checkout would have been promoted from 1 % to 10 %: sta',
      'checkout would have been rolled back from 1 % to 0 %: m',
    ]);
    expect(notices.every(({ decision }) => decision?.isDryRun)).toBe(true);
  });

  it('takes an outage of its measurements for no lack of data', async () => {
    const { health, pass, percentage } = await openScene(
      documentOf({ checks: { onNoData: 'rollback', noDataGraceMinutes: 5 } }),
    );
    await pass(3);
    health.failure = 'Prometheus is down';
    await pass(15);
    health.failure = undefined;
    health.in = { requests: 0 };
    await pass(4);
    expect(percentage()).toBe(1);
    await pass(2);
    expect(percentage()).toBe(0);
  });

  it('lets nobody in by an edit of the stages under way, and says so', async () => {
    const { store, halyard, pass, percentage } = await openScene();
    await pass(11);
    expect(percentage()).toBe(10);
    const [, , last] = stages;
    await store.update(() => documentOf({ stages: [stages[1], last] }), ana);
    expect(percentage()).toBe(10);
    await pass(20);
    expect(percentage()).toBe(10);
    expect(halyard.rollouts()[0]?.decision?.reason).toBe(
      'stage 2 has 100 % in the document by now, and 10 % are served: a person has to say where it goes on',
    );
    expect(await halyard.rollout('checkout').jump({ ...ana, stage: 2 })).toMatchObject({ status: 'completed' });
  });

  it('does nothing by a plan that was changed while it looked', async () => {
    const { store, halyard, health, pass, percentage } = await openScene();
    await pass(9);
    health.meanwhile = async () => {
      health.meanwhile = () => undefined;
      await store.update(() => documentOf({ stages: [stages[0], stages[2]] }), ana);
      await halyard.refresh();
    };
    await pass(1);
    expect(percentage()).toBe(1);
  });

  it('judges again at once when a clock that was wrong is right again', async () => {
    const { store, halyard, pass, percentage, health } = await openScene();
    const ahead = { ...startRollout('checkout', 'halyard', start + 120 * MINUTE), stage: 1, percentage: 10 };
    await store.updateState((state) => ({ ...state, rollouts: new Map([['checkout', ahead]]) }), ana);
    await halyard.refresh();
    await pass(1);
    expect(halyard.rollouts()[0]).toMatchObject({ percentage: 10, progress: { since: start + MINUTE } });
    health.in = { requests: 1_600, errorRate: 0.2 };
    await pass(2);
    expect(percentage()).toBe(0);
  });

  it('tells once that what it decided could not be written, and does it when it can', async () => {
    const { store, health, notices, pass, percentage } = await openScene();
    await pass(2);
    const updateState = store.updateState.bind(store);
    health.in = { requests: 1_600, errorRate: 0.2 };
    store.updateState = () => Promise.reject(new Error('disk full'));
    await pass(3);
    expect(typesOf(notices)).toEqual(['start', 'alarm']);
    expect(notices[1]?.text).toMatch(
      /^This could not be written, and is tried again: checkout rolled back .* disk full$/,
    );
    store.updateState = updateState;
    await pass(1);
    expect(percentage()).toBe(0);
  });

  it('forgets what was reached when a person sets the share', async () => {
    const { halyard, store, pass, percentage } = await openScene();
    await pass(11);
    await halyard.kill('checkout', ana);
    await halyard.restore('checkout', { ...ana, rollout: 5 });
    expect((await store.load()).state.rollouts.size).toBe(0);
    await store.update(() => documentOf(), ana);
    await pass(1);
    expect(percentage()).toBe(1);
  });

  it('goes on with the others when one can not be looked at', async () => {
    const rollout = { stages, checks: {} };
    const { halyard, health, pass } = await openScene({ version: 1, flags: { a: { rollout }, b: { rollout } } });
    health.meanwhile = () => {
      if (health.asked.at(-1)?.flagKey === 'a') throw new Error('broken');
    };
    await pass(10);
    expect(halyard.rollouts().map(({ flagKey, percentage }) => [flagKey, percentage])).toEqual([
      ['a', 1],
      ['b', 10],
    ]);
  });

  it('survives whoever is told and throws', async () => {
    const notify = [
      () => Promise.reject(new Error('no network')),
      () => {
        throw new Error('broken');
      },
    ];
    const { pass, percentage } = await openScene(documentOf(), { notify });
    await pass(10);
    expect(percentage()).toBe(10);
  });

  it('ends with its Halyard', async () => {
    const { halyard, controller, health } = await openScene();
    controller.start();
    await halyard.close();
    const asked = health.asked.length;
    expect(await controller.look()).toEqual([]);
    expect(health.asked).toHaveLength(asked);
  });

  it.each<[string, object]>([
    ['`health`', {}],
    ['`intervalSeconds`', { health: new MadeUpHealth(), intervalSeconds: 0 }],
    ['`intervalSecond`', { health: new MadeUpHealth(), intervalSecond: 5 }],
    ['`leaseSeconds`', { health: new MadeUpHealth(), leaseSeconds: 1 }],
  ])('names the option that is wrong: %s', async (name, options) => {
    const { halyard } = await openScene();
    expect(() => createRolloutController(halyard, options as RolloutControllerOptions)).toThrow(name);
  });
});

describe('controllers of one store', () => {
  const two = { version: 1, flags: { a: { rollout: { stages, checks: {} } }, b: { rollout: { stages, checks: {} } } } };

  /** Several processes, which share a store and a clock. */
  async function openFleet(count: number, options: Partial<RolloutControllerOptions> = {}) {
    let now = start;
    const store = memoryStore(two as FlagDocument);
    const holders: string[] = [];
    const take = store.leases!.take.bind(store.leases);
    store.leases!.take = (name, holder, forMs) => {
      holders.push(holder);
      return take(name, holder, forMs);
    };
    const instances = await Promise.all(
      Array.from({ length: count }, async () => {
        const halyard = await createHalyard({ store, clock: { now: () => now }, logger: quiet, fleet: false });
        const health = new MadeUpHealth();
        const notices: RolloutNotice[] = [];
        const notify = (notice: RolloutNotice): void => void notices.push(notice);
        const controller = createRolloutController(halyard, { health, notify, instance: 'shop', ...options });
        open.push(halyard, controller);
        return { halyard, health, notices, controller, holder: () => holders[0]! };
      }),
    );
    const pass = async (minutes: number): Promise<void> => {
      for (let minute = 0; minute < minutes; minute += 1) {
        now += MINUTE;
        for (const { controller } of instances) await controller.look();
      }
    };
    for (const { controller } of instances) await controller.look();
    return { store, instances, pass };
  }

  it('decide each thing once, also if people call all of them the same', async () => {
    const { store, instances, pass } = await openFleet(3);
    await pass(11);
    expect(instances.map(({ controller }) => controller.isLeading)).toEqual([true, false, false]);
    expect((await store.history()).filter(({ reason }) => reason.includes('promoted'))).toHaveLength(2);
    expect(instances.map(({ notices }) => notices.length)).toEqual([4, 0, 0]);
  });

  it('take over from one that is closed', async () => {
    const { instances, pass } = await openFleet(2);
    await instances[0]?.controller.close();
    await pass(11);
    expect(instances[1]?.controller.isLeading).toBe(true);
    expect(instances[1]?.halyard.rollouts().map(({ percentage }) => percentage)).toEqual([10, 10]);
  });

  it('give back a lease that is being renewed while they are closed', async () => {
    const { store, instances } = await openFleet(1, { leaseSeconds: 3 });
    const { controller, health } = instances[0]!;
    const take = store.leases!.take.bind(store.leases);
    const [asked, answered] = [createDeferred(), createDeferred()];
    health.meanwhile = async () => {
      store.leases!.take = async (...request) => {
        asked.resolve();
        await answered.promise;
        return await take(...request);
      };
      await asked.promise;
    };
    const looking = controller.look();
    await asked.promise;
    const closing = controller.close();
    await looking;
    await new Promise((resolve) => setImmediate(resolve));
    answered.resolve();
    await closing;
    expect(await take('rollouts', 'another', 60_000)).toBeDefined();
  });

  it('have given their lease back when they are closed, however often that is asked', async () => {
    const { store, instances } = await openFleet(1);
    const { controller, halyard } = instances[0]!;
    const release = store.leases!.release.bind(store.leases);
    store.leases!.release = async (lease) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await release(lease);
    };
    void controller.close();
    await Promise.race([controller.close(), halyard.close()]);
    expect(await store.leases!.take('rollouts', 'another', 60_000)).toBeDefined();
  });

  it('write nothing after another has taken over, for none of their rollouts', async () => {
    const { store, instances, pass } = await openFleet(2);
    const [first] = instances;
    await pass(9);
    const before = (await store.load()).version;
    // While it measures, its lease goes to somebody else, as if it had stood still.
    const lease = await store.leases!.take('rollouts', first!.holder(), 60_000);
    first!.health.meanwhile = async () => {
      first!.health.meanwhile = () => undefined;
      await store.leases!.release(lease!);
      expect(await store.leases!.take('rollouts', 'another', 60_000)).toBeDefined();
    };
    await pass(1);
    expect((await store.load()).version).toBe(before);
  });

  it('tell once of a dry run, however many make it', async () => {
    const { instances, pass } = await openFleet(2, { dryRun: true });
    await pass(11);
    expect(instances.map(({ notices }) => notices.length)).toEqual([2, 0]);
  });
});

describe('a rollout in the hands of a person', () => {
  it('pauses and resumes, and its windows begin anew', async () => {
    const { halyard, health, pass, percentage } = await openScene();
    const rollout = halyard.rollout('checkout');
    expect(await rollout.pause(ana)).toMatchObject({ status: 'paused', percentage: 1 });
    health.in = { requests: 1_600, errorRate: 0.5 };
    await pass(20);
    expect(percentage()).toBe(1);
    health.in = { requests: 1_600 };
    expect(await rollout.resume(ana)).toMatchObject({ status: 'running', percentage: 1 });
    await pass(1);
    expect(percentage()).toBe(10);
  });

  it('waits for an approval, and goes on at once when it has it', async () => {
    const [first, ...rest] = stages;
    const { halyard, store, notices, pass, percentage } = await openScene(
      documentOf({ stages: [{ ...first, approval: true }, ...rest] }),
    );
    await pass(9);
    expect(typesOf(notices)).toEqual(['start']);
    await pass(1);
    expect(notices.at(-1)).toMatchObject({ type: 'approval', decision: { from: 1 } });
    expect(notices.at(-1)?.text).toMatch(/^checkout held at 1 %: the next stage waits for approval\./);
    await pass(20);
    expect(percentage()).toBe(1);
    expect(halyard.rollout('checkout').status.decision?.reason).toBe('the next stage waits for approval');
    await halyard.rollout('checkout').approve(ana);
    await pass(1);
    expect(halyard.rollout('checkout').status).toMatchObject({ percentage: 10, progress: { by: 'halyard' } });
    expect((await store.history())[0]?.reason).toContain('stage 1 passed, approved by ana');
    expect(typesOf(notices)).toEqual(['start', 'approval', 'promote']);
    await expect(halyard.rollout('checkout').approve(ana)).rejects.toThrow('stage 2 needs no approval');
  });

  it('goes on, jumps, goes back and begins again when they say so', async () => {
    const { halyard, store } = await openScene();
    const rollout = halyard.rollout('checkout');
    expect(await rollout.promote(ana)).toMatchObject({ percentage: 10, status: 'running' });
    expect(await rollout.jump({ ...ana, stage: 1 })).toMatchObject({ percentage: 1 });
    expect(await rollout.rollBack(ana)).toMatchObject({ percentage: 0, status: 'rolled-back' });
    expect(await rollout.restart({ ...ana, percentage: 10 })).toMatchObject({ percentage: 10, status: 'running' });
    expect(await rollout.promote(ana)).toMatchObject({ percentage: 100, status: 'completed' });
    const history = await store.history();
    expect(history.slice(0, 5).every(({ by, reason }) => by === 'ana' && reason === 'because')).toBe(true);
  });

  it('rests after a rollback for as long as is written, unless they force it', async () => {
    const { halyard } = await openScene(documentOf({ checks: { cooldownMinutes: 30 } }));
    const rollout = halyard.rollout('checkout');
    await rollout.rollBack(ana);
    await expect(rollout.restart(ana)).rejects.toThrow(
      'The rollout of `checkout` stays where it is: it rests until 2027-01-10T09:30:00.000Z (cooldownMinutes).',
    );
    expect(await rollout.restart({ ...ana, force: true })).toMatchObject({ percentage: 1 });
  });

  it('keeps who was in, unless it gets another seed', async () => {
    const { halyard } = await openScene();
    const rollout = halyard.rollout('checkout');
    const whoIsIn = (): readonly number[] =>
      Array.from({ length: 1_000 }, (_, unit) => unit).filter((unit) =>
        halyard.boolean('checkout', false, { targetingKey: `user-${unit}` }),
      );
    await rollout.jump({ ...ana, stage: 2 });
    const before = whoIsIn();
    await rollout.rollBack(ana);
    expect(whoIsIn()).toEqual([]);
    await rollout.restart({ ...ana, percentage: 10 });
    expect(whoIsIn()).toEqual(before);
    await rollout.restart({ ...ana, percentage: 10, seed: 'another' });
    expect(whoIsIn()).not.toEqual(before);
  });

  it.each<[string, (halyard: Halyard) => Promise<unknown>]>([
    ['No flag has the key `chekout`. Did you mean `checkout`?', (halyard) => halyard.rollout('chekout').pause(ana)],
    [
      'rollout: expected a flag key, found undefined.',
      async (halyard) => await halyard.rollout(undefined as never).pause(ana),
    ],
    ['The flag `other` has no watched rollout', (halyard) => halyard.rollout('other').pause(ana)],
    ['`resume` needs one that is paused, and it is running', (halyard) => halyard.rollout('checkout').resume(ana)],
    [
      'no stage 4. Its stages are 1 to 3: 1 %, 10 %, 100 %',
      (halyard) => halyard.rollout('checkout').jump({ ...ana, stage: 4 }),
    ],
    ['no stage of 7 %', (halyard) => halyard.rollout('checkout').restart({ ...ana, percentage: 7 })],
    [
      'option `by`: expected a text that says who',
      (halyard) => halyard.rollout('checkout').pause({ reason: 'x' } as never),
    ],
    [
      'options `stage` and `percentage`',
      (halyard) => halyard.rollout('checkout').restart({ ...ana, stage: 1, percentage: 1 }),
    ],
  ])('is told what is wrong: %s', async (message, change) => {
    const { halyard } = await openScene();
    await expect(change(halyard)).rejects.toThrow(message);
  });

  it('is heard of on every instance that follows the store', async () => {
    const { halyard } = await openScene();
    const heard: unknown[] = [];
    halyard.on('rollout', ({ flagKey, percentage, progress }) =>
      heard.push([flagKey, percentage, progress.status, progress.by]),
    );
    await halyard.rollout('checkout').promote(ana);
    await halyard.rollout('checkout').rollBack(ana);
    expect(heard).toEqual([
      ['checkout', 10, 'running', 'ana'],
      ['checkout', 0, 'rolled-back', 'ana'],
    ]);
  });
});
