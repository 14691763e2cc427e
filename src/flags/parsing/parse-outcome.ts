import type { Outcome } from '../flag-definition.js';
import type { FlagScope } from './flag-scope.js';
import { parseRollout } from './parse-rollout.js';
import { parseSplit } from './parse-split.js';
import { readVariantName } from './parse-variants.js';
import type { Place } from './problem-log.js';

/** The keys that say how a rule, or the flag itself, ends. */
export interface OutcomeFields {
  readonly serve: unknown;
  readonly rollout: unknown;
  readonly split: unknown;
}

/** Whether any of the outcome's keys is there. */
export function hasOutcome({ serve, rollout, split }: OutcomeFields): boolean {
  return serve !== undefined || rollout !== undefined || split !== undefined;
}

/** `serve`, `rollout`, `split`, or `rollout` with `split`. `undefined` after a problem. */
export function parseOutcome(fields: OutcomeFields, scope: FlagScope, place: Place): Outcome | undefined {
  const { serve, rollout, split } = fields;
  if (serve !== undefined) {
    const variant = readVariantName(serve, scope.variants, 'serve', place, scope.log);
    const isAlone = rollout === undefined && split === undefined;
    if (!isAlone) {
      const other = rollout === undefined ? 'split' : 'rollout';
      scope.log.error(place, `has \`serve\` and \`${other}\`. Keep one: \`serve\` gives everyone the same.`);
      if (rollout !== undefined) parseRollout(rollout, scope, place, split !== undefined);
      if (split !== undefined) parseSplit(split, scope, place);
    }
    return variant !== undefined && isAlone ? { type: 'serve', variant } : undefined;
  }
  const parsedSplit = split === undefined ? undefined : parseSplit(split, scope, place);
  if (rollout === undefined) return parsedSplit === undefined ? undefined : { type: 'split', split: parsedSplit };
  const parsedRollout = parseRollout(rollout, scope, place, split !== undefined);
  if (parsedRollout === undefined) return undefined;
  if (split === undefined) return { type: 'rollout', rollout: parsedRollout };
  if (parsedSplit === undefined) return undefined;
  return { type: 'experiment', rollout: parsedRollout, split: parsedSplit };
}
