import type { FlagSet } from '../evaluation/flag-set.js';
import { isKilled } from '../evaluation/flag-situation.js';
import { percentageAt } from '../evaluation/schedule.js';
import { isKey } from '../flags/names.js';
import type { Sample } from './shared-metric.js';

/**
 * 1 for each flag that is on at `now`, 0 for each that is disabled or killed, also under a key that no document has.
 * A flag that can't be understood is neither. `now` is in milliseconds since the epoch.
 */
export function* enabledSamples({ flags }: FlagSet, now: number): Generator<Sample> {
  for (const flag of flags.values()) {
    const isOff = isKilled(flag.situation, now) || flag.definition?.enabled === false;
    if ((isOff || flag.definition !== undefined) && isKey(flag.key)) {
      yield { labels: { flag_key: flag.key }, value: isOff ? 0 : 1 };
    }
  }
}

/** The percentage at `now` of each flag that has a rollout of its own. `now` is in milliseconds since the epoch. */
export function* rolloutSamples({ flags }: FlagSet, now: number): Generator<Sample> {
  for (const { key, outcome } of flags.values()) {
    if (outcome?.type !== 'rollout' && outcome?.type !== 'experiment') continue;
    yield { labels: { flag_key: key }, value: percentageAt(outcome.rollout.schedule, now) };
  }
}

/** When each flag that has an end expires, in seconds since the epoch. */
export function* expirySamples({ flags }: FlagSet): Generator<Sample> {
  for (const { key, definition } of flags.values()) {
    if (definition?.expires === undefined) continue;
    yield { labels: { flag_key: key }, value: definition.expires / 1000 };
  }
}
