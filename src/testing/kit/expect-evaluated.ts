import { AssertionError } from 'node:assert';
import { toVariantName } from '../../flags/names.js';
import { sameJson } from '../../flags/same-json.js';
import { showValue } from '../../flags/show-value.js';
import type { EvaluatedFlag } from './evaluated-flags.js';
import type { ReadAnswers } from './flag-answers.js';
import type { TestFlags } from './test-flags.js';

/**
 * Fails unless exactly these flags were read, with these answers (values, or variants' names), since the beginning or the
 * last call. How often, and in what order, doesn't matter.
 *
 * @throws AssertionError that names each flag which was read and not stated, stated and not read, or answered otherwise
 */
export function expectEvaluated(flags: TestFlags, stated: ReadAnswers): void {
  const { reads, unknown } = flags.takeEvaluated();
  const byKey = grouped(reads);
  const differences = [
    ...unknown,
    ...Array.from(byKey, ([key, some]) => differenceOf(key, some, stated)),
    ...Object.keys(stated).map((key) =>
      stated[key] === undefined || byKey.has(key)
        ? undefined
        : `\`${key}\` was not read; stated is ${showValue(stated[key])}.`,
    ),
  ].filter((difference) => difference !== undefined);
  if (differences.length === 0) return;
  throw new AssertionError({
    message: ['Other flags were read than stated.', ...differences].join('\n- '),
    actual: Object.fromEntries(Array.from(byKey, ([key, [first]]) => [key, first?.value])),
    expected: stated,
    operator: 'expectEvaluated',
    stackStartFn: expectEvaluated,
  });
}

function differenceOf(key: string, reads: readonly EvaluatedFlag[], stated: ReadAnswers): string | undefined {
  const answer = Object.hasOwn(stated, key) ? stated[key] : undefined;
  if (answer === undefined) return `\`${key}\` is not stated; it was read: ${described(reads)}.`;
  const others = reads.filter((read) => !isAnswer(read, answer));
  return others.length === 0 ? undefined : `\`${key}\` is not ${showValue(answer)}; it was read: ${described(others)}.`;
}

function isAnswer({ value, variant }: EvaluatedFlag, answer: unknown): boolean {
  if (sameJson(value, answer)) return true;
  return (typeof answer === 'boolean' || typeof answer === 'string') && variant === toVariantName(answer);
}

/** Each answer once. */
function described(reads: readonly EvaluatedFlag[]): string {
  const texts = reads.map(({ value, variant, reason, unit }) => {
    const facts = [variant === undefined ? 'no variant' : `variant ${variant}`, reason];
    if (unit !== undefined) facts.push(`unit ${unit}`);
    return `${showValue(value)} (${facts.join(', ')})`;
  });
  return [...new Set(texts)].join(', ');
}

function grouped(reads: readonly EvaluatedFlag[]): ReadonlyMap<string, readonly EvaluatedFlag[]> {
  const keys = new Set(reads.map(({ flagKey }) => flagKey));
  return new Map(Array.from(keys, (key) => [key, reads.filter(({ flagKey }) => flagKey === key)]));
}
