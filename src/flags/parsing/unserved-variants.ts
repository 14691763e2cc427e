import type { FlagDefinition, Outcome } from '../flag-definition.js';
import type { Place, ProblemLog } from './problem-log.js';
import { showName } from '../show-value.js';

/** Warns about the variants of a flag that nobody can get. */
export function warnIfNeverServed(flag: FlagDefinition, place: Place, log: ProblemLog): void {
  const served = new Set<string | undefined>(flag.targets.values()).add(flag.offVariant);
  for (const { outcome } of flag.rules) addServed(outcome, served);
  addServed(flag.outcome, served);
  for (const variant of flag.variants.keys()) {
    if (!served.has(variant))
      log.warn(place, `nobody gets ${showName(variant)}: no target, rule or outcome names it.`, 'variants', variant);
  }
}

function addServed(outcome: Outcome, served: Set<string | undefined>): void {
  if (outcome.type === 'serve') served.add(outcome.variant);
  if (outcome.type === 'rollout') served.add(outcome.rollout.variant);
  if (outcome.type === 'rollout' || outcome.type === 'experiment') served.add(outcome.rollout.otherwise);
  if (outcome.type === 'split' || outcome.type === 'experiment') {
    for (const variant of outcome.split.weights.keys()) served.add(variant);
  }
}
