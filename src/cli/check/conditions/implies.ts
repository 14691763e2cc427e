import type { Comparison, Condition } from '../../../flags/flag-definition.js';
import { comparisonImplies } from './comparison-implies.js';

/** What is known while conditions are compared. */
export interface Known {
  readonly segments: ReadonlyMap<string, Condition>;
  /** How many more comparisons may be made. None left: nothing is proved any more. */
  steps: number;
}

/**
 * Whether a condition holds wherever another does, for all contexts. `false`: it doesn't, or that can't be seen easily:
 * what it says is true, but it doesn't say all that is.
 */
export function implies(given: Condition, wanted: Condition, known: Known): boolean {
  if (--known.steps < 0) return false;
  if (given === wanted) return true;
  if (wanted.type === 'all') return wanted.conditions.every((part) => implies(given, part, known));
  if (given.type === 'any') return given.conditions.every((part) => implies(part, wanted, known));
  return isDirect(given, wanted, known) || isByPart(given, wanted, known);
}

function isByPart(given: Condition, wanted: Condition, known: Known): boolean {
  if (wanted.type === 'any' && wanted.conditions.some((part) => implies(given, part, known))) return true;
  if (given.type === 'all' && given.conditions.some((part) => implies(part, wanted, known))) return true;
  if (given.type === 'segment') {
    const meant = known.segments.get(given.segment);
    if (meant !== undefined && implies(meant, wanted, known)) return true;
  }
  if (wanted.type !== 'segment') return false;
  const meant = known.segments.get(wanted.segment);
  return meant !== undefined && implies(given, meant, known);
}

function isDirect(given: Condition, wanted: Condition, known: Known): boolean {
  if (given.type === 'segment' && wanted.type === 'segment') return given.segment === wanted.segment;
  if (given.type === 'not' && wanted.type === 'not') return implies(wanted.condition, given.condition, known);
  return isComparison(given) && isComparison(wanted) && comparisonImplies(given, wanted, known);
}

const isComparison = (condition: Condition): condition is Comparison => condition.type === 'comparison';
