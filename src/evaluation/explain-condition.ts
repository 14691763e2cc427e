import type { Comparison, Condition } from '../flags/flag-definition.js';
import { showValue } from '../flags/show-value.js';
import type { CompiledCondition, ConditionScope } from './compile-condition.js';
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

/** Asks the very functions that an evaluation asks, one by one. */
export function explainCondition(
  compiled: CompiledCondition,
  context: EvaluationContext,
  scope: ConditionScope,
): ExplainedCondition {
  const { condition } = compiled;
  const segment = condition.type === 'segment' ? scope.segments.get(condition.segment) : undefined;
  const parts = segment === undefined ? compiled.parts : [segment];
  const explained = {
    text: describe(condition),
    holds: asked(() => compiled.holds(context), false),
    parts: parts.map((part) => explainCondition(part, context, scope)),
  };
  if (condition.type !== 'comparison') return explained;
  return {
    ...explained,
    found: asked(() => showFound(scope.readers.of(condition.attribute)(context)), "what can't be read"),
  };
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
