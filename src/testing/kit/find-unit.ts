import { evaluateFlag } from '../../evaluation/evaluate.js';
import type { EvaluationContext } from '../../evaluation/evaluation-context.js';
import type { FlagSet } from '../../evaluation/flag-set.js';
import type { FlagDefinition, Outcome } from '../../flags/flag-definition.js';

/** How many units are tried: a variant for one in ten thousand is found nearly always. */
const MOST_TRIED = 100_000;

export interface UnitQuestion {
  readonly key: string;
  readonly variant: string;
  /** Attributes beside the unit: what rules ask for. */
  readonly context: EvaluationContext;
  /** In milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The first of `unit-0`, `unit-1`, … that gets a variant. It is tried as the targeting key, and as every other attribute
 * that the flag, or one that it requires, is bucketed by.
 *
 * @throws Error that says who gets what, if no unit gets it
 */
export function findUnit(set: FlagSet, { key, variant, context, now }: UnitQuestion): string {
  const flag = set.flags.get(key);
  const attributes = ['targetingKey', ...bucketedBy(key, set)].filter((name) => !Object.hasOwn(context, name));
  const served = new Map<string, number>();
  for (let index = 0; flag !== undefined && index < MOST_TRIED; index += 1) {
    const unit = `unit-${index}`;
    const given = { ...context, ...Object.fromEntries(attributes.map((name) => [name, unit])) };
    const answer = evaluateFlag(flag, set.flags, given, now);
    if (answer.variant === variant) return unit;
    const name = answer.variant ?? `no variant (${answer.errorCode ?? answer.reason})`;
    served.set(name, (served.get(name) ?? 0) + 1);
    // One answer to everyone: no other unit gets another.
    if (flag.settled !== undefined) break;
  }
  const counts = Array.from(served, ([name, count]) => `${name} ${count} times`).join(', ');
  throw new Error(`\`${key}\` gives nobody the variant \`${variant}\`. It gave ${counts}.`);
}

/** The attributes whose values decide, other flags' included. */
function bucketedBy(
  key: string,
  { flags }: Pick<FlagSet, 'flags'>,
  seen: Set<string> = new Set(),
): ReadonlySet<string> {
  const definition = flags.get(key)?.definition;
  if (definition === undefined || seen.has(key)) return new Set();
  seen.add(key);
  const required = definition.requires.flatMap(({ flag }) => [...bucketedBy(flag, { flags }, seen)]);
  return new Set([...outcomesOf(definition).flatMap(attributesOf), ...required]);
}

const outcomesOf = ({ outcome, rules }: FlagDefinition): readonly Outcome[] => [
  outcome,
  ...rules.map((rule) => rule.outcome),
];

function attributesOf(outcome: Outcome): readonly string[] {
  switch (outcome.type) {
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
