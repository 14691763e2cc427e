import { readFileSync } from 'node:fs';
import type { FlagDocument } from 'halyard';

/** A flag as the suites' `test-flags.json` writes it. */
interface TestFlag {
  readonly variants: Readonly<Record<string, NonNullable<WrittenFlag['variants']>[string]>>;
  /** Absent or `null`: no variant, the caller's default. */
  readonly defaultVariant?: string | null;
  readonly disabled?: boolean;
  readonly flagMetadata?: WrittenFlag['metadata'] | null;
  /** `CONDITION && CONDITION ? 'variant' : ''`, where the empty variant stands for the default one. */
  readonly contextEvaluator?: string;
}

type WrittenFlag = FlagDocument['flags'][string];
type WrittenRule = NonNullable<WrittenFlag['rules']>[number];
type WrittenCondition = NonNullable<WrittenRule['when']>;

/** The suites' flags as a document of Halyard's. */
export function readTestFlags(path: string): FlagDocument {
  const flags = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, TestFlag>>;
  return { version: 1, flags: Object.fromEntries(Object.entries(flags).map(([key, flag]) => [key, toHalyard(flag)])) };
}

function toHalyard({
  variants,
  defaultVariant,
  disabled = false,
  flagMetadata,
  contextEvaluator,
}: TestFlag): WrittenFlag {
  return {
    variants,
    enabled: !disabled,
    // A disabled flag gives the caller's default.
    offVariant: null,
    ...(flagMetadata && { metadata: flagMetadata }),
    ...(contextEvaluator !== undefined && { rules: [toRule(contextEvaluator)] }),
    ...(defaultVariant ? { serve: defaultVariant } : { rollout: nobody(variants) }),
  };
}

/** Everyone gets the caller's default. */
function nobody(variants: TestFlag['variants']): NonNullable<WrittenFlag['rollout']> {
  const [variant = ''] = Object.keys(variants);
  return { percentage: 0, variant, otherwise: null };
}

function toRule(evaluator: string): WrittenRule {
  const [, conditions, serve] = /^(.+) \? '([^']+)' : ''$/.exec(evaluator) ?? [];
  if (conditions === undefined || serve === undefined) throw new Error(`An evaluator of another form: ${evaluator}`);
  return { when: conditions.split(' && ').map(toCondition), serve };
}

function toCondition(text: string): WrittenCondition {
  const [, negated, equal, value, greater, bound] = /^(?:!(\w+)|(\w+) == '([^']*)'|(\w+) > (\d+))$/.exec(text) ?? [];
  if (negated !== undefined) return { not: { attribute: negated, operator: 'equals', value: true } };
  if (equal !== undefined) return { attribute: equal, operator: 'equals', value: value ?? '' };
  if (greater !== undefined) return { attribute: greater, operator: 'greater_than', value: Number(bound) };
  throw new Error(`A condition of another form: ${text}`);
}
