import type { FlagDefinition, Outcome } from '../../flags/flag-definition.js';

/** An outcome, and the path of the flag or rule that has it. */
export interface PlacedOutcome {
  readonly outcome: Outcome;
  readonly path: readonly (string | number)[];
}

/** All ways in which a flag can end: those of its rules, and its own. */
export function outcomesOf({ key, rules, outcome }: FlagDefinition): readonly PlacedOutcome[] {
  const ofRules = rules.map((rule, index) => ({ outcome: rule.outcome, path: ['flags', key, 'rules', index] }));
  return [...ofRules, { outcome, path: ['flags', key] }];
}
