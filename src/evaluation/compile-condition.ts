import type { Condition } from '../flags/flag-definition.js';
import { compileComparison } from './compile-comparison.js';
import type { AttributeReaders, EvaluationContext } from './evaluation-context.js';

/** A condition that can be asked, with its parts, so that an explanation asks the very same functions. */
export interface CompiledCondition {
  readonly condition: Condition;
  readonly holds: (context: EvaluationContext) => boolean;
  readonly parts: readonly CompiledCondition[];
}

/** What conditions are compiled in. */
export interface ConditionScope {
  readonly readers: AttributeReaders;
  /** The segments of the document, by name. It may still be filling: it is read when a condition is asked. */
  readonly segments: ReadonlyMap<string, CompiledCondition>;
}

export function compileCondition(condition: Condition, scope: ConditionScope): CompiledCondition {
  switch (condition.type) {
    case 'comparison':
      return { condition, holds: compileComparison(condition, scope.readers), parts: NONE };
    case 'all': {
      const parts = condition.conditions.map((part) => compileCondition(part, scope));
      return { condition, holds: allHold(parts), parts };
    }
    case 'any': {
      const parts = condition.conditions.map((part) => compileCondition(part, scope));
      return { condition, holds: (context) => parts.some((part) => part.holds(context)), parts };
    }
    case 'not': {
      const part = compileCondition(condition.condition, scope);
      return { condition, holds: (context) => !part.holds(context), parts: [part] };
    }
    case 'segment': {
      const { segments } = scope;
      const name = condition.segment;
      return { condition, holds: (context) => segments.get(name)?.holds(context) ?? false, parts: NONE };
    }
  }
}

const NONE: readonly CompiledCondition[] = [];

function allHold(parts: readonly CompiledCondition[]): (context: EvaluationContext) => boolean {
  const [first, second] = parts;
  if (parts.length === 2 && first !== undefined && second !== undefined) {
    const { holds: firstHolds } = first;
    const { holds: secondHolds } = second;
    return (context) => firstHolds(context) && secondHolds(context);
  }
  return (context) => {
    for (const part of parts) if (!part.holds(context)) return false;
    return true;
  };
}

/** The segments that a condition names itself, not those that these name in turn. */
export function segmentsIn(condition: Condition): readonly string[] {
  switch (condition.type) {
    case 'segment':
      return [condition.segment];
    case 'not':
      return segmentsIn(condition.condition);
    case 'all':
    case 'any':
      return condition.conditions.flatMap(segmentsIn);
    case 'comparison':
      return [];
  }
}
