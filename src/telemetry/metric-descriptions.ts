import type { MetricDescription } from './scraped-metric.js';

const flagKey = ['flag_key'] as const;

export const evaluationsTotal: MetricDescription = {
  name: 'feature_flag_evaluations_total',
  help:
    'Evaluations of feature flags, by the variant served (empty: the default of the caller), the reason, and the error if ' +
    'there was one. Keys that no flag has count as flag_key="_unknown".',
  type: 'counter',
  labelNames: ['flag_key', 'variant', 'reason', 'error_type'],
};

/** prom-client's own default: from 5 ms to 10 s. */
export const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** @param buckets upper bounds in seconds, rising */
export const requestDuration = (buckets: readonly number[]): MetricDescription => ({
  name: 'feature_flag_request_duration_seconds',
  help:
    'How long requests took, from getting their flags to the end of the response, once per flag that was evaluated in ' +
    "the request: by the variant served, how the unit came to it (in or out: by the flag's own rollout or split; " +
    'targeted: by a target or rule) and how the request ended (ok, client_error, server_error; blocked: a guard answered).',
  type: 'histogram',
  labelNames: ['flag_key', 'variant', 'assignment', 'outcome'],
  buckets,
  mostFlags: 200,
});

export const checkRequestsTotal: MetricDescription = {
  name: 'feature_flag_check_requests_total',
  help:
    'Requests whose unit the watched rollout of a flag placed, by the side (in, out), one of 16 slices of units (0-15), and ' +
    'how they ended: server_error, or ok, also for mistakes of the client. What a guard answered does not count. The checks ' +
    'of the rollout compare them.',
  type: 'counter',
  labelNames: ['flag_key', 'assignment', 'slice', 'outcome'],
  mostFlags: 200,
};

export const blockedTotal: MetricDescription = {
  name: 'feature_flag_kill_switch_blocked_total',
  help: 'Requests that a kill switch answered instead of the route that it guards, and calls that it kept from being made.',
  type: 'counter',
  labelNames: flagKey,
};

export const tripsTotal: MetricDescription = {
  name: 'feature_flag_kill_switch_trips_total',
  help: 'How often the breaker of a kill switch opened because of what it measured, or stayed open because its probe failed.',
  type: 'counter',
  labelNames: flagKey,
};

export const breakerOpen: MetricDescription = {
  name: 'feature_flag_kill_switch_breaker_open',
  help: '1 while the breaker of a kill switch is open, or lets only probes through; 0 while it is closed.',
  type: 'gauge',
  labelNames: flagKey,
};

export const flagEnabled: MetricDescription = {
  name: 'feature_flag_enabled',
  help: '0 while the flag is disabled in its document or killed, here or everywhere; otherwise 1, whatever it serves.',
  type: 'gauge',
  labelNames: flagKey,
};

export const rolloutPercentage: MetricDescription = {
  name: 'feature_flag_rollout_percentage',
  help:
    "The share of units that the flag's own rollout has reached by now, in percent (0-100), as configured: rules, targets " +
    'and kills do not change it. Only flags with a rollout have it.',
  type: 'gauge',
  labelNames: flagKey,
};

export const expiresTimestamp: MetricDescription = {
  name: 'feature_flag_expires_timestamp_seconds',
  help:
    'When the flag shall be gone by its document, in seconds since the epoch. It goes on serving then; it is the flag that ' +
    'should be removed. Only flags that say when have it.',
  type: 'gauge',
  labelNames: flagKey,
};

export const flagExpired: MetricDescription = {
  name: 'feature_flag_expired',
  help:
    '1 once the flag should be gone: by its document, or because the lifetime of its kind is over. It goes on serving. ' +
    '0 before. Only flags that have an end have it.',
  type: 'gauge',
  labelNames: flagKey,
};

export const flagStale: MetricDescription = {
  name: 'feature_flag_stale',
  help:
    '1 while a release or experiment flag decides nothing any more, because everyone gets the same for good, and has for ' +
    'long, or is expired: its code can go. Otherwise 0. Flags of other kinds do not have it.',
  type: 'gauge',
  labelNames: flagKey,
};

export const configInfo: MetricDescription = {
  name: 'feature_flag_config_info',
  help:
    'Always 1: the version of the flags that serve, and where they came from: the store or one of its sources, or at a ' +
    'start without it cache:PATH or bootstrap. Absent until flags are loaded.',
  type: 'gauge',
  labelNames: ['version', 'source'],
};

export const configStale: MetricDescription = {
  name: 'feature_flag_config_stale',
  help:
    '1 while the flags that serve may not be what the store holds: it is away, or what it holds was refused. Otherwise 0; ' +
    'absent until flags are loaded.',
  type: 'gauge',
  labelNames: [],
};

export const cacheErrorsTotal: MetricDescription = {
  name: 'feature_flag_config_cache_errors_total',
  help: 'How often the flags could not be kept for a start without the store. Only where there is a cache.',
  type: 'counter',
  labelNames: [],
};

export const lastSuccess: MetricDescription = {
  name: 'feature_flag_config_last_success_timestamp_seconds',
  help:
    'When the store was last read and found good, in seconds since the epoch; by an earlier process, where the flags come ' +
    'from its cache. Absent until that happened.',
  type: 'gauge',
  labelNames: [],
};

export const configErrorsTotal: MetricDescription = {
  name: 'feature_flag_config_errors_total',
  help: 'How often a store could not be read, or held flags that were refused. The last good flags go on serving.',
  type: 'counter',
  labelNames: ['source'],
};

export const contextErrorsTotal: MetricDescription = {
  name: 'feature_flag_context_errors_total',
  help: 'Requests whose evaluation context could not be made in time or at all; they went on with an empty one.',
  type: 'counter',
  labelNames: [],
};
