import type { VariantValue } from '../../flags/flag-document.js';
import type { FlagKey, IfKnown } from '../../flags/known-flags.js';
import { checkOptions, hasMethods, isWholeNumber, type OptionChecks, show } from '../../options/check-options.js';
import { showValue } from '../../flags/show-value.js';
import { type FlagAnswer, flagOf, type Inherited, variantNames } from './flag-answers.js';
import { allRows, pairwiseRows } from './pairwise.js';
import { type FlagSource, readFlags } from './read-flags.js';
import type { TestFlags } from './test-flags.js';

/** A row for `describe.each` and `test.each`: its name, `new-dashboard on, button-color a`, and the answers. */
export type FlagStateCase = readonly [name: string, answers: FlagStateAnswers];

type FlagStateAnswers = IfKnown<
  { readonly [Key in FlagKey]?: FlagAnswer<Key> | Inherited<Key> },
  Readonly<Record<string, VariantValue>>
>;

/** The states of flags, by their keys. */
export type FlagStates = IfKnown<
  { readonly [Key in FlagKey]?: readonly FlagAnswer<Key>[] | Inherited<Key> },
  Readonly<Record<string, readonly VariantValue[]>>
>;

export interface EachFlagStateOptions {
  /** Where the variants of keys are found: what `testFlags` takes, or made. Default: each key is on or off. */
  readonly flags?: FlagSource | TestFlags | undefined;
  /** Up to so many combinations, all of them are made. Above, only as many as it takes to have every pair of states. Default: 32. */
  readonly limit?: number | undefined;
}

const checks: OptionChecks<EachFlagStateOptions> = {
  flags: { allowed: 'what testFlags takes or made', isRight: () => true },
  limit: { allowed: 'a whole number from 1', isRight: isWholeNumber(1) },
};

/**
 * Combinations of flags' states, in a stable order, the first state of each first.
 *
 * @param states flag keys, whose variants are the states; or the states themselves: `{ 'new-dashboard': [true, false] }`
 * @throws TypeError for no flags, a flag without states, and a key that `flags` lacks
 */
export function eachFlagState(
  states: readonly FlagKey[] | FlagStates,
  options: EachFlagStateOptions = {},
): readonly FlagStateCase[] {
  checkOptions('eachFlagState', options, checks);
  const { flags, limit = 32 } = options;
  const entries = isKeys(states) ? statesOf(states, flags) : Object.entries(states);
  const empty = entries.find(([, some]) => !Array.isArray(some) || some.length === 0);
  if (empty !== undefined)
    throw new TypeError(`eachFlagState: expected states of \`${empty[0]}\`, found ${show(empty[1])}.`);
  if (entries.length === 0) throw new TypeError('eachFlagState: expected flag keys, found none.');
  const sizes = entries.map(([, some]) => some.length);
  const count = sizes.reduce((product, size) => product * size, 1);
  const rows = count <= limit || entries.length < 2 ? allRows(sizes) : pairwiseRows(sizes);
  return rows.map((row) => toCase(entries.map(([key, some], index) => [key, some[row[index] ?? 0] ?? false])));
}

type StateEntries = readonly (readonly [key: string, states: readonly VariantValue[]])[];

function isKeys(states: readonly FlagKey[] | FlagStates): states is readonly FlagKey[] {
  return Array.isArray(states);
}

function statesOf(keys: readonly string[], flags: EachFlagStateOptions['flags']): StateEntries {
  if (flags === undefined) return keys.map((key) => [key, [true, false]]);
  const document = isTestFlags(flags) ? flags.store.stored.document : readFlags('eachFlagState', flags);
  return keys.map((key) => [key, variantNames(flagOf(document, key)).map(toAnswer)]);
}

/** Also those of another copy of this package. */
const isTestFlags = (flags: FlagSource | TestFlags): flags is TestFlags => hasMethods('unitIn', 'pin')(flags);

const toAnswer = (name: string): VariantValue => (name === 'on' ? true : name === 'off' ? false : name);

function toCase(answers: readonly (readonly [string, VariantValue])[]): FlagStateCase {
  const name = answers.map(([key, answer]) => `${key} ${shown(answer)}`).join(', ');
  return [name, Object.fromEntries(answers)];
}

function shown(answer: VariantValue): string {
  if (typeof answer === 'boolean') return answer ? 'on' : 'off';
  return typeof answer === 'string' ? answer : showValue(answer);
}
