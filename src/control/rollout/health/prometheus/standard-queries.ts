import { quote } from './label-selector.js';

/** What is asked of Halyard's own metrics about one flag, over a span of time that ends when it is asked about. */
export interface StandardQueries {
  /** How many requests, by assignment, slice and outcome. */
  requests(spanMs: number): string;
  /** How many of them took how long, by assignment and bucket. */
  durations(spanMs: number): string;
  /** How many samples the longest of the series has. */
  samples(spanMs: number): string;
}

/** @param selector checked label matchers */
export function createQueries(flagKey: string, selector: string): StandardQueries {
  const flag = `flag_key=${quote(flagKey)}`;
  const requests = `feature_flag_check_requests_total{${flag},${selector}}`;
  const durations = `feature_flag_request_duration_seconds_bucket{${flag},assignment=~"in|out",outcome!="blocked",${selector}}`;
  return {
    requests: (spanMs) => `sum by (assignment, slice, outcome) (increase(${requests}[${span(spanMs)}]))`,
    durations: (spanMs) => `sum by (assignment, le) (increase(${durations}[${span(spanMs)}]))`,
    samples: (spanMs) => `max(count_over_time(${requests}[${span(spanMs)}]))`,
  };
}

function span(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.round(ms)}ms`;
}
