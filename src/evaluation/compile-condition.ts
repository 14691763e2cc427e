import type { Condition } from '../flags/flag-definition.js';
import { compileComparison } from './compile-comparison.js';
import type { AttributeReaders, EvaluationContext } from './evaluation-context.js';

/** Whether a condition holds for a context. */
export type CompiledCondition = (context: EvaluationContext) => boolean;

/** What conditions are compiled in. */
export interface ConditionScope {
  readonly readers: AttributeReaders;
  /** The segments of the document, by name. It may still be filling: it is read when a condition is asked. */
  readonly segments: ReadonlyMap<string, CompiledSegment>;
}

export interface CompiledSegment {
  readonly condition: Condition;
  readonly holds: CompiledCondition;
}

export function compileCondition(condition: Condition, scope: ConditionScope): CompiledCondition {
  switch (condition.type) {
    case 'comparison':
      return compileComparison(condition, scope.readers);
    case 'all':
      return compileAll(condition.conditions.map((part) => compileCondition(part, scope)));
    case 'any': {
      const parts = condition.conditions.map((part) => compileCondition(part, scope));
      return (context) => parts.some((part) => part(context));
    }
    case 'not': {
      const part = compileCondition(condition.condition, scope);
      return (context) => !part(context);
    }
    case 'segment': {
      const { segments } = scope;
      const name = condition.segment;
      return (context) => segments.get(name)?.holds(context) ?? false;
    }
  }
}

function compileAll(parts: readonly CompiledCondition[]): CompiledCondition {
  const [first, second] = parts;
  if (parts.length === 2 && first !== undefined && second !== undefined) {
    return (context) => first(context) && second(context);
  }
  return (context) => {
    for (const part of parts) if (!part(context)) return false;
    return true;
  };
}

/** The segments that conditions name themselves, not those that these name in turn. */
export function segmentsIn(conditions: readonly Condition[]): readonly string[] {
  const names: string[] = [];
  for (const condition of conditions) addSegments(condition, names);
  return names;
}

function addSegments(condition: Condition, names: string[]): void {
  switch (condition.type) {
    case 'segment':
      names.push(condition.segment);
      break;
    case 'not':
      addSegments(condition.condition, names);
      break;
    case 'all':
    case 'any':
      for (const part of condition.conditions) addSegments(part, names);
      break;
    case 'comparison':
  }
}
