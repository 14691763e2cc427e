import type { Comparison } from '../flag-definition.js';
import type { Operator } from '../flag-document.js';
import { comparisonWords } from './foreign-words.js';
import { isOperator, operandKinds, operatorMeantBy } from './operators.js';
import {
  hasWildcard,
  readInstantOperand,
  readNumberOperand,
  readAddresses,
  readScalar,
  readScalars,
  readTexts,
  readVersion,
} from './operands.js';
import type { Place, ProblemLog } from './problem-log.js';
import { isMapping, readFields } from './read-fields.js';
import { isScalar, readBoolean, readText } from './read-scalars.js';
import { showName, showValue } from '../show-value.js';

/**
 * Whether a mapping with these names is an explicit comparison, or was meant as one in another system's words: it says
 * what is compared and how, so it is no mapping of two attributes.
 */
export function isComparison(names: readonly string[]): boolean {
  let hasSubject = false;
  let hasRelation = false;
  for (const name of names) {
    switch (name) {
      case 'operator':
        return true;
      case 'attribute':
      case 'contextName':
      case 'property':
      case 'field':
        hasSubject = true;
        break;
      case 'op':
      case 'comparator':
      case 'operation':
      case 'values':
      case 'value':
        hasRelation = true;
        break;
      default:
    }
  }
  return hasSubject && hasRelation;
}

/** `{ attribute, operator, value }`. `undefined` after a problem. */
export function parseComparison(
  mapping: Readonly<Record<string, unknown>>,
  place: Place,
  log: ProblemLog,
): Comparison | undefined {
  const before = log.errorCount;
  const blank = { attribute: undefined, operator: undefined, value: undefined, ignoreCase: undefined };
  const fields = readFields(mapping, blank, comparisonWords, place, log);
  const attribute = readText(fields.attribute, 'attribute', place, log);
  const meantOtherwise = log.errorCount > before;
  if (fields.attribute === undefined && !meantOtherwise)
    log.error(place, 'a comparison needs `attribute`. Add `attribute: plan`.');
  const operator = readOperator(fields.operator, meantOtherwise, place, log);
  if (operator === undefined) return undefined;
  const kind = operandKinds[operator];
  const ignoreCase = readBoolean(fields.ignoreCase, 'ignoreCase', place, log) ?? false;
  if (fields.ignoreCase !== undefined && kind !== 'scalar' && kind !== 'scalars' && kind !== 'texts') {
    log.error(
      place,
      `only comparisons of text can ignore the case, \`${operator}\` is none. Leave it out.`,
      'ignoreCase',
    );
  }
  if (fields.value === undefined && operator !== 'exists') {
    if (!meantOtherwise) log.error(place, `\`${operator}\` needs \`value\`: what to compare with.`);
    return undefined;
  }
  const comparison = withOperand(attribute ?? '', operator, fields.value, ignoreCase, place, log);
  return log.errorCount > before ? undefined : comparison;
}

function readOperator(value: unknown, meantOtherwise: boolean, place: Place, log: ProblemLog): Operator | undefined {
  if (typeof value === 'string' && isOperator(value)) return value;
  if (value === undefined) {
    if (!meantOtherwise) log.error(place, 'a comparison needs `operator`. Add `operator: equals`.');
    return undefined;
  }
  const meant = typeof value === 'string' ? operatorMeantBy(value) : undefined;
  const hint =
    meant === undefined ? `Allowed: ${Object.keys(operandKinds).join(', ')}.` : `Write \`operator: ${meant}\`.`;
  log.error(
    place,
    typeof value === 'string'
      ? `unknown operator ${showName(value)}. ${hint}`
      : `expected an operator, found ${showValue(value)}. ${hint}`,
    'operator',
  );
  return undefined;
}

function withOperand(
  attribute: string,
  operator: Operator,
  value: unknown,
  ignoreCase: boolean,
  place: Place,
  log: ProblemLog,
): Comparison | undefined {
  const type = 'comparison';
  switch (operator) {
    case 'equals':
    case 'not_equals': {
      const values = readScalar(value, operator, place, log);
      return values && { type, attribute, operator, values, ignoreCase };
    }
    case 'in':
    case 'not_in': {
      const values = readScalars(value, place, log);
      return values && { type, attribute, operator, values, ignoreCase };
    }
    case 'contains':
    case 'starts_with':
    case 'ends_with':
    case 'glob':
    case 'matches': {
      const values = readTexts(value, operator, ignoreCase, place, log);
      return values && { type, attribute, operator, values, ignoreCase };
    }
    case 'in_cidr': {
      const values = readAddresses(value, place, log);
      return values && { type, attribute, operator, values };
    }
    case 'exists':
      return { type, attribute, operator, value: readBoolean(value, 'value', place, log) ?? true };
    case 'semver_equals':
    case 'semver_greater_than':
    case 'semver_less_than':
    case 'semver_satisfies': {
      const version = readVersion(value, operator === 'semver_satisfies', place, log);
      return version === undefined ? undefined : { type, attribute, operator, value: version };
    }
    case 'before':
    case 'after': {
      const instant = readInstantOperand(value, place, log);
      return instant === undefined ? undefined : { type, attribute, operator, value: instant };
    }
    default: {
      const limit = readNumberOperand(value, place, log);
      return limit === undefined ? undefined : { type, attribute, operator, value: limit };
    }
  }
}

/** One entry of a mapping of attributes: `plan: pro` or `plan: [pro, enterprise]`. `undefined` after a problem. */
export function parseEntry(attribute: string, value: unknown, place: Place, log: ProblemLog): Comparison | undefined {
  if (attribute === '') log.error(place, 'an attribute needs a name.', attribute);
  else if (isScalar(value)) {
    if (typeof value === 'string' && hasWildcard(value)) {
      log.warn(
        place,
        `\`*\` and \`?\` stand for themselves here. Write \`{ attribute: ${attribute}, operator: glob, value: ${showValue(value)} }\`.`,
        attribute,
      );
    }
    return { type: 'comparison', attribute, operator: 'equals', values: [value], ignoreCase: false };
  } else if (Array.isArray(value)) {
    const values = readScalars(value, place, log, attribute);
    return values && { type: 'comparison', attribute, operator: 'in', values, ignoreCase: false };
  } else log.error(place, entryMessage(attribute, value), attribute);
  return undefined;
}

function entryMessage(attribute: string, value: unknown): string {
  if (value === null) {
    return `null is no value to compare with. Write \`{ attribute: ${attribute}, operator: exists, value: false }\`.`;
  }
  if (!isMapping(value)) return `expected a text, a number, a boolean or a list of these, found ${showValue(value)}.`;
  const [name] = Object.keys(value);
  const inner = name === undefined ? undefined : value[name];
  const operator = name === undefined ? undefined : operatorMeantBy(name);
  const written = operator ?? (Object.hasOwn(value, 'operator') ? showValue(value['operator']) : undefined);
  const operand = operator === undefined ? value['value'] : inner;
  return written === undefined
    ? `expected a value, found a mapping. For a part of a structure write \`${attribute}.${name ?? 'name'}: ${showValue(inner)}\`.`
    : `expected a value, found a mapping. Write \`{ attribute: ${attribute}, operator: ${written}, value: ${showValue(operand)} }\`.`;
}
