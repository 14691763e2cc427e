import type { HistogramCounts } from '../../../../statistics/histogram-quantile.js';
import type { ArmObservations, ObservedArms } from '../../judge/observations.js';
import { SLICES } from '../slices.js';
import { PrometheusError } from './prometheus-error.js';
import type { QuerySample } from './read-answer.js';

type Arm = 'in' | 'out';

/**
 * Requests and failures of both arms by slices. `increase` gives fractions, since it reckons up to the ends of a span what
 * was seen within it; they are kept, because rounded slices with few requests would not add up to what was counted.
 * @throws PrometheusError for a series that is none of Halyard's, or is no count
 */
export function readRequests(samples: readonly QuerySample[]): ObservedArms {
  const zeros = (): number[] => Array.from({ length: SLICES }, () => 0);
  const arms = {
    in: { requests: zeros(), failures: zeros() },
    out: { requests: zeros(), failures: zeros() },
  };
  for (const { labels, value } of samples) {
    const { assignment, slice, outcome } = labels;
    const place = Number(slice);
    const isKnown = isArm(assignment) && typeof slice === 'string' && /^\d+$/.test(slice) && place < SLICES;
    if (!isKnown || (outcome !== 'ok' && outcome !== 'server_error')) throw unknownSeries(labels);
    const { requests, failures } = arms[assignment];
    const count = countOf(value);
    requests[place] = (requests[place] ?? 0) + count;
    if (outcome === 'server_error') failures[place] = (failures[place] ?? 0) + count;
  }
  return arms;
}

/** The same arms with their durations. An arm of which nothing is known has none. */
export function withDurations(arms: ObservedArms, samples: readonly QuerySample[]): ObservedArms {
  const add = (arm: Arm): ArmObservations => ({ ...arms[arm], durations: readHistogram(samples, arm) });
  return { in: add('in'), out: add('out') };
}

function readHistogram(samples: readonly QuerySample[], arm: Arm): HistogramCounts | undefined {
  const cumulative: (readonly [bound: number, below: number])[] = [];
  for (const { labels, value } of samples) {
    const { assignment, le } = labels;
    const bound = le === '+Inf' ? Infinity : Number(le ?? NaN);
    if (!isArm(assignment) || Number.isNaN(bound)) throw unknownSeries(labels);
    if (assignment === arm) cumulative.push([bound, countOf(value)]);
  }
  if (cumulative.length === 0) return undefined;
  cumulative.sort(([a], [b]) => a - b);
  const bounds = cumulative.map(([bound]) => bound).filter((bound) => bound < Infinity);
  if (bounds.length === cumulative.length) {
    throw new PrometheusError(
      'feature_flag_request_duration_seconds_bucket has no bucket le="+Inf". Are some dropped?',
    );
  }
  let below = 0;
  const counts = cumulative.map(([, upTo]) => {
    // Fractions, and processes with other buckets, can make a sum smaller than the one before.
    const count = Math.max(upTo - below, 0);
    below += count;
    return count;
  });
  return { bounds, counts };
}

function isArm(assignment: unknown): assignment is Arm {
  return assignment === 'in' || assignment === 'out';
}

function countOf(value: number): number {
  if (value >= 0 && value < Infinity) return value;
  throw new PrometheusError(`Prometheus gives ${value} as a number of requests.`);
}

function unknownSeries(labels: QuerySample['labels']): PrometheusError {
  const found = JSON.stringify(labels).slice(0, 200);
  return new PrometheusError(
    `Prometheus has series under the names of Halyard's metrics that are none of them: ${found}. Does something relabel them?`,
  );
}
