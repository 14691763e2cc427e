import { exactly } from './exactly.js';
import semver from 'semver';
import { parseCidr } from './cidr.js';
import type { Cidr } from '../flag-definition.js';
import type { Scalar } from '../flag-document.js';
import { parseInstant } from '../instant.js';
import { compilePattern } from '../pattern.js';
import type { Place, ProblemLog } from './problem-log.js';
import { instantMessage, isScalar } from './read-scalars.js';
import { showError, showValue } from '../show-value.js';

/** What `equals` and `not_equals` compare with. */
export function readScalar(
  value: unknown,
  operator: string,
  place: Place,
  log: ProblemLog,
): readonly Scalar[] | undefined {
  if (isScalar(value)) {
    if (typeof value === 'string' && hasWildcard(value)) {
      log.warn(place, '`*` and `?` stand for themselves here. Write `operator: glob` to match any text.', 'value');
    }
    return [value];
  }
  const hint = Array.isArray(value)
    ? ` Write \`operator: ${operator === 'equals' ? 'in' : 'not_in'}\` for a list.`
    : value === null
      ? ` Write \`operator: exists\` with \`value: ${operator !== 'equals'}\`.`
      : '';
  log.error(place, `expected a text, a number or a boolean, found ${showValue(value)}.${hint}`, 'value');
  return undefined;
}

/** A list of values, one of which is enough. */
export function readScalars(
  value: unknown,
  place: Place,
  log: ProblemLog,
  name = 'value',
): readonly Scalar[] | undefined {
  if (!Array.isArray(value)) {
    log.error(
      place,
      `expected a list, found ${showValue(value)}.${isScalar(value) ? ` Write \`[${showValue(value)}]\`.` : ''}`,
      name,
    );
    return undefined;
  }
  if (value.length === 0) log.warn(place, 'one of nothing: an empty list has no value to be equal to.', name);
  const scalars: Scalar[] = [];
  for (let index = 0; index < value.length; index++) {
    const item: unknown = value[index];
    if (!isScalar(item)) {
      log.error(place, `expected a text, a number or a boolean, found ${showValue(item)}.`, name, index);
      continue;
    }
    scalars.push(item);
    if (typeof item === 'string' && hasWildcard(item)) {
      log.warn(
        place,
        '`*` and `?` stand for themselves here. Write `operator: glob` in an explicit comparison to match any text.',
        name,
        index,
      );
    }
  }
  return scalars.length < value.length ? undefined : exactly(scalars);
}

/** Whether a text looks like a pattern of `glob`. */
export function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** A text, or a list of texts of which one is enough. Patterns are checked. */
export function readTexts(
  value: unknown,
  operator: string,
  ignoreCase: boolean,
  place: Place,
  log: ProblemLog,
): readonly string[] | undefined {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.length === 0) log.warn(place, 'one of nothing: this can never match.', 'value');
  const texts: string[] = [];
  for (const [index, item] of items.entries()) {
    const steps = Array.isArray(value) ? ['value', index] : ['value'];
    if (typeof item !== 'string') {
      const hint = isScalar(item) ? ` Write "${item}" in quotes.` : '';
      log.error(place, `\`${operator}\` compares texts, found ${showValue(item)}.${hint}`, ...steps);
      continue;
    }
    const reason = operator === 'matches' ? whyNoPattern(item, ignoreCase) : undefined;
    if (reason === undefined) texts.push(item);
    else
      log.error(place, `expected a regular expression in RE2 syntax, found ${showValue(item)}: ${reason}.`, ...steps);
  }
  return texts.length < items.length ? undefined : exactly(texts);
}

function whyNoPattern(source: string, ignoreCase: boolean): string | undefined {
  try {
    compilePattern(source, ignoreCase);
    return undefined;
  } catch (caught) {
    const unsupported = /\\[1-9]|\(\?<?[=!]/.test(source) ? ' (RE2 has no backreferences and no lookarounds)' : '';
    return `${showError(caught)}${unsupported}`;
  }
}

export function readNumberOperand(value: unknown, place: Place, log: ProblemLog): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  const hint = Number.isFinite(number) ? ` Write ${number}.` : '';
  log.error(place, `expected a number, found ${showValue(value)}.${hint}`, 'value');
  return undefined;
}

/** A date, a time with its offset, or milliseconds since the epoch. */
export function readInstantOperand(value: unknown, place: Place, log: ProblemLog): number | undefined {
  const instant =
    typeof value === 'string'
      ? parseInstant(value)
      : typeof value === 'number' && Number.isFinite(value)
        ? value
        : undefined;
  if (instant === undefined) log.error(place, instantMessage(value), 'value');
  return instant;
}

/** A version, or a range of versions. */
export function readVersion(value: unknown, isRange: boolean, place: Place, log: ProblemLog): string | undefined {
  if (typeof value === 'string' && value !== '' && (isRange ? semver.validRange(value) : semver.valid(value)) !== null)
    return value;
  const meant = isRange ? String(value) : semver.coerce(String(value))?.version;
  const isMeant =
    isScalar(value) && typeof meant === 'string' && meant !== '' && (!isRange || semver.validRange(meant) !== null);
  const hint = isMeant ? ` Write "${meant}".` : '';
  log.error(
    place,
    `expected ${isRange ? 'a range of versions, such as ">=1.2.0 <2.0.0"' : 'a version, such as "1.2.0"'}, found ${showValue(value)}.${hint}`,
    'value',
  );
  return undefined;
}

/** Blocks of addresses, one of which is enough. */
export function readAddresses(value: unknown, place: Place, log: ProblemLog): readonly Cidr[] | undefined {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.length === 0) log.warn(place, 'in none of no blocks: this can never match.', 'value');
  const blocks: Cidr[] = [];
  for (const [index, item] of items.entries()) {
    const block = typeof item === 'string' ? parseCidr(item) : undefined;
    if (block !== undefined) blocks.push(block);
    else {
      const steps = Array.isArray(value) ? ['value', index] : ['value'];
      log.error(
        place,
        `expected a block of addresses, such as "10.0.0.0/8" or "2001:db8::/32", found ${showValue(item)}.`,
        ...steps,
      );
    }
  }
  return blocks.length < items.length ? undefined : exactly(blocks);
}
