import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EVALUATIONS, scrape } from '../telemetry/scrape.js';
import {
  dashboardExpressions,
  type Expression,
  observabilityPath,
  readDashboard,
  readmeExpressions,
  ruleExpressions,
} from './observability-files.js';
import { type OpenShop, openShop } from './open-shop.js';
import { Prometheus, withPrometheus } from './prometheus.js';

/** How long Prometheus may take to see what there is: many of its scrapes, on a machine that does much else. */
const patience = { timeout: 60_000, interval: 250 };

/** What a shop that opened a moment ago can't show yet, and why. */
const empty: Readonly<Record<string, string>> = {
  'Breakers that opened': 'no flag of the shop has a breaker',
  'Rolled out to everyone for 30 days': 'the shop is younger',
  'Evaluated by nobody for 30 days': 'the shop is younger',
};

const expressions: readonly Expression[] = dashboardExpressions(readDashboard());
const shown = expressions.filter(({ where }) => !(where in empty));

withPrometheus(() => {
  describe('a Prometheus that scrapes the example shop', { timeout: 120_000 }, () => {
    let shop: OpenShop;
    let prometheus: Prometheus;
    const opened = Date.now();

    beforeAll(async () => {
      shop = await openShop();
      await visit(shop, 0);
      shop.halyard.boolean('no-such-flag', false);
      await shop.request('POST', '/admin/payments/kill', 'ana');
      prometheus = await Prometheus.start({
        global: { scrape_interval: '250ms', scrape_timeout: '250ms', evaluation_interval: '250ms' },
        rule_files: [observabilityPath('alerts.yaml')],
        scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [shop.address] }] }],
      });
      await vi.waitUntil(async () => (await prometheus.query('up == 1')).length > 0, patience);
      // What happens between two scrapes is what a rate is made of.
      await visit(shop, 1);
      shop.halyard.boolean('no-such-flag', false);
      expect(await shop.request('POST', '/pay')).toBe(503);
    }, 120_000);

    afterAll(async () => {
      await prometheus.close();
      await shop.close();
    });

    it.each(shown.map(({ where, text }) => [where, text] as const))('has data for: %s', async (_where, text) => {
      const hasData = async (): Promise<boolean> => (await prometheus.numbersSince(opened, text)).length > 0;
      await vi.waitUntil(hasData, patience);
    });

    it.each(Object.entries(empty))('understands the expression of: %s (nothing to show: %s)', async (title) => {
      for (const { text } of expressions.filter(({ where }) => where === title)) {
        expect(await prometheus.query(text)).toEqual([]);
      }
    });

    it.each([...ruleExpressions(), ...readmeExpressions()].map(({ where, text }) => [where, text] as const))(
      'understands %s',
      async (_where, text) => {
        await expect(prometheus.query(text)).resolves.toBeInstanceOf(Array);
      },
    );

    it('counts what the shop counted', async () => {
      const counted = Object.values(await scrape(shop.registry, EVALUATIONS)).reduce((sum, value) => sum + value, 0);
      expect(counted).toBeGreaterThan(500);
      const seen = async (): Promise<boolean> => {
        const [sum] = await prometheus.query('sum(feature_flag_evaluations_total{job="shop"})');
        return sum?.value === counted;
      };
      await vi.waitUntil(seen, patience);
    });

    it('sees requests of both sides of a rollout, and blames a blocked one on nobody', async () => {
      const assignments = await prometheus.query(
        'count by (assignment) (feature_flag_request_duration_seconds_count{flag_key="new-checkout"})',
      );
      expect(assignments.map(({ metric }) => metric['assignment'])).toEqual(expect.arrayContaining(['in', 'out']));
      expect(await prometheus.query('feature_flag_request_duration_seconds_count{outcome="server_error"}')).toEqual([]);
    });

    it('fires the alert of the kill switch that blocks, and no other', async () => {
      const firing = async (): Promise<readonly Alert[]> => {
        const { alerts } = await prometheus.get<{ readonly alerts: readonly Alert[] }>('alerts');
        return alerts.filter(({ state }) => state === 'firing');
      };
      await vi.waitUntil(async () => (await firing()).length > 0, patience);
      expect(await firing()).toMatchObject([
        {
          labels: { alertname: 'HalyardKillSwitchBlocking', flag_key: 'payments', job: 'shop', severity: 'warning' },
          annotations: {
            summary: 'payments is off, and requests are answered with 503 or the fallback',
            description: 'Requests that the kill switch payments of shop answered itself in five minutes: about 1.',
          },
        },
      ]);
    });

    it('evaluates every rule without a failure', async () => {
      const { groups } = await prometheus.get<{ readonly groups: readonly RuleGroup[] }>('rules');
      const failed = groups.flatMap(({ rules }) => rules).filter(({ lastError }) => lastError !== undefined);
      expect(groups.length).toBeGreaterThan(0);
      expect(failed).toEqual([]);
    });
  });
});

interface Alert {
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RuleGroup {
  readonly rules: readonly { readonly name: string; readonly lastError?: string }[];
}

/** Fifty customers look around, at two pages each. */
async function visit(shop: OpenShop, time: number): Promise<void> {
  for (let customer = 0; customer < 50; customer += 1) {
    const user = `customer-${time}-${customer}`;
    await shop.request('GET', '/checkout', user);
    await shop.request('GET', '/products', user);
  }
}
