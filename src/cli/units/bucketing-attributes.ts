import { percentageAt } from '../../evaluation/schedule.js';
import { AttributeReaders, type EvaluationContext } from '../../evaluation/evaluation-context.js';
import type { FlagDefinition, Outcome, Rollout, Split } from '../../flags/flag-definition.js';

/** The attributes that flags bucket by, beside the targeting key, as far as the context hasn't got them. Each once. */
export function bucketingAttributes(flags: Iterable<FlagDefinition>, context: EvaluationContext): readonly string[] {
  const names = new Set<string>();
  for (const { outcome, rules } of flags) {
    for (const each of [outcome, ...rules.map((rule) => rule.outcome)])
      for (const name of attributesOf(each)) names.add(name);
  }
  names.delete('targetingKey');
  const readers = new AttributeReaders({});
  return Array.from(names).filter((name) => (readers.of(name)(context) ?? undefined) === undefined);
}

/** The attributes that place units in an outcome. */
export function attributesOf(outcome: Outcome | undefined): readonly string[] {
  switch (outcome?.type) {
    case undefined:
    case 'serve':
      return [];
    case 'rollout':
      return [outcome.rollout.by];
    case 'split':
      return [outcome.split.by];
    case 'experiment':
      return [outcome.rollout.by, outcome.split.by];
  }
}

/**
 * Those of them that are read at a moment: where all units are in, or none, nobody is bucketed.
 *
 * @param now milliseconds since the epoch
 */
export function attributesReadAt(outcome: Outcome | undefined, now: number): readonly string[] {
  const isBucketed = ({ schedule }: Rollout): boolean => {
    const share = percentageAt(schedule, now);
    return share > 0 && share < 100;
  };
  const isDivided = ({ weights }: Split): boolean => [...weights.values()].filter((weight) => weight > 0).length > 1;
  switch (outcome?.type) {
    case undefined:
    case 'serve':
      return [];
    case 'rollout':
      return isBucketed(outcome.rollout) ? [outcome.rollout.by] : [];
    case 'split':
      return isDivided(outcome.split) ? [outcome.split.by] : [];
    case 'experiment': {
      const { rollout, split } = outcome;
      const isAnyoneIn = percentageAt(rollout.schedule, now) > 0;
      return [...(isBucketed(rollout) ? [rollout.by] : []), ...(isAnyoneIn && isDivided(split) ? [split.by] : [])];
    }
  }
}

/** A flag and all flags that it requires, directly or through others. */
export function withRequired(key: string, flags: ReadonlyMap<string, FlagDefinition>): readonly FlagDefinition[] {
  const keys = new Set([key]);
  // A set's iterator also visits what is added on the way.
  for (const each of keys) for (const { flag } of flags.get(each)?.requires ?? []) keys.add(flag);
  return Array.from(keys, (each) => flags.get(each)).filter((flag) => flag !== undefined);
}
