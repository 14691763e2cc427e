import { describe, expect, it } from 'vitest';
import { withPrometheus } from '../observability/prometheus.js';
import { needs } from '../stores/postgres/with-postgres.js';
import { Shop } from './shop.js';

const stages = [{ percentage: 10, minutes: 0.2 }, { percentage: 50, minutes: 0.2 }, { percentage: 100 }];

const rollout = { stages, checks: { minimumRequests: 20 } };

const ana = { by: 'ana', reason: 'test' };

withPrometheus(() => {
  if (needs('initdb')) return;
  describe.concurrent('three services on PostgreSQL, watched by a Prometheus', { timeout: 300_000 }, () => {
    it('take a good version to everybody, and a bad one back to nobody, though another flag is killed meanwhile', async () => {
      const shop = await Shop.open({ version: 1, flags: { good: { rollout }, bad: { rollout }, other: {} } });
      try {
        await shop.until(({ rollouts }) => rollouts['good']?.status === 'running');
        await shop.elsewhere((halyard) => halyard.kill('other', ana));
        await shop.until(({ rollouts }) => rollouts['bad']?.status === 'rolled-back' && rollouts['bad'].usersIn === 0);
        await shop.until(
          ({ rollouts }) => rollouts['good']?.status === 'completed' && rollouts['good'].usersIn === 500,
        );
        const decisions = (await shop.history()).filter(({ by }) => by === 'halyard').map(({ reason }) => reason);
        const ofGood = decisions.filter((reason) => reason.startsWith('good'));
        // Three controllers, and each decision once.
        expect(ofGood.map((reason) => /started|promoted|completed|rolled back/.exec(reason)?.[0])).toEqual([
          'started',
          'promoted',
          'completed',
        ]);
        expect(decisions.filter((reason) => reason.startsWith('bad rolled back'))).toEqual([
          expect.stringContaining('maxErrorRateIncrease fails: measured'),
        ]);
        expect(shop.unanswered).toBe(0);
      } finally {
        await shop.close();
      }
    });

    it('hold while Prometheus is away, and go on when it is back', async () => {
      const shop = await Shop.open({ version: 1, flags: { good: { rollout } } });
      try {
        await shop.until(({ rollouts }) => rollouts['good']?.percentage === 50);
        await shop.stopPrometheus();
        const leader = await shop.leader();
        await expect
          .poll(async () => (await leader.state()).rollouts['good']?.reason, { timeout: 60_000 })
          .toMatch(/Prometheus/);
        await expect.poll(async () => (await leader.state()).notices, { timeout: 60_000 }).toContain('good: alarm');
        expect((await leader.state()).rollouts['good']?.percentage).toBe(50);
        await shop.startPrometheus();
        await shop.until(({ rollouts }) => rollouts['good']?.status === 'completed');
      } finally {
        await shop.close();
      }
    });

    it('go on under another leader when the first is killed half way, and refuse one that slept', async () => {
      const shop = await Shop.open({ version: 1, flags: { good: { rollout } } });
      try {
        await shop.until(({ rollouts }) => rollouts['good']?.status === 'running');
        await shop.kill(await shop.leader());
        await shop.until(({ rollouts }) => rollouts['good']?.percentage === 50);
        const sleeper = await shop.leader();
        sleeper.pause();
        const [awake] = shop.services.filter((service) => service !== sleeper);
        await expect.poll(async () => (await awake?.state())?.isLeading, { timeout: 60_000 }).toBe(true);
        sleeper.resume();
        await shop.until(({ rollouts }) => rollouts['good']?.status === 'completed');
        expect(await shop.leader()).toBe(awake);
        const decisions = (await shop.history()).filter(({ by }) => by === 'halyard');
        expect(decisions).toHaveLength(3);
      } finally {
        await shop.close();
      }
    });
  });
});
