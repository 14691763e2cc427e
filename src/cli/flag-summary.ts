import { isKilled } from '../evaluation/flag-situation.js';
import type { CompiledFlag } from '../evaluation/compiled-flag.js';
import { percentageAt } from '../evaluation/schedule.js';
import type { Outcome } from '../flags/flag-definition.js';
import { percentage } from './output/percentage.js';

/** Whether a flag serves by its rules at a moment, and if not, why. */
export type Standing = 'on' | 'disabled' | 'killed' | 'tripped' | 'refused';

/** @param now milliseconds since the epoch */
export function standingOf({ definition, situation }: CompiledFlag, isTripped: boolean, now: number): Standing {
  if (isKilled(situation, now)) return 'killed';
  if (definition === undefined) return 'refused';
  if (!definition.enabled) return 'disabled';
  return isTripped ? 'tripped' : 'on';
}

/** What everyone gets whom no target and no rule names, in a few words: `10 %`, `25 % of a 50 / b 50`, `always on`. */
export function outcomeInWords(outcome: Outcome | undefined, now: number): string {
  switch (outcome?.type) {
    case undefined:
      return '';
    case 'serve':
      return `always ${outcome.variant}`;
    case 'rollout':
      return percentage(percentageAt(outcome.rollout.schedule, now));
    case 'split':
      return sharesInWords(outcome.split.weights);
    case 'experiment':
      return `${percentage(percentageAt(outcome.rollout.schedule, now))} of ${sharesInWords(outcome.split.weights)}`;
  }
}

const sharesInWords = (weights: ReadonlyMap<string, number>): string =>
  Array.from(weights, ([variant, weight]) => `${variant} ${weight}`).join(' / ');
