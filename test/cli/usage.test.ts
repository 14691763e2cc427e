import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { promtool, withPrometheus } from '../observability/prometheus.js';
import { halyardIn, NOW } from './halyard-command.js';

const DAY = 86_400_000;

const flags = `version: 1
flags:
  new-checkout: { owner: payments-team, created: 2026-09-01, rollout: 100 }
  search: { owner: search-team, created: 2026-11-01, expires: 2027-06-01, rollout: 10 }
  payments: { kind: operational, owner: payments-team }
`;

/** What answers like a Prometheus: to each query a time in seconds by flag key. */
async function prometheus(answer: (query: string) => Readonly<Record<string, number>>, status = 200) {
  const queries: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const query = new URLSearchParams(body).get('query') ?? '';
      queries.push(query);
      const result = Object.entries(answer(query)).map(([key, at]) => ({
        metric: { flag_key: key },
        value: [NOW / 1000, String(at)],
      }));
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { queries, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const shop = ['--selector', '{job="shop"}'];

describe('halyard list', () => {
  it('tells how old flags are and when they end, also by the lifetime of their kind', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect((await run('list')).out).toMatchInlineSnapshot(`
      "FLAG          STATE  EVERYONE   OWNER           AGE  EXPIRES
      new-checkout  on     100 %      payments-team  81 d  ~2026-10-11
      search        on     10 %       search-team    20 d  2027-06-01
      payments      on     always on  payments-team
      "
    `);
  });

  it('shows all columns with --wide', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    const { out } = await run('list', '--wide');
    expect(out).toContain('KIND');
    expect(out).toMatch(/new-checkout.*stale/);
  });

  it('tells programs the whole lifecycle', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    const [checkout] = JSON.parse((await run('list', '--json')).out) as readonly object[];
    expect(checkout).toMatchObject({
      key: 'new-checkout',
      created: '2026-09-01',
      ageDays: 81,
      expires: '2026-10-11',
      expiresBy: 'lifetime',
      isExpired: true,
      settled: { variant: 'on', because: 'everyone gets on' },
      stage: 'stale',
      why: 'everyone gets on, and the lifetime of its kind ended 41 days ago',
    });
    expect(checkout).not.toHaveProperty('lastEvaluatedAt');
  });

  it('asks a Prometheus when flags were last evaluated, and calls unknown what that does not know', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    const { url, queries } = await prometheus((query) => ({
      'new-checkout': (NOW - 63 * DAY) / 1000,
      ...(query.includes('[1d:5m]') && { payments: (NOW - 3_600_000) / 1000 }),
      'no key': 1,
    }));
    expect((await run('list', '--prometheus', url, ...shop)).out).toMatchInlineSnapshot(`
      "FLAG          STATE  EVERYONE   OWNER           AGE  EXPIRES      EVALUATED
      new-checkout  on     100 %      payments-team  81 d  ~2026-10-11  63 d ago
      search        on     10 %       search-team    20 d  2027-06-01   unknown
      payments      on     always on  payments-team                     1 h ago
      "
    `);
    expect(queries.every((query) => query.includes('feature_flag_evaluations_total{job="shop"}'))).toBe(true);
  });

  it('says what is wrong with where to ask, and exits with 2', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    const errorOf = async (...args: readonly string[]) => {
      const { err, exitCode } = await run('list', ...args);
      expect(exitCode).toBe(2);
      return err;
    };
    expect(await errorOf('--prometheus', 'http://localhost:9')).toContain('--prometheus needs a --selector');
    expect(await errorOf(...shop)).toContain('--selector says which series of a --prometheus are meant');
    expect(await errorOf('--prometheus', 'localhost', ...shop)).toContain(
      '--prometheus: expected an address like http://prometheus:9090.',
    );
    for (const selector of ['job="shop"}) or vector(1', 'flag_key="a"', 'job!="x"', '{}']) {
      expect(await errorOf('--prometheus', 'http://localhost:9', '--selector', selector)).toContain('--selector: ');
    }
  });

  it('exits with 3 where Prometheus gives no answer', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    const { url } = await prometheus(() => ({}), 503);
    const { err, exitCode } = await run('list', '--prometheus', url, ...shop);
    expect([exitCode, err]).toEqual([3, expect.stringContaining(`Prometheus at ${url} answers 503`)]);
  });
});

describe('halyard show', () => {
  it('tells age, end, last evaluation and why a flag is stale', async () => {
    const { run } = halyardIn({ 'flags.yaml': flags });
    expect((await run('show', 'new-checkout')).out).toMatchInlineSnapshot(`
      "new-checkout  on  100 %  (version 65fd19805402:0)
      age:            81 d, since 2026-09-01
      expires:        2026-10-11, by the lifetime of its kind
      last evaluated: unknown
      stale: everyone gets on, and the lifetime of its kind ended 41 days ago

      new-checkout:
        owner: payments-team
        created: 2026-09-01
        rollout: 100
      "
    `);
  });
});

withPrometheus(() => {
  describe('what Prometheus is asked', () => {
    it(
      'finds the last move of each counter, also of processes that came and went between',
      { timeout: 120_000 },
      async () => {
        const { run } = halyardIn({ 'flags.yaml': flags });
        const { url, queries } = await prometheus(() => ({}));
        await run('list', '--prometheus', url, ...shop);
        const series = (key: string, values: string, job = 'shop') => ({
          series: `feature_flag_evaluations_total{job="${job}", flag_key="${key}", variant="on"}`,
          values,
        });
        const hours = (count: number): number => count * 3_600;
        const sample = (key: string, value: number) => ({ labels: `{flag_key="${key}"}`, value });
        // A scrape each minute, for 60 hours.
        const test = {
          interval: '1m',
          input_series: [
            series('moves', '0+1x3600'),
            series('stopped', '0+1x1700 1700x1900'),
            series('never', '0x3600'),
            series('came-and-went', '_x1830 7x3 stale'),
            series('elsewhere', '0+1x3600', 'mail'),
          ],
          promql_expr_test: [
            {
              expr: queries.find((query) => query.includes('[1d:5m]')),
              eval_time: '60h',
              exp_samples: [sample('moves', hours(60))],
            },
            {
              expr: queries.find((query) => query.includes('[90d:6h]')),
              eval_time: '60h',
              exp_samples: [
                sample('moves', hours(60)),
                sample('stopped', hours(30)),
                sample('came-and-went', hours(36)),
              ],
            },
          ],
        };
        const folder = await mkdtemp(join(tmpdir(), 'halyard-promql-'));
        onTestFinished(() => rm(folder, { recursive: true }));
        const file = join(folder, 'usage.test.yaml');
        await writeFile(file, JSON.stringify({ rule_files: [], evaluation_interval: '1m', tests: [test] }));
        expect(await promtool('test', 'rules', file)).toContain('SUCCESS');
      },
    );
  });
});
