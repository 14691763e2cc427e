import type { BreakerDefinition } from '../flags/flag-definition.js';
import type { MeasuredCalls, TripEvidence } from '../flags/trip.js';

/** What in these counts trips a breaker; `undefined`: nothing. */
export function evidenceIn(counts: MeasuredCalls, definition: BreakerDefinition): TripEvidence | undefined {
  const { requests, failures, slow } = counts;
  const { errorRate, minimumRequests, windowMs, slow: slowness } = definition;
  if (requests < minimumRequests) return undefined;
  // Divided, not multiplied: 11 / 20 is exactly what is written as 0.55.
  const failed = failures / requests;
  if (failed >= errorRate) return { cause: 'errors', ...counts, share: failed, limit: errorRate, windowMs };
  const slowed = slow / requests;
  if (slowness === undefined || slowed < slowness.rate) return undefined;
  return { cause: 'slow', ...counts, share: slowed, limit: slowness.rate, windowMs, slowMs: slowness.aboveMs };
}

/** The same in words: `14 of 20 requests of the last 10 s failed (70 %, limit 50 %)`. */
export function describeEvidence(evidence: TripEvidence): string {
  const { requests, failures, slow } = evidence;
  if (evidence.cause === 'probe') return failures > 0 ? 'the probe failed' : 'the probe was slow';
  const [count, what] =
    evidence.cause === 'errors' ? [failures, 'failed'] : [slow, `took longer than ${evidence.slowMs} ms`];
  const [share, limit] = [percent(evidence.share), percent(evidence.limit)];
  return `${count} of ${requests} requests of the last ${evidence.windowMs / 1000} s ${what} (${share}, limit ${limit})`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
