import type { Condition } from '../flags/flag-definition.js';
import { compileCondition, type CompiledSegment, segmentsIn } from './compile-condition.js';
import type { AttributeReaders } from './evaluation-context.js';

export type CompiledSegments = ReadonlyMap<string, CompiledSegment>;

/**
 * The segments compiled, and the names of those that hold for others than before: changed themselves, or naming one that is.
 * Where none changed, it is the very map of before.
 */
export function compileSegments(
  conditions: ReadonlyMap<string, Condition>,
  readers: AttributeReaders,
  previous: CompiledSegments = new Map(),
): { readonly segments: CompiledSegments; readonly changed: ReadonlySet<string> } {
  const changed = new Set<string>();
  for (const [name, condition] of conditions) if (previous.get(name)?.condition !== condition) changed.add(name);
  for (const name of previous.keys()) if (!conditions.has(name)) changed.add(name);
  if (changed.size === 0) return { segments: previous, changed };

  addDependants(changed, conditions);
  const segments = new Map<string, CompiledSegment>();
  for (const [name, condition] of conditions) {
    segments.set(name, { condition, holds: compileCondition(condition, { readers, segments }) });
  }
  return { segments, changed };
}

function addDependants(changed: Set<string>, conditions: ReadonlyMap<string, Condition>): void {
  let size: number;
  do {
    size = changed.size;
    for (const [name, condition] of conditions) {
      if (segmentsIn([condition]).some((used) => changed.has(used))) changed.add(name);
    }
  } while (changed.size > size);
}
