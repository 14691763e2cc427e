import {
  type FlagDocument,
  type HealthQuestion,
  type ObservedArms,
  prometheusHealth,
  type PrometheusHealthOptions,
  type RolloutObservations,
} from 'halyard';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { failuresOf, type MeasuredObservations, requestsOf } from '../../src/control/rollout/judge/observations.js';
import { parseFlagDocument } from '../../src/flags/parse-flag-document.js';
import { watchedRolloutOf } from '../../src/flags/watched-rollout.js';
import { Prometheus, withPrometheus } from '../observability/prometheus.js';
import { freePort } from '../stores/free-port.js';
import { startService, type WatchedService } from '../control/rollout/health/watched-service.js';

/** How long Prometheus may take to see what there is, on a machine that does much else. */
const patience = { timeout: 60_000, interval: 500 };

const queries = {
  sum: 'count(up{env="production"} == 1)',
  scalar: 'scalar(vector(5))',
  several: 'up',
  nothing: 'no_such_metric',
  undivided: 'vector(0) / 0',
  infinite: 'vector(1) / 0',
  range: 'up[1m]',
  wrong: 'sum(',
};

const document: FlagDocument = {
  version: 1,
  flags: {
    checkout: {
      rollout: {
        stages: [{ percentage: 50, hours: 1 }, { percentage: 100 }],
        checks: {
          maxErrorRateIncrease: 0,
          maxP99Ms: 500,
          queries: Object.entries(queries).map(([name, query]) => ({ name, query, above: 1 })),
        },
      },
    },
    plain: { rollout: 50 },
  },
};
const { checks } = watchedRolloutOf(parseFlagDocument(document).flags.get('checkout'))!.schedule;

const inside = 'user-4';
const outside = 'user-0';

withPrometheus(() => {
  describe('prometheusHealth, on two services that Prometheus scrapes every second', { timeout: 120_000 }, () => {
    const services: WatchedService[] = [];
    let prometheus: Prometheus;
    let since = 0;
    let observed: MeasuredObservations;

    const look = (
      options: Partial<PrometheusHealthOptions> = {},
      question: Partial<HealthQuestion> = {},
    ): Promise<RolloutObservations> => {
      const { url } = prometheus;
      const selector = { job: 'shop', env: 'production' };
      const source = prometheusHealth({ url, selector, settleSeconds: 1, scrapeSeconds: 1, ...options });
      return source.look({ flagKey: 'checkout', since, now: Date.now(), windowMs: 4_000, checks, ...question });
    };
    let isStopped = false;
    const stopPrometheus = async (): Promise<void> => {
      if (!isStopped) await prometheus.close();
      isStopped = true;
    };
    const requests = ({ in: within, out }: ObservedArms): number => requestsOf(within) + requestsOf(out);
    /** Waits until Prometheus holds a sample of what the services of production counted, and the newest window includes it. */
    const untilSeen = async (count: number): Promise<MeasuredObservations> => {
      const counted = `sum(feature_flag_check_requests_total{env="production"}) == ${count}`;
      await vi.waitUntil(async () => (await prometheus.query(counted)).length === 1, patience);
      const seen = Date.now();
      return vi.waitUntil(async () => {
        const now = await look();
        return now.type === 'measured' && now.until > seen && now;
      }, patience);
    };
    const visit = async (service: WatchedService, unit: string, status: number, times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1) await service.visit({ unit, status, flags: 'checkout,plain' });
    };

    beforeAll(async () => {
      // The second is started again on its port.
      for (const port of [0, await freePort(), 0]) services.push(await startService(document, {}, port));
      const [first, second, staging] = services as [WatchedService, WatchedService, WatchedService];
      prometheus = await Prometheus.start({
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [
          {
            job_name: 'shop',
            static_configs: [
              { targets: [first.address, second.address], labels: { env: 'production' } },
              { targets: [staging.address], labels: { env: 'staging' } },
            ],
          },
        ],
      });
      const series = async () => prometheus.query('count by (env) (feature_flag_check_requests_total == 0) == 128');
      await vi.waitUntil(async () => (await series()).length === 1, patience);
      since = Date.now();
      // A rise shows between two samples, so one must lie between the beginning and the requests.
      const newest = 'count(min by (env, instance) (timestamp(feature_flag_check_requests_total))';
      const isSampled = async () => (await prometheus.query(`${newest} > ${since / 1000}) == 3`)).length === 1;
      await vi.waitUntil(isSampled, patience);
      await visit(first, inside, 200, 100);
      await visit(first, outside, 200, 100);
      await visit(second, inside, 500, 40);
      await visit(staging, inside, 500, 300);
      await untilSeen(240);
      // A new process at the same address: its counters begin at 0.
      await second.close();
      services[1] = await startService(document, {}, Number(second.address.split(':')[1]));
      await visit(services[1], inside, 200, 60);
      // The failures of the process that ended are gone from the counters, not from what is observed.
      observed = await untilSeen(260);
    }, 180_000);

    afterAll(async () => {
      await stopPrometheus();
      for (const service of services) await service.close();
    });

    it('sees the requests of the stage, by arms, across a restart, and none of staging', () => {
      const { in: within, out } = observed.stage;
      expectNear(requestsOf(within), 200);
      expectNear(failuresOf(within), 40);
      expectNear(requestsOf(out), 100);
      expect(failuresOf(out)).toBe(0);
    });

    it('sees a unit in one slice', () => {
      expect(Array.from(observed.stage.in.requests).filter((count) => count > 0)).toHaveLength(1);
      expect(observed.stage.in.requests).toHaveLength(16);
    });

    it('sees how long they took, in the buckets of the metric', () => {
      const { in: within, out } = observed.stage;
      expect(within.durations?.bounds).toEqual([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
      const total = (arm: ObservedArms['in']): number => arm.durations!.counts.reduce((sum, one) => sum + one, 0);
      expectNear(total(within), 200);
      expectNear(total(out), 100);
    });

    it('counts whole windows from the beginning of the stage, the newest for itself', async () => {
      expect(observed.from).toBe(since);
      expect((observed.until - since) % 4_000).toBe(0);
      expect(requests(observed.window)).toBeLessThan(requests(observed.stage));
      // Later nothing was sent: there is a window without requests, which is no failure.
      const isQuiet = async (): Promise<boolean> => {
        const now = await look();
        return now.type === 'measured' && requests(now.window) === 0;
      };
      await vi.waitUntil(isQuiet, patience);
    });

    it('waits while no window is whole', async () => {
      const now = Date.now();
      expect(await look({}, { since: now - 4_500, now })).toMatchObject({ type: 'measured', until: now - 4_500 });
    });

    it("answers the document's own queries: one number, none, or why not", () => {
      const results = Object.fromEntries(observed.queries);
      const error = (text: string) => ({ error: expect.stringContaining(text) as string });
      expect(results).toEqual({
        sum: { value: 2 },
        scalar: { value: 5 },
        several: error('the query gives 3 values, where one is right'),
        nothing: { value: undefined },
        undivided: { value: undefined },
        infinite: error('Does it divide by 0?'),
        range: error('max_over_time'),
        wrong: error('parse error'),
      });
    });

    it('sees no data of a flag that is not watched, nor under a selector that fits nothing', async () => {
      for (const answer of [await look({}, { flagKey: 'plain' }), await look({ selector: 'job="shop",env="prod"' })]) {
        expect(answer.type).toBe('measured');
        expect(requests((answer as MeasuredObservations).stage)).toBe(0);
        expect(requests((answer as MeasuredObservations).window)).toBe(0);
      }
    });

    it('says so when Prometheus is away', async () => {
      const { url } = prometheus;
      await stopPrometheus();
      const { host } = new URL(url);
      expect(await look()).toMatchObject({
        type: 'failed',
        error: `Prometheus at http://${host} can't be reached: ECONNREFUSED. Is it up, and the \`url\` right?`,
      });
    });
  });
});

/**
 * `increase` reckons up to the ends of the span, over a scrape's distance at most; where scrapes come late, that is more. A
 * process whose end were missed, or an environment that were counted along, would show as more than that.
 */
function expectNear(measured: number, sent: number): void {
  expect(measured).toBeGreaterThan(sent * 0.97);
  expect(measured).toBeLessThan(sent * 2);
}
