import { flagKeyLabel } from './flag-key-label.js';
import type { Sample } from './shared-metric.js';

/** Requests of one arm, by slices of units; failures are part of them. */
interface SlicedRequests {
  readonly requests: readonly number[];
  readonly failures: readonly number[];
}

/** What counts requests for the checks of watched rollouts. */
export interface CheckCounts {
  start(): void;
  /** By flag key. A flag is there from the moment that it is watched. */
  all(): Iterable<readonly [flagKey: string, counts: { readonly in: SlicedRequests; readonly out: SlicedRequests }]>;
}

/** Every series of a flag, also those at 0: a counter that begins at 1 hides its first rise. */
export function* checkSamples(counts: CheckCounts): Generator<Sample> {
  for (const [flagKey, arms] of counts.all()) {
    for (const assignment of ['in', 'out'] as const) {
      const { requests, failures } = arms[assignment];
      for (const [slice, count] of requests.entries()) {
        const failed = failures[slice] ?? 0;
        const labels = { flag_key: flagKeyLabel(flagKey), assignment, slice: String(slice) };
        yield { labels: { ...labels, outcome: 'ok' }, value: count - failed };
        yield { labels: { ...labels, outcome: 'server_error' }, value: failed };
      }
    }
  }
}
