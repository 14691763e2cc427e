import type { Comparison, Condition } from '../../../flags/flag-definition.js';
import { isAmong, isMembership, isNegative, limitOf, needsAttribute } from './comparison-implies.js';
import { implies, type Known } from './implies.js';

/**
 * Whether a condition holds for no context at all. `false`: it may hold, or that it can't is hard to see. That an attribute
 * must equal two values is no contradiction: an attribute can be a list.
 */
export function neverHolds(condition: Condition, known: Known): boolean {
  if (--known.steps < 0) return false;
  switch (condition.type) {
    case 'any':
      return condition.conditions.every((part) => neverHolds(part, known));
    case 'all':
      return (
        condition.conditions.some((part) => neverHolds(part, known)) || hasContradiction(condition.conditions, known)
      );
    case 'not':
      return implies(everyone, condition.condition, known);
    case 'segment': {
      const meant = known.segments.get(condition.segment);
      return meant !== undefined && neverHolds(meant, known);
    }
    case 'comparison':
      return 'values' in condition && condition.values.length === 0 && condition.operator !== 'not_in';
  }
}

const everyone: Condition = { type: 'all', conditions: [] };

function hasContradiction(parts: readonly Condition[], known: Known): boolean {
  for (const [index, part] of parts.entries()) {
    for (let later = index + 1; later < parts.length && known.steps > 0; later++) {
      const other = parts[later];
      if (other !== undefined && exclude(part, other, known)) return true;
    }
  }
  return false;
}

function exclude(a: Condition, b: Condition, known: Known): boolean {
  if (--known.steps < 0) return false;
  if (b.type === 'not') return implies(a, b.condition, known);
  if (a.type === 'not') return implies(b, a.condition, known);
  return a.type === 'comparison' && b.type === 'comparison' && a.attribute === b.attribute && disagree(a, b, known);
}

/** Whether two comparisons of one attribute can't both hold. */
function disagree(a: Comparison, b: Comparison, known: Known): boolean {
  if (isMembership(a) && isMembership(b)) {
    if (isNegative(a) === isNegative(b)) return false;
    return isNegative(a) ? isAmong(b, a, known) : isAmong(a, b, known);
  }
  if (isAbsence(a)) return needsAttribute(b);
  if (isAbsence(b)) return needsAttribute(a);
  const [one, other] = [limitOf(a), limitOf(b)];
  if (one === undefined || other === undefined || one.scale !== other.scale || one.isLower === other.isLower)
    return false;
  const room = one.isLower ? other.value - one.value : one.value - other.value;
  return room < 0 || (room === 0 && (one.isStrict || other.isStrict));
}

const isAbsence = (comparison: Comparison): boolean => comparison.operator === 'exists' && !comparison.value;
