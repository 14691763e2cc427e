import type { QueryCheck, RolloutChecks } from '../../../flags/flag-definition.js';
import { type HealthQuestion, type HealthSource, newestWindowEnd, noRequests, nothingYet } from './health-source.js';
import { type ObservedArms, type QueryResult, requestsOf, type RolloutObservations } from '../judge/observations.js';
import { type AskPrometheus, openLook } from './prometheus/prometheus-client.js';
import { PrometheusError } from './prometheus/prometheus-error.js';
import { type PrometheusHealthOptions, type PrometheusSettings, readOptions } from './prometheus/prometheus-options.js';
import { readRequests, withDurations } from './prometheus/sampled-counts.js';
import { createQueries, type StandardQueries } from './prometheus/standard-queries.js';
import { needsRequests } from '../judge/stages.js';

export type { PrometheusHealthOptions } from './prometheus/prometheus-options.js';

/** A rise is seen between two scrapes; with four in a window none is missing when one comes late. */
const SCRAPES_PER_WINDOW = 4;

/**
 * What Prometheus, or whatever speaks its HTTP API, knows of all instances of a service together: for a fleet, and across
 * restarts. It is asked for Halyard's own metrics, and for the `queries` of the document.
 * @throws TypeError for an option that is unknown, missing or wrong; without a `selector` above all
 */
export function prometheusHealth(options: PrometheusHealthOptions): HealthSource {
  const settings = readOptions(options);
  return {
    name: 'prometheus',
    async look(question) {
      const { since, now, windowMs } = question;
      const until = newestWindowEnd(since, now - settings.settleMs, windowMs);
      const windowSpanMs = Math.max(windowMs, SCRAPES_PER_WINDOW * settings.scrapeMs);
      if (until - since < windowSpanMs) return nothingYet(since);
      const over = new AbortController();
      try {
        return await measure(settings, question, { until, windowSpanMs, over: over.signal });
      } catch (error) {
        // What is no PrometheusError may say what must not be told.
        const message = error instanceof PrometheusError ? error.message : 'the answer of Prometheus could not be used';
        return { type: 'failed', until, error: message };
      } finally {
        // One question that failed is enough: nobody waits for the others.
        over.abort();
      }
    },
  };
}

async function measure(
  settings: PrometheusSettings,
  { flagKey, since, checks, signal }: HealthQuestion,
  { until, windowSpanMs, over }: { readonly until: number; readonly windowSpanMs: number; readonly over: AbortSignal },
): Promise<RolloutObservations> {
  const askAt = await openLook(settings, signal === undefined ? [over] : [over, signal]);
  const look: Look = {
    ask: (expression) => askAt(expression, until),
    standard: createQueries(flagKey, settings.selector),
    checks,
  };
  const [stage, window, ...results] = await Promise.all([
    countArms(look, until - since),
    countWindow(look, windowSpanMs),
    ...checks.queries.map((query) => askOwn(look, query)),
  ]);
  const queries = new Map(checks.queries.map(({ name }, index) => [name, results[index] ?? { value: undefined }]));
  return { type: 'measured', from: since, until, stage, window, queries };
}

interface Look {
  readonly ask: (expression: string) => ReturnType<AskPrometheus>;
  readonly standard: StandardQueries;
  readonly checks: RolloutChecks;
}

/** Only what the checks need is asked for. */
async function countArms({ ask, standard, checks }: Look, spanMs: number): Promise<ObservedArms> {
  if (!needsRequests(checks)) return noRequests;
  const limitsDurations = checks.maxP99Ms !== undefined || checks.maxP99Increase !== undefined;
  const [requests, durations] = await Promise.all([
    ask(standard.requests(spanMs)),
    limitsDurations ? ask(standard.durations(spanMs)) : undefined,
  ]);
  const arms = readRequests(requests);
  return durations === undefined ? arms : withDurations(arms, durations);
}

/** Where nothing was counted though there are samples, no rise could be seen: that must not pass for "no requests". */
async function countWindow(look: Look, spanMs: number): Promise<ObservedArms> {
  const arms = await countArms(look, spanMs);
  if (!needsRequests(look.checks) || requestsOf(arms.in) + requestsOf(arms.out) > 0) return arms;
  const [most] = await look.ask(look.standard.samples(spanMs));
  if (most?.value !== 1) return arms;
  throw new PrometheusError(
    `Prometheus has one sample of each series in ${spanMs / 1000} s, and a rise shows between two. ` +
      'Give its scrape interval as `scrapeSeconds`, unless the service has started only now.',
  );
}

/** A failure of one query is that query's: what can be measured without it is. */
async function askOwn({ ask }: Look, { query }: QueryCheck): Promise<QueryResult> {
  try {
    const samples = await ask(query);
    const value = samples[0]?.value;
    if (samples.length > 1) {
      return { error: `the query gives ${samples.length} values, where one is right. Write \`sum(…)\` or \`max(…)\`` };
    }
    // 0 / 0, where there was nothing to divide.
    if (value === undefined || Number.isNaN(value)) return { value: undefined };
    if (!Number.isFinite(value)) return { error: 'the query gives an infinite value. Does it divide by 0?' };
    return { value };
  } catch (error) {
    return { error: error instanceof PrometheusError ? error.message : 'the answer of Prometheus could not be used' };
  }
}
