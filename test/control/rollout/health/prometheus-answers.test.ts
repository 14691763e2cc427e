import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type HealthQuestion, prometheusHealth, type PrometheusHealthOptions, type RolloutChecks } from 'halyard';
import { afterEach, describe, expect, it } from 'vitest';
import type { MeasuredObservations } from '../../../../src/control/rollout/judge/observations.js';

const MINUTE = 60_000;
const SECRET = 'correct-horse-battery';

const checks: RolloutChecks = {
  maxErrorRate: undefined,
  maxErrorRateIncrease: 0,
  maxP99Ms: undefined,
  maxP99Increase: undefined,
  queries: [],
  minimumRequests: 100,
  onNoData: 'hold',
  noDataGraceMs: 0,
  failureLimit: 3,
  cooldownMs: 0,
  confidence: 0.95,
};

type Handler = (query: URLSearchParams, request: IncomingMessage, response: ServerResponse) => unknown;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** Something at the other end that is no Prometheus, or one in a bad state. An object that it returns is sent as JSON. */
async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const answer = handler(new URLSearchParams(body), request, response);
      if (answer !== undefined) response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function look(
  url: string,
  options: Partial<PrometheusHealthOptions> = {},
  question: Partial<HealthQuestion> = {},
): ReturnType<ReturnType<typeof prometheusHealth>['look']> {
  const source = prometheusHealth({ url, selector: 'job="shop"', ...options });
  return source.look({
    flagKey: 'checkout',
    since: 0,
    now: 10 * MINUTE + 20_000,
    windowMs: MINUTE,
    checks,
    ...question,
  });
}

const success = (data: object, more: object = {}) => ({ status: 'success', data, ...more });
const vector = (...result: readonly (readonly [labels: object, value: string])[]) =>
  success({ resultType: 'vector', result: result.map(([metric, value]) => ({ metric, value: [1, value] })) });
const ok = { assignment: 'in', slice: '0', outcome: 'ok' };

describe('what prometheusHealth asks', () => {
  it('asks about the end of the newest whole window that has settled, over the stage and over the window', async () => {
    const asked: Record<string, string>[] = [];
    const url = await serve((query) => {
      asked.push(Object.fromEntries(query));
      return vector([ok, '1']);
    });
    const observed = await look(`${url}/`, { selector: ` job = 'shop' , env=~"prod|live", ` });
    expect(observed).toMatchObject({ type: 'measured', from: 0, until: 10 * MINUTE });
    const series = `feature_flag_check_requests_total{flag_key="checkout",job='shop',env=~"prod|live"}`;
    const query = (span: string) => `sum by (assignment, slice, outcome) (increase(${series}[${span}]))`;
    expect(asked).toEqual([
      { query: query('600s'), time: '600', timeout: '10000ms' },
      { query: query('60s'), time: '600', timeout: '10000ms' },
    ]);
    // Ten minutes are over, and not all scrapes in them may have arrived.
    expect(await look(url, {}, { now: 10 * MINUTE + 14_999 })).toMatchObject({ until: 9 * MINUTE });
    expect(await look(url, { settleSeconds: 0 }, { now: 10 * MINUTE })).toMatchObject({ until: 10 * MINUTE });
  });

  it('asks for durations only where a check needs them, and for requests only where one does', async () => {
    let asked: string[] = [];
    const url = await serve((query) => {
      const expression = query.get('query') ?? '';
      asked.push(expression);
      if (expression.includes('_bucket')) return vector([{ assignment: 'in', le: '+Inf' }, '1']);
      return vector(expression === 'queue' ? [{}, '1'] : [ok, '1']);
    });
    await look(url, {}, { checks: { ...checks, maxP99Ms: 500 } });
    expect(asked.toSorted()[0]).toBe(
      'sum by (assignment, le) (increase(feature_flag_request_duration_seconds_bucket{' +
        'flag_key="checkout",assignment=~"in|out",outcome!="blocked",job="shop"}[600s]))',
    );
    expect(asked).toHaveLength(4);
    asked = [];
    const queries = [{ name: 'queue', query: 'queue', above: 5, below: undefined }];
    const alone = { ...checks, maxErrorRateIncrease: undefined, minimumRequests: 0, queries };
    const observed = (await look(url, {}, { checks: alone })) as MeasuredObservations;
    expect(asked).toEqual(['queue']);
    expect(observed.queries.get('queue')).toEqual({ value: 1 });
  });

  it('has a window of at least four scrapes', async () => {
    const asked: (string | null)[] = [];
    const url = await serve((query) => {
      asked.push(query.get('query'));
      return vector([ok, '1']);
    });
    expect(await look(url, { scrapeSeconds: 60 }, { now: 3.5 * MINUTE })).toMatchObject({ until: 0 });
    expect(asked).toEqual([]);
    await look(url, { scrapeSeconds: 60 });
    expect(asked[1]).toContain('[240s]');
  });

  it('sends headers, those of a function anew at every look, and a user of the address', async () => {
    const seen: unknown[] = [];
    const url = await serve((_query, { headers }) => {
      seen.push(headers.authorization);
      return vector([ok, '1']);
    });
    let token = 0;
    const headers = () => ({ Authorization: `Bearer token-${(token += 1)}` });
    const source = prometheusHealth({ url, selector: { job: 'shop' }, headers });
    const question = { flagKey: 'a', since: 0, now: 10 * MINUTE, windowMs: MINUTE, checks };
    await source.look(question);
    await source.look(question);
    await look(url.replace('//', '//ana:s%20e@'));
    expect([...new Set(seen)]).toEqual(['Bearer token-1', 'Bearer token-2', `Basic ${btoa('ana:s e')}`]);
  });
});

describe('what prometheusHealth makes of answers', () => {
  it('adds up slices as they are, fractions too, and makes buckets of cumulative ones', async () => {
    const url = await serve((query) =>
      query.get('query')?.includes('_bucket') === true
        ? vector(
            [{ assignment: 'in', le: '+Inf' }, '4'],
            [{ assignment: 'in', le: '0.5' }, '2.5'],
            [{ assignment: 'in', le: '1.0' }, '2.4'],
          )
        : vector([ok, '1.5'], [{ assignment: 'in', slice: '15', outcome: 'server_error' }, '0.25']),
    );
    const { stage } = (await look(url, {}, { checks: { ...checks, maxP99Ms: 1 } })) as MeasuredObservations;
    expect([stage.in.requests[0], stage.in.requests[15], stage.in.failures[15]]).toEqual([1.5, 0.25, 0.25]);
    expect(stage.in.durations).toEqual({ bounds: [0.5, 1], counts: [2.5, 0, 1.5] });
    expect(stage.out.durations).toBeUndefined();
  });

  it('does not take one scrape in a window for no requests', async () => {
    const answers = (samples: string) => (query: URLSearchParams) =>
      query.get('query')?.includes('count_over_time') === true ? vector([{}, samples]) : vector();
    expect(await look(await serve(answers('1')))).toEqual({
      type: 'failed',
      until: 10 * MINUTE,
      error:
        'Prometheus has one sample of each series in 60 s, and a rise shows between two. ' +
        'Give its scrape interval as `scrapeSeconds`, unless the service has started only now.',
    });
    expect(await look(await serve(answers('4')))).toMatchObject({ type: 'measured' });
  });

  const failures: readonly (readonly [string, Handler, string | RegExp])[] = [
    [
      'an error',
      () => ({ status: 'error', errorType: 'execution', error: 'query timed out' }),
      'says: query timed out',
    ],
    [
      'an error with a status',
      (_query, _request, response) => {
        response.statusCode = 422;
        return { status: 'error', error: 'query processing would load too many samples into memory' };
      },
      'answers 422: query processing would load too many samples into memory',
    ],
    [
      'a warning',
      () => success({ resultType: 'vector', result: [] }, { warnings: ['store b is away'] }),
      'store b is away',
    ],
    ['something broken', () => '{"status":"succ', 'no answer of Prometheus'],
    ['a page', () => '<html>Log in</html>', 'nothing in between that wants a login?'],
    ['an answer without data', () => ({ status: 'success' }), 'no answer of Prometheus'],
    [
      'something else',
      () => success({ resultType: 'vector', result: [{ metric: {}, histogram: [] }] }),
      'no answer of',
    ],
    ['no number', () => vector([ok, 'x']), 'no answer of Prometheus'],
    ['NaN', () => vector([ok, 'NaN']), 'gives NaN as a number of requests'],
    ['infinity', () => vector([ok, '+Inf']), 'gives Infinity as a number of requests'],
    ['less than nothing', () => vector([ok, '-1']), 'gives -1 as a number of requests'],
    ['series of something else', () => vector([{ ...ok, slice: '16' }, '1']), 'Does something relabel them?'],
    ['no slices', () => vector([{ assignment: 'in', outcome: 'ok' }, '1']), 'Does something relabel them?'],
    ['a cut connection', (_query, _request, response) => void response.destroy(), "can't be reached"],
    ...(
      [
        [401, 'see the option `headers`'],
        [404, 'Does the `url` lack a path'],
        [429, 'too many requests'],
        [503, 'Is it up, and whatever stands before it?'],
      ] as const
    ).map(
      ([status, message]) =>
        [
          String(status),
          (_query: unknown, _request: unknown, response: ServerResponse) => {
            response.statusCode = status;
            return 'no';
          },
          message,
        ] as const,
    ),
    [
      'a redirect',
      (_query, _request, response) => {
        response.writeHead(302, { location: `http://elsewhere.internal/login?secret=${SECRET}` });
        return '';
      },
      'a redirect to http://elsewhere.internal. It is not followed',
    ],
  ];

  it.each(failures)('fails on %s, and says what to look at', async (_name, handler, message) => {
    const url = await serve(handler);
    expect(await look(url)).toMatchObject({
      type: 'failed',
      until: 10 * MINUTE,
      error: expect.stringContaining(message as string) as string,
    });
  });

  it('reads no more than a megabyte', async () => {
    const url = await serve((_query, _request, response) => {
      const write = (): void => {
        while (response.write(' '.repeat(100_000)));
        response.once('drain', write);
      };
      write();
    });
    expect(await look(url)).toMatchObject({ error: expect.stringContaining('more than 1000000 bytes') as string });
  });

  it('waits no longer than it was told, and ends when it is told', async () => {
    const url = await serve(() => undefined);
    expect(await look(url, { timeoutMs: 50 })).toMatchObject({
      error: `Prometheus at ${url} has not answered within 50 ms (timeoutMs).`,
    });
    const late = () => new Promise<never>(() => undefined);
    expect(await look(url, { timeoutMs: 50, headers: late })).toMatchObject({ type: 'failed' });
    expect(await look(url, {}, { signal: AbortSignal.abort() })).toMatchObject({ type: 'failed' });
  });

  it('waits for no other answer once one has failed', async () => {
    let hasEnded: (() => void) | undefined;
    const ended = new Promise<void>((resolve) => (hasEnded = resolve));
    const url = await serve((query, _request, response) => {
      if (query.get('query')?.includes('[60s]') === true) return { status: 'error', error: 'too much' };
      response.once('close', () => hasEnded?.());
      return undefined;
    });
    expect(await look(url)).toMatchObject({ error: expect.stringContaining('too much') as string });
    await ended;
  });

  it('repeats no secret, whoever says it', async () => {
    const url = await serve((_query, { headers }, response) => {
      response.statusCode = 400;
      return { status: 'error', error: `${'x'.repeat(480)} bad: ${JSON.stringify(headers)}` };
    });
    const fail = () => {
      throw new Error(SECRET);
    };
    const answers = [
      await look(url.replace('//', `//ana:${SECRET}@`)),
      await look(url, { headers: { Authorization: `Bearer ${SECRET}` } }),
      await look(url, { headers: fail }),
      await look(url, { headers: () => ({ Authorization: `${SECRET}\n` }) }),
      await look(`http://ana:${SECRET}@127.0.0.1:1`),
    ];
    for (const answer of answers) {
      expect(answer.type).toBe('failed');
      expect(JSON.stringify(answer)).not.toContain('correct');
      expect(JSON.stringify(answer)).not.toContain(btoa(`ana:${SECRET}`).slice(0, 8));
    }
  });
});

describe('the options of prometheusHealth', () => {
  const make = (options: object) => () =>
    prometheusHealth({ url: 'http://prometheus:9090', selector: 'job="shop"', ...options });

  it.each([
    ['job="shop"'],
    ['job = "shop" , env!="staging",'],
    ["job='sh\\'op'"],
    ['job=~`shop-\\d+`, note="a } in quotes, and \\" too"'],
    [{ job: 'shop', env: 'a "quoted" \\ one' }],
  ])('take the selector %j', (selector) => {
    expect(make({ selector })).not.toThrow();
  });

  it.each([
    [undefined, 'expected label matchers that say which service in which environment'],
    ['', 'expected label matchers'],
    [' ', 'expected label matchers'],
    [{}, 'expected label matchers'],
    [42, 'expected label matchers'],
    [{ job: 1 }, 'expected a text for the label job, found 1'],
    [{ 'job"} or up{x': 'y' }, 'expected label matchers without braces'],
    ['{job="shop"}', 'expected label matchers without braces'],
    ['job="shop"} or up{job="x"', 'expected label matchers without braces'],
    ['job="shop", or', 'expected label matchers without braces'],
    ['job="shop" env="x"', 'expected label matchers without braces'],
    ['job="shop\\"', 'expected label matchers without braces'],
    ['job="shop" # env', 'expected label matchers without braces'],
    ['job=""', 'nothing in it says which service is meant'],
    ['job=~".*"', 'nothing in it says which service is meant'],
    ['env!="staging"', 'nothing in it says which service is meant'],
    ['job="shop",flag_key="x"', 'Halyard compares the label flag_key itself'],
    ['__name__="x"', 'the names of the metrics are given'],
  ])('refuse the selector %j', (selector, message) => {
    expect(make({ selector })).toThrow(message);
  });

  it.each([
    [{ url: undefined }, 'option `url`: expected an address like http://prometheus:9090'],
    [{ url: 'prometheus:9090' }, 'expected an address like'],
    [{ url: `http://p/?token=${SECRET}` }, 'without query and fragment'],
    [{ headers: { 'a b': 'c' } }, 'option `headers`: expected an object of headers'],
    [{ headers: { a: `${SECRET}\n\u0000` } }, 'option `headers`: expected an object of headers'],
    [{ url: 'http://a:b@p', headers: { authorization: 'x' } }, 'Take the user out of `url`'],
    [{ timeoutMs: 0 }, 'option `timeoutMs`'],
    [{ settleSeconds: -1 }, 'option `settleSeconds`: expected a number of seconds, 0 or more'],
    [{ scrapeSeconds: 0 }, 'option `scrapeSeconds`'],
    [{ settle: 1 }, 'unknown option `settle`'],
  ])('refuse %j', (options, message) => {
    expect(make(options)).toThrow(message);
    expect(make(options)).not.toThrow(SECRET);
  });
});
