import type { FlagSet } from '../evaluation/flag-set.js';
import type { FlagState } from '../flags/flag-state.js';
import { canBeStale, definitionsOf, stageOf, termOf } from '../lifecycle/flag-lifecycle.js';
import type { LifecycleSettings } from '../lifecycle/lifecycle-options.js';
import { createSettlements } from '../lifecycle/settlement.js';
import type { Sample } from './shared-metric.js';

/** 1 for each flag whose end is over at `now`, 0 for each whose end is to come. `now` is in milliseconds since the epoch. */
export function* expiredSamples(set: FlagSet, settings: LifecycleSettings, now: number): Generator<Sample> {
  for (const [key, definition] of definitionsOf(set)) {
    const { expires, isExpired } = termOf(definition, settings, now);
    if (expires !== undefined) yield { labels: { flag_key: key }, value: isExpired ? 1 : 0 };
  }
}

/** 1 for each release or experiment flag that is stale at `now`, 0 for each that isn't. `now` is in milliseconds since the epoch. */
export function* staleFlagSamples(
  set: FlagSet,
  state: FlagState,
  settings: LifecycleSettings,
  now: number,
): Generator<Sample> {
  const flags = definitionsOf(set);
  const settlementOf = createSettlements({ flags, state, now });
  for (const [key, definition] of flags) {
    if (!canBeStale(definition)) continue;
    const { stage } = stageOf(definition, termOf(definition, settings, now), settlementOf(definition), now, settings);
    yield { labels: { flag_key: key }, value: stage === 'stale' ? 1 : 0 };
  }
}
