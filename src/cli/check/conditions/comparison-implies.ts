import type { Comparison, MembershipComparison } from '../../../flags/flag-definition.js';
import type { Known } from './implies.js';

/** Whether a comparison holds wherever another does. Only what is certain for lists and missing attributes too counts. */
export function comparisonImplies(given: Comparison, wanted: Comparison, known: Known): boolean {
  if (given.attribute !== wanted.attribute) return false;
  if (isMembership(given) && isMembership(wanted)) return membershipImplies(given, wanted, known);
  if (wanted.operator === 'exists' && wanted.value && needsAttribute(given)) return true;
  const [mine, other] = [limitOf(given), limitOf(wanted)];
  if (mine !== undefined && other !== undefined && mine.scale === other.scale && mine.isLower === other.isLower) {
    const beyond = mine.isLower ? mine.value - other.value : other.value - mine.value;
    return beyond > 0 || (beyond === 0 && (mine.isStrict || !other.isStrict));
  }
  if (given.operator !== wanted.operator) return false;
  if ('values' in given) known.steps -= given.values.length;
  return JSON.stringify(given) === JSON.stringify(wanted);
}

/** Whether it can't hold for a missing attribute. */
export const needsAttribute = (comparison: Comparison): boolean =>
  comparison.operator === 'exists'
    ? comparison.value
    : comparison.operator !== 'not_equals' && comparison.operator !== 'not_in';

export const isMembership = (comparison: Comparison): comparison is MembershipComparison =>
  ['equals', 'in', 'not_equals', 'not_in'].includes(comparison.operator);

export const isNegative = ({ operator }: MembershipComparison): boolean =>
  operator === 'not_equals' || operator === 'not_in';

function membershipImplies(given: MembershipComparison, wanted: MembershipComparison, known: Known): boolean {
  if (isNegative(given) !== isNegative(wanted)) return false;
  return isNegative(given) ? isAmong(wanted, given, known) : isAmong(given, wanted, known);
}

/** Whether who is one of some values is one of others, too. */
export function isAmong(some: MembershipComparison, others: MembershipComparison, known: Known): boolean {
  if (some.ignoreCase && !others.ignoreCase) return false;
  known.steps -= some.values.length + others.values.length;
  if (known.steps < 0) return false;
  const fold = (value: unknown): unknown =>
    others.ignoreCase && typeof value === 'string' ? value.toLowerCase() : value;
  const all = new Set(others.values.map(fold));
  return some.values.every((value) => all.has(fold(value)));
}

/** A limit that an attribute must be above or below. */
interface Limit {
  readonly scale: 'number' | 'time';
  readonly isLower: boolean;
  readonly isStrict: boolean;
  readonly value: number;
}

/** `undefined`: it is no such comparison. */
export function limitOf(comparison: Comparison): Limit | undefined {
  switch (comparison.operator) {
    case 'greater_than':
      return { scale: 'number', isLower: true, isStrict: true, value: comparison.value };
    case 'greater_or_equal':
      return { scale: 'number', isLower: true, isStrict: false, value: comparison.value };
    case 'less_than':
      return { scale: 'number', isLower: false, isStrict: true, value: comparison.value };
    case 'less_or_equal':
      return { scale: 'number', isLower: false, isStrict: false, value: comparison.value };
    case 'after':
      return { scale: 'time', isLower: true, isStrict: true, value: comparison.value };
    case 'before':
      return { scale: 'time', isLower: false, isStrict: true, value: comparison.value };
    default:
      return undefined;
  }
}
