import { didYouMean } from '../../flags/nearest-word.js';
import { lints } from './lints.js';

/** What becomes of what a rule finds. */
export type Level = 'off' | 'warn' | 'error';

export const LEVELS: readonly Level[] = ['off', 'warn', 'error'];

/** What the parser says rather than a rule of ours. */
const parserRules: ReadonlyMap<string, string> = new Map([
  ['doubtful', 'The document can be read, but probably means something else.'],
  ['unused-segment', 'No rule uses the segment.'],
]);

/** Errors of the document: no service takes it, so nobody turns them off. */
export const INVALID = 'invalid';

/** What each rule that can be turned off finds, by its name. All of them warn unless somebody says otherwise. */
export const ruleDescriptions: ReadonlyMap<string, string> = new Map([
  ...parserRules,
  ...lints.map(({ rule, description }) => [rule, description] as const),
]);

/** Every rule there is, with {@link INVALID}. */
export const allRuleDescriptions: ReadonlyMap<string, string> = new Map([
  [INVALID, 'The document has an error, and no service takes it. Always an error.'],
  ...ruleDescriptions,
]);

/** Why this is no rule whose level can be said; `undefined`: it is one. */
export function whyNoRule(rule: string): string | undefined {
  if (ruleDescriptions.has(rule)) return undefined;
  if (rule === INVALID) return `\`${INVALID}\` is always an error: no service takes such a document.`;
  return `there is no rule \`${rule}\`.${didYouMean(rule, ruleDescriptions.keys()) || ' halyard check --rules lists them.'}`;
}
