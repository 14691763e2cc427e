import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import semver from 'semver';
import type {
  Cidr,
  Comparison,
  MembershipComparison,
  NumberComparison,
  TextComparison,
  VersionComparison,
} from '../flags/flag-definition.js';
import { parseInstant } from '../flags/instant.js';
import { compilePattern } from '../flags/pattern.js';
import type { AttributeReader, AttributeReaders, EvaluationContext } from './evaluation-context.js';
import { compileGlob } from './glob.js';

type Test = (value: unknown) => boolean;
type TextTest = (text: string) => boolean;
type Holds = (context: EvaluationContext) => boolean;

/**
 * A comparison as a function of the context. A missing attribute fulfils no test, and so of all operators only
 * `not_equals`, `not_in` and `exists: false`.
 */
export function compileComparison(comparison: Comparison, readers: AttributeReaders): Holds {
  const read = readers.of(comparison.attribute);
  switch (comparison.operator) {
    case 'equals':
    case 'in':
      return compileMembership(read, comparison.values, comparison.ignoreCase);
    case 'not_equals':
    case 'not_in': {
      const isMember = compileMembership(read, comparison.values, comparison.ignoreCase);
      return (context) => !isMember(context);
    }
    default: {
      const test = compileTest(comparison);
      return (context) => test(read(context));
    }
  }
}

/** Above this many values a set is faster than looking at each. */
const FEW_VALUES = 8;

/** Whether the attribute, or an element of it where it is an array, is one of the values. */
function compileMembership(read: AttributeReader, values: readonly unknown[], ignoreCase: boolean): Holds {
  if (ignoreCase) {
    const lower = new Set(values.map(toLowerCase));
    return (context) => {
      const value = read(context);
      return (
        lower.has(toLowerCase(value)) || (Array.isArray(value) && value.some((item) => lower.has(toLowerCase(item))))
      );
    };
  }
  if (values.length > FEW_VALUES) {
    const set = new Set(values);
    return (context) => {
      const value = read(context);
      return set.has(value) || (Array.isArray(value) && value.some((item) => set.has(item)));
    };
  }
  if (values.length !== 1) {
    return (context) => {
      const value = read(context);
      return values.includes(value) || (Array.isArray(value) && value.some((item) => values.includes(item)));
    };
  }
  const [only] = values;
  return (context) => {
    const value = read(context);
    return value === only || (Array.isArray(value) && value.includes(only));
  };
}

function compileTest(comparison: Exclude<Comparison, MembershipComparison>): Test {
  switch (comparison.operator) {
    case 'exists':
      return (value) => (value !== undefined && value !== null) === comparison.value;
    case 'contains':
    case 'starts_with':
    case 'ends_with':
    case 'glob':
    case 'matches':
      return textual(comparison);
    case 'greater_than':
    case 'greater_or_equal':
    case 'less_than':
    case 'less_or_equal':
      return numeric(comparison);
    case 'before':
      return (value) => asInstant(value) < comparison.value;
    case 'after':
      return (value) => asInstant(value) > comparison.value;
    case 'semver_equals':
    case 'semver_greater_than':
    case 'semver_less_than':
    case 'semver_satisfies':
      return versioned(comparison);
    case 'in_cidr':
      return (value) => isInAnyBlock(value, comparison.values);
  }
}

function toLowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function textual(comparison: TextComparison): Test {
  const { operator, ignoreCase } = comparison;
  const tests = comparison.values.map((value) => textTest(operator, value, ignoreCase));
  const [first] = tests;
  const test: TextTest = tests.length === 1 && first !== undefined ? first : (text) => tests.some((one) => one(text));
  // A pattern folds the case itself.
  const fold = ignoreCase && operator !== 'matches';
  const testText: Test = (value) => typeof value === 'string' && test(fold ? value.toLowerCase() : value);
  return operator === 'contains'
    ? (value) => (Array.isArray(value) ? value.some(testText) : testText(value))
    : testText;
}

function textTest(operator: TextComparison['operator'], written: string, ignoreCase: boolean): TextTest {
  if (operator === 'matches') return compilePattern(written, ignoreCase);
  const wanted = ignoreCase ? written.toLowerCase() : written;
  switch (operator) {
    case 'contains':
      return (text) => text.includes(wanted);
    case 'starts_with':
      return (text) => text.startsWith(wanted);
    case 'ends_with':
      return (text) => text.endsWith(wanted);
    case 'glob':
      return compileGlob(wanted);
  }
}

function numeric({ operator, value: limit }: NumberComparison): Test {
  switch (operator) {
    case 'greater_than':
      return (value) => typeof value === 'number' && value > limit;
    case 'greater_or_equal':
      return (value) => typeof value === 'number' && value >= limit;
    case 'less_than':
      return (value) => typeof value === 'number' && value < limit;
    case 'less_or_equal':
      return (value) => typeof value === 'number' && value <= limit;
  }
}

/** Milliseconds since the epoch of a Date, an ISO text or a number; NaN, which is before and after nothing, for anything else. */
function asInstant(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return parseInstant(value) ?? NaN;
  return value instanceof Date ? value.getTime() : NaN;
}

function versioned({ operator, value: wanted }: VersionComparison): Test {
  if (operator === 'semver_satisfies') {
    const range = new semver.Range(wanted);
    return (value) => {
      const version = asVersion(value);
      return version !== null && range.test(version);
    };
  }
  const holds = { semver_equals: isZero, semver_greater_than: isPositive, semver_less_than: isNegative }[operator];
  const reference = new semver.SemVer(wanted);
  return (value) => {
    const version = asVersion(value);
    return version !== null && holds(version.compare(reference));
  };
}

const isZero = (order: number): boolean => order === 0;
const isPositive = (order: number): boolean => order > 0;
const isNegative = (order: number): boolean => order < 0;

function asVersion(value: unknown): semver.SemVer | null {
  return typeof value === 'string' ? semver.parse(value) : null;
}

function isInAnyBlock(value: unknown, blocks: readonly Cidr[]): boolean {
  if (typeof value !== 'string' || isIP(value) === 0) return false;
  const bytes = ipaddr.process(value).toByteArray();
  return blocks.some((cidr) => isInBlock(bytes, cidr));
}

function isInBlock(bytes: readonly number[], cidr: Cidr): boolean {
  if (bytes.length !== cidr.bytes.length) return false;
  const whole = cidr.prefixLength >> 3;
  for (let index = 0; index < whole; index += 1) if (bytes[index] !== cidr.bytes[index]) return false;
  const rest = cidr.prefixLength & 7;
  return rest === 0 || ((bytes[whole] ?? 0) ^ (cidr.bytes[whole] ?? 0)) >> (8 - rest) === 0;
}
