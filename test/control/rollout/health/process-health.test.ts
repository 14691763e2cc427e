import { createHalyard, type FlagDocument, type HealthQuestion, memoryStore, processHealth } from 'halyard';
import { afterEach, describe, expect, it } from 'vitest';
import { judge } from '../../../../src/control/rollout/judge/judge.js';
import type { MeasuredObservations } from '../../../../src/control/rollout/judge/observations.js';
import { failuresOf, requestsOf } from '../../../../src/control/rollout/judge/observations.js';
import { parseFlagDocument } from '../../../../src/flags/parse-flag-document.js';
import { startRollout } from '../../../../src/flags/rollout-progress.js';
import { watchedRolloutOf } from '../../../../src/flags/watched-rollout.js';
import { quietLogger } from '../../../telemetry/quiet-logger.js';
import { startService, type WatchedService } from './watched-service.js';

const document: FlagDocument = {
  version: 1,
  flags: {
    checkout: {
      rollout: { stages: [{ percentage: 50, hours: 1 }, { percentage: 100 }], checks: { maxErrorRate: 0.1 } },
    },
    plain: { rollout: 50 },
  },
};
const { schedule, seed } = watchedRolloutOf(parseFlagDocument(document).flags.get('checkout'))!;
const { checks } = schedule;

const inside = 'user-4';
const outside = 'user-0';
const MINUTE = 60_000;

describe('processHealth', () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  /** Without a registry: the process's own counts need none. */
  async function start(): Promise<WatchedService> {
    const service = await startService(document, { registry: undefined });
    endings.push(() => service.close());
    return service;
  }

  const question = (minutes: number, more: Partial<HealthQuestion> = {}): HealthQuestion => ({
    flagKey: 'checkout',
    since: 0,
    now: minutes * MINUTE,
    windowMs: MINUTE,
    checks,
    ...more,
  });

  const numbersOf = ({ from, until, stage, window }: MeasuredObservations) => ({
    from: from / MINUTE,
    until: until / MINUTE,
    stage: [requestsOf(stage.in), failuresOf(stage.in), requestsOf(stage.out), failuresOf(stage.out)],
    window: [requestsOf(window.in), failuresOf(window.in), requestsOf(window.out), failuresOf(window.out)],
  });

  it('counts a stage from the first look at it, and windows from look to look', async () => {
    const service = await start();
    const source = processHealth(service.halyard);
    const look = async (minutes: number) => numbersOf((await source.look(question(minutes))) as MeasuredObservations);
    await service.visit({ unit: inside, status: 500 });
    // Nothing is whole yet, and what came before is not known to belong to the stage.
    expect(await look(0.5)).toEqual({ from: 0, until: 0, stage: [0, 0, 0, 0], window: [0, 0, 0, 0] });
    await service.visit({ unit: inside });
    await service.visit({ unit: outside, status: 500 });
    expect(await look(1.4)).toMatchObject({ until: 0 });
    expect(await look(1.5)).toEqual({ from: 0.5, until: 1.5, stage: [1, 0, 1, 1], window: [1, 0, 1, 1] });
    await service.visit({ unit: inside, status: 500 });
    expect(await look(2.4)).toMatchObject({ until: 1.5, stage: [1, 0, 1, 1] });
    expect(await look(2.6)).toEqual({ from: 0.5, until: 2.5, stage: [2, 1, 1, 1], window: [1, 1, 0, 0] });
  });

  it('begins anew with every stage', async () => {
    const service = await start();
    const source = processHealth(service.halyard);
    await source.look(question(0));
    await service.visit({ unit: inside });
    await source.look(question(1));
    await source.look(question(2, { since: 1.5 * MINUTE }));
    await service.visit({ unit: outside });
    const observed = await source.look(question(3, { since: 1.5 * MINUTE }));
    expect(numbersOf(observed as MeasuredObservations)).toMatchObject({ from: 2, until: 3, stage: [0, 0, 1, 0] });
  });

  it('has durations in the buckets of the request metrics', async () => {
    const service = await startService(document, { requestMetrics: { buckets: [0.000_001, 30] } });
    endings.push(() => service.close());
    const source = processHealth(service.halyard);
    await source.look(question(0));
    await service.visit({ unit: inside });
    const { stage } = (await source.look(question(1))) as MeasuredObservations;
    expect(stage.in.durations).toEqual({ bounds: [0.000_001, 30], counts: [0, 1, 0] });
    expect(stage.out.durations).toEqual({ bounds: [0.000_001, 30], counts: [0, 0, 0] });
  });

  it('gives the judge what it needs: a rollout that breaks requests goes back', async () => {
    const service = await start();
    const source = processHealth(service.halyard);
    let progress = judge(schedule, startRollout(seed, 'ana', 0), await source.look(question(0)), 0).progress;
    const actions: string[] = [];
    for (let minute = 1; minute <= 4 && progress.status === 'running'; minute += 1) {
      for (let unit = 0; unit < 120; unit += 1) {
        const isIn = service.halyard.boolean('checkout', false, { targetingKey: `user-${unit}` });
        await service.visit({ unit: `user-${unit}`, status: isIn ? 500 : 200 });
      }
      const { action, progress: after } = judge(
        schedule,
        progress,
        await source.look(question(minute)),
        minute * MINUTE,
      );
      actions.push(action);
      progress = after;
    }
    expect(actions).toEqual(['hold', 'hold', 'rollback']);
  });

  it('says that it answers no queries, and which flag it does not watch', async () => {
    const { halyard } = await start();
    const source = processHealth(halyard);
    const queries = [{ name: 'queue', query: 'max(queue)', above: 1, below: undefined }];
    await source.look(question(0));
    const observed = (await source.look(question(1, { checks: { ...checks, queries } }))) as MeasuredObservations;
    expect(observed.queries.get('queue')).toEqual({
      error: expect.stringContaining('Take prometheusHealth') as string,
    });
    expect(await source.look(question(1.5, { flagKey: 'plain' }))).toEqual({
      type: 'failed',
      until: MINUTE,
      error: 'this process has no flag "plain" with a watched rollout. Does it follow the same store?',
    });
  });

  it('wants a Halyard', async () => {
    const making = createHalyard({ store: memoryStore(document), logger: quietLogger });
    expect(() => processHealth(making as never)).toThrow('processHealth: expected the Halyard that createHalyard()');
    await (await making).close();
  });
});
