import { showError } from '../../flags/show-value.js';
import { openLook } from '../../control/rollout/health/prometheus/prometheus-client.js';
import { PrometheusError } from '../../control/rollout/health/prometheus/prometheus-error.js';
import { type PrometheusSettings, readOptions } from '../../control/rollout/health/prometheus/prometheus-options.js';
import type { QuerySample } from '../../control/rollout/health/prometheus/read-answer.js';
import { isKey } from '../../flags/names.js';
import type { FlagTimes } from '../../stores/fleet-register.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import type { UsageOptions } from './usage-options.js';

/** How long all questions together may take. They look far back. */
const TIMEOUT_MS = 60_000;

/**
 * How far back it is looked, and how precisely: a day to five minutes, 90 days to six hours. The ranges overlap, because what
 * moved between two ranges would be in neither.
 */
const LOOKS = [
  { span: '1d', step: '5m', range: '10m' },
  { span: '90d', step: '6h', range: '6h5m' },
] as const;

/**
 * When a Prometheus last saw the counter of each flag move, in milliseconds since the epoch; up to five minutes late for
 * the last day, up to six hours before. A flag that isn't there may have been evaluated earlier, or where nobody scrapes.
 *
 * @throws CommandError for options that are wrong, and where Prometheus gives no answer that can be used
 */
export async function askPrometheusUsage(
  { prometheus, selector }: UsageOptions,
  { now, signal }: Pick<Terminal, 'now' | 'signal'>,
): Promise<FlagTimes> {
  const settings = settingsOf(prometheus, selector);
  const at = now();
  try {
    const ask = await openLook(settings, [signal]);
    const looks = await Promise.all(LOOKS.map((look) => ask(lastMoves(settings.selector, look), at)));
    return latestOf(looks.flat(), at);
  } catch (error) {
    if (error instanceof PrometheusError) throw new CommandError(EXIT.store, error.message, { cause: error });
    throw error;
  }
}

function settingsOf(url: string | undefined, selector: string | undefined): PrometheusSettings {
  if (url === undefined)
    throw new CommandError(EXIT.usage, '--selector says which series of a --prometheus are meant: give both.');
  if (selector === undefined) {
    throw new CommandError(
      EXIT.usage,
      '--prometheus needs a --selector, so that staging does not pass for production: --selector \'{job="shop"}\'',
    );
  }
  try {
    return readOptions({ url, selector: selector.replace(/^\s*\{(.*)\}\s*$/s, '$1'), timeoutMs: TIMEOUT_MS });
  } catch (error) {
    const message = showError(error)
      .replace('prometheusHealth: option `selector`', '--selector')
      .replace('prometheusHealth: option `url`', '--prometheus');
    throw new CommandError(EXIT.usage, message, { cause: error });
  }
}

/**
 * The last step at whose end a series had moved within the step, or had come up and counted already: a process that began
 * and ended between two scrapes shows only that.
 *
 * @param selector checked label matchers
 */
function lastMoves(selector: string, { span, step, range }: (typeof LOOKS)[number]): string {
  const series = `feature_flag_evaluations_total{${selector}}`;
  const hasMoved = `changes(${series}[${range}]) > 0`;
  const hasBegun = `(last_over_time(${series}[${step}]) > 0 unless last_over_time(${series}[${step}] offset ${step}))`;
  return `max by (flag_key) (max_over_time(timestamp(${hasMoved} or ${hasBegun})[${span}:${step}]))`;
}

function latestOf(samples: readonly QuerySample[], now: number): FlagTimes {
  const times = new Map<string, number>();
  for (const { labels, value } of samples) {
    const key = labels['flag_key'];
    if (typeof key !== 'string' || !isKey(key) || !Number.isFinite(value)) continue;
    times.set(key, Math.max(times.get(key) ?? 0, Math.min(value * 1000, now)));
  }
  return times;
}
