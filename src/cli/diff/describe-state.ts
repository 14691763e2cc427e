import type { FlagState, Kill } from '../../flags/flag-state.js';
import { serializeFlagState } from '../../flags/flag-state-text.js';
import type { DescribedChange, DescribedDifference } from './describe-changes.js';
import { leafDifferences, own } from './leaf-differences.js';

/** What operations did differently: kills, watched rollouts, trips of breakers. In words, and nothing left out. */
export function describeStateChanges(before: FlagState, after: FlagState): readonly DescribedChange[] {
  const [old, next] = [serializeFlagState(before), serializeFlagState(after)];
  const keys = new Set(
    [before, after].flatMap(({ kills, rollouts, trips }) => [...kills.keys(), ...rollouts.keys(), ...trips.keys()]),
  );
  return Array.from(keys, (key): DescribedChange => {
    const differences = (['kills', 'rollouts', 'trips'] as const).flatMap((part) =>
      describePart(part, own(old[part], key), own(next[part], key), after.kills.get(key)),
    );
    return { subject: 'state', name: key, kind: 'changed', differences };
  }).filter(({ differences }) => differences.length > 0);
}

function describePart(
  part: 'kills' | 'rollouts' | 'trips',
  before: unknown,
  after: unknown,
  kill: Kill | undefined,
): readonly DescribedDifference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const whole = (words: string): readonly DescribedDifference[] => [{ path: [part], before, after, words }];
  if (part === 'kills' && after === undefined) return whole('restored: its kill has ended');
  if (part === 'kills' && before === undefined && kill !== undefined) {
    return whole(`killed by ${kill.by}: ${JSON.stringify(kill.reason)}`);
  }
  if (part === 'trips' && after === undefined) return whole('its breaker has closed');
  return leafDifferences(before, after, [part]);
}
