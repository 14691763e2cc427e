import type { Comparison, Condition } from '../flags/flag-definition.js';
import { showValue } from '../flags/show-value.js';
import { compileCondition, type ConditionScope } from './compile-condition.js';
import type { EvaluationContext } from './evaluation-context.js';

/** A condition, whether it holds, and what was found. */
export interface ExplainedCondition {
  /** E.g. `plan in "pro", "enterprise"` or `all of`. */
  readonly text: string;
  readonly holds: boolean;
  /** What the attribute was, as text; absent where no attribute is read. */
  readonly found?: string;
  readonly parts: readonly ExplainedCondition[];
}

/** Compiles each part by itself, as it is compiled for evaluations, and asks it. */
export function explainCondition(
  condition: Condition,
  context: EvaluationContext,
  scope: ConditionScope,
): ExplainedCondition {
  const holds = compileCondition(condition, scope);
  const explained = {
    text: describe(condition),
    holds: asked(() => holds(context), false),
    parts: partsOf(condition, scope).map((part) => explainCondition(part, context, scope)),
  };
  if (condition.type !== 'comparison') return explained;
  return {
    ...explained,
    found: asked(() => showFound(scope.readers.of(condition.attribute)(context)), "what can't be read"),
  };
}

function partsOf(condition: Condition, { segments }: ConditionScope): readonly Condition[] {
  switch (condition.type) {
    case 'all':
    case 'any':
      return condition.conditions;
    case 'not':
      return [condition.condition];
    case 'segment': {
      const segment = segments.get(condition.segment);
      return segment === undefined ? [] : [segment.condition];
    }
    case 'comparison':
      return [];
  }
}

/** An evaluation stops at the first condition that decides; here all are asked, and some may not be fit to be. */
function asked<Result>(question: () => Result, otherwise: Result): Result {
  try {
    return question();
  } catch {
    return otherwise;
  }
}

function describe(condition: Condition): string {
  switch (condition.type) {
    case 'all':
      return condition.conditions.length === 0 ? 'always' : 'all of';
    case 'any':
      return 'any of';
    case 'not':
      return 'not';
    case 'segment':
      return `segment ${condition.segment}`;
    case 'comparison':
      return `${condition.attribute} ${condition.operator} ${describeOperand(condition)}`;
  }
}

function describeOperand(comparison: Comparison): string {
  switch (comparison.operator) {
    case 'before':
    case 'after':
      return new Date(comparison.value).toISOString();
    case 'in_cidr':
      return comparison.values.map((cidr) => cidr.text).join(', ');
    case 'equals':
    case 'not_equals':
    case 'in':
    case 'not_in':
    case 'contains':
    case 'starts_with':
    case 'ends_with':
    case 'glob':
    case 'matches':
      return comparison.values.map(showValue).join(', ') + (comparison.ignoreCase ? ' (ignoring case)' : '');
    default:
      return showValue(comparison.value);
  }
}

function showFound(value: unknown): string {
  return value === undefined || value === null ? 'missing' : showValue(value);
}
