import { checkOptions, isListOfTexts, type OptionChecks } from '../options/check-options.js';

/** Which flags the duration and outcome of requests are measured for. */
export interface RequestMetricsOptions {
  /**
   * The keys of the flags, or `all`. Each flag makes about 14 series for every variant, assignment and outcome. Default:
   * `rolling-out`, the flags with a rollout or split, their own or in a rule, and those of the kind `experiment`. Flags
   * with a watched rollout are always measured: its checks need it.
   */
  readonly flags?: 'rolling-out' | 'all' | readonly string[] | undefined;
  /** The histogram's upper bounds in seconds: finite, above 0, rising. Default: from 0.005 to 10, as prom-client has them. */
  readonly buckets?: readonly number[] | undefined;
}

const checks: OptionChecks<RequestMetricsOptions> = {
  flags: {
    allowed: "'rolling-out', 'all' or a list of flag keys",
    isRight: (value) => value === 'rolling-out' || value === 'all' || isListOfTexts(value),
  },
  buckets: { allowed: 'a list of numbers above 0, rising', isRight: isRising },
};

/** @throws TypeError that names the option, what came and what is allowed */
export function checkRequestMetricsOptions(options: RequestMetricsOptions): void {
  checkOptions('createHalyard: option `requestMetrics`', options, checks);
}

function isRising(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((bound, index) => Number.isFinite(bound) && bound > (index === 0 ? 0 : value[index - 1]));
}
