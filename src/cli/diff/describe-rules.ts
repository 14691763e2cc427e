import { isMapping } from '../../flags/parsing/read-fields.js';
import type { DescribedDifference } from './describe-changes.js';
import { describeOutcome } from './describe-outcome.js';
import { own } from './leaf-differences.js';
import { inlineValue } from '../output/inline-value.js';

type Rule = Readonly<Record<string, unknown>>;

/** A rule that both sides have, at its places there. */
interface Pair {
  readonly before: number;
  readonly after: number;
}

/** What is different between two lists of rules: rules that came, went, changed, and another order. */
export function describeRules(before: unknown, after: unknown): readonly DescribedDifference[] {
  const [old, next] = [rulesIn(before), rulesIn(after)];
  if (old === undefined || next === undefined) {
    return [{ path: ['rules'], before, after, words: `rules: ${inlineValue(before)} → ${inlineValue(after)}` }];
  }
  const pairs = pairUp(old, next);
  const [paired, kept] = [new Set(pairs.map((pair) => pair.before)), new Set(pairs.map((pair) => pair.after))];
  const added = [...next.keys()].filter((index) => !kept.has(index));
  const removed = [...old.keys()].filter((index) => !paired.has(index));
  return [
    ...removed.map((index) => wholeRule(index, old[index], undefined)),
    ...pairs.flatMap((pair) => insideRule(pair.after, old[pair.before] ?? {}, next[pair.after] ?? {})),
    ...added.map((index) => wholeRule(index, undefined, next[index])),
    ...orderOf(pairs, old, next),
  ];
}

/** `undefined`: these are no rules. */
function rulesIn(written: unknown): readonly Rule[] | undefined {
  if (written === undefined) return [];
  return Array.isArray(written) && written.every(isMapping) ? written : undefined;
}

/** The same rule is the one that is written the same, else the one of the same name, else the next that has no name. */
function pairUp(old: readonly Rule[], next: readonly Rule[]): readonly Pair[] {
  const [before, after] = [new Set(old.keys()), new Set(next.keys())];
  const pairs: Pair[] = [];
  const pairBy = (idOf: (rule: Rule) => unknown): void => {
    const waiting = indexesBy(next, after, idOf);
    for (const index of before) {
      const id = idOf(old[index] ?? {});
      const found = id === undefined ? undefined : waiting.get(id)?.next();
      if (found === undefined || found.done === true) continue;
      pairs.push({ before: index, after: found.value });
      before.delete(index);
      after.delete(found.value);
    }
  };
  pairBy((rule) => JSON.stringify(rule));
  pairBy((rule) => own(rule, 'name'));
  pairBy((rule) => (own(rule, 'name') === undefined ? 'no name' : undefined));
  return pairs.sort((a, b) => a.after - b.after);
}

/** The places of rules that are called the same, in their order. */
function indexesBy(
  rules: readonly Rule[],
  indexes: Iterable<number>,
  idOf: (rule: Rule) => unknown,
): ReadonlyMap<unknown, Iterator<number, undefined>> {
  const found = new Map<unknown, number[]>();
  for (const index of indexes) {
    const id = idOf(rules[index] ?? {});
    const same = found.get(id);
    if (same === undefined) found.set(id, [index]);
    else same.push(index);
  }
  return new Map(Array.from(found, ([id, same]) => [id, same.values()]));
}

function wholeRule(index: number, before: Rule | undefined, after: Rule | undefined): DescribedDifference {
  const rule = after ?? before ?? {};
  const words = `${labelOf(index, rule)} ${after === undefined ? 'removed (was' : 'added:'} ${inlineValue(withoutName(rule))}${after === undefined ? ')' : ''}`;
  return { path: ['rules', String(index + 1)], before, after, words };
}

function insideRule(index: number, before: Rule, after: Rule): readonly DescribedDifference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => JSON.stringify(own(before, name)) !== JSON.stringify(own(after, name)))
    .flatMap((name) => describeOutcome(name, own(before, name), own(after, name)))
    .map((difference) => ({
      ...difference,
      path: ['rules', String(index + 1), ...difference.path],
      words: `${labelOf(index, after)}: ${difference.words}`,
    }));
}

/** The first rule that holds decides, so another order is another flag. */
function orderOf(pairs: readonly Pair[], old: readonly Rule[], next: readonly Rule[]): readonly DescribedDifference[] {
  const isSame = pairs.every(({ before }, index) => before > (pairs[index - 1]?.before ?? -1));
  if (isSame) return [];
  const label = (rules: readonly Rule[], index: number): string => nameOf(rules[index]) ?? `rule ${index + 1}`;
  const before = [...pairs].sort((a, b) => a.before - b.before).map((pair) => label(old, pair.before));
  // Each is called what it was called before, where it has no name.
  const after = pairs.map((pair) => nameOf(next[pair.after]) ?? label(old, pair.before));
  const words = `rules in another order: ${before.join(', ')} → ${after.join(', ')}`;
  return [{ path: ['rules'], before, after, words }];
}

function labelOf(index: number, rule: Rule): string {
  const name = nameOf(rule);
  return name === undefined ? `rule ${index + 1}` : `rule ${index + 1} ${name}`;
}

function nameOf(rule: Rule | undefined): string | undefined {
  const name = own(rule, 'name');
  return typeof name === 'string' ? JSON.stringify(name) : undefined;
}

function withoutName(rule: Rule): Rule {
  return Object.fromEntries(Object.entries(rule).filter(([name]) => name !== 'name'));
}
