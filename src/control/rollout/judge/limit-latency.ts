import { sequenceMultiplier } from '../../../statistics/confidence-sequence.js';
import { differenceBound } from '../../../statistics/compare-rates.js';
import {
  type BucketedQuantile,
  countAbove,
  type HistogramCounts,
  histogramQuantile,
} from '../../../statistics/histogram-quantile.js';
import type { ArmObservations, ObservedArms } from './observations.js';
import { type CountedShare, limitShare } from './share-limit.js';
import type { Verdict } from './verdict.js';

/** A 99th percentile is at most a value exactly if at most this share of requests takes longer. */
const SLOW_SHARE = 0.01;

/** Whether more than 1 % of the requests that are in take longer than the limit. */
export function limitP99(
  limitMs: number,
  alpha: number,
  { stage, window }: { readonly stage: ObservedArms; readonly window: ObservedArms },
): Verdict {
  const check = 'maxP99Ms';
  const { durations } = stage.in;
  if (durations === undefined) return { check, result: 'inconclusive', limit: limitMs };
  const p99 = histogramQuantile(durations, 1 - SLOW_SHARE);
  const slow = { stage: slowerThan(limitMs, stage.in), window: slowerThan(limitMs, window.in) };
  const { result } = limitShare(SLOW_SHARE, alpha, slow);
  return { check, result, limit: limitMs, ...inMs(p99) };
}

/**
 * Whether more than 1 % of the requests that are in take longer than the other arm's 99th percentile with the allowed
 * increase. It takes requests as independent: slow units that make many requests count for more than they should.
 */
export function limitP99Increase(limit: number, alpha: number, arms: ObservedArms): Verdict {
  const check = 'maxP99Increase';
  const { in: durations, out: comparedWith } = { in: arms.in.durations, out: arms.out.durations };
  if (durations === undefined || comparedWith === undefined) return { check, result: 'inconclusive', limit };
  const p99 = histogramQuantile(durations, 1 - SLOW_SHARE);
  const usual = histogramQuantile(comparedWith, 1 - SLOW_SHARE);
  // Above the highest bucket nothing can be told apart.
  if (!(usual.value > 0) || usual.atMost === Infinity) return { check, result: 'inconclusive', limit };
  const measured = p99.value / usual.value - 1;
  const { between } = inMs(p99);
  if (!(measured > limit)) return { check, result: 'pass', limit, measured, between };
  const tested = slowerThan(usual.value * (1 + limit) * 1000, arms.in);
  const control = { failures: SLOW_SHARE * totalOf(comparedWith), requests: totalOf(comparedWith) };
  return { check, result: isSlower(tested, control, alpha) ? 'fail' : 'inconclusive', limit, measured, between };
}

function isSlower(tested: CountedShare, control: CountedShare, alpha: number): boolean {
  const observations = (4 * tested.requests * control.requests) / (tested.requests + control.requests);
  return differenceBound(tested, control, sequenceMultiplier(observations, { alpha, sides: 'one' })) > 0;
}

function slowerThan(ms: number, { durations }: ArmObservations): CountedShare {
  if (durations === undefined) return { failures: 0, requests: 0 };
  return { failures: countAbove(durations, ms / 1000), requests: totalOf(durations) };
}

function totalOf({ counts }: HistogramCounts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function inMs({ value, above, atMost }: BucketedQuantile): {
  readonly measured: number;
  readonly between: readonly [number, number];
} {
  return { measured: value * 1000, between: [above * 1000, atMost * 1000] };
}
