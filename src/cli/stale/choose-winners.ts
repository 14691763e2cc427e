import { InvalidArgumentError } from 'commander';
import type { FlagDefinition } from '../../flags/flag-definition.js';
import { didYouMean } from '../../flags/nearest-word.js';
import type { FlagLifecycle } from '../../lifecycle/flag-lifecycle.js';
import type { AnswerValue, Winner } from '../../source/remove-flag/read-answer.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';

/** Variants that a person decided for, by flag key. */
export type Decisions = ReadonlyMap<string, string>;

/** Reads `KEY=variant`. */
export function collectDecisions(given: string, before: Decisions = new Map()): Decisions {
  const [, key, variant] = /^([^=]+)=(.+)$/.exec(given) ?? [];
  if (key !== undefined && variant !== undefined) return new Map([...before, [key, variant]]);
  throw new InvalidArgumentError('Expected a flag and one of its variants: new-checkout=on.');
}

/**
 * What each flag answers for good: what a person decided, else what it is settled on.
 *
 * @param keys the flags that are meant
 * @throws CommandError for a flag that still decides something, and for a variant that it doesn't have
 */
export function chooseWinners(
  keys: Iterable<string>,
  decisions: Decisions,
  definitions: ReadonlyMap<string, FlagDefinition>,
  lifecycles: ReadonlyMap<string, FlagLifecycle>,
): ReadonlyMap<string, Winner> {
  return new Map(
    Array.from(keys, (key): readonly [string, Winner] => {
      const flag = definitions.get(key);
      const decided = decisions.get(key);
      if (flag === undefined) {
        throw new CommandError(EXIT.problems, `There is no flag \`${key}\`.${didYouMean(key, definitions.keys())}`);
      }
      if (decided !== undefined) return [key, decidedWinner(flag, decided)];
      const settled = lifecycles.get(key)?.settled;
      if (settled === undefined) throw undecided(flag);
      return [key, settled.variant === undefined ? { type: 'default' } : winnerOf(flag, settled.variant)];
    }),
  );
}

function undecided({ key, variants }: FlagDefinition): CommandError {
  const choices = [...variants.keys()].map((variant) => `--value ${key}=${variant}`).join(' or ');
  return new CommandError(
    EXIT.problems,
    `\`${key}\` still decides who gets what. Decide for everyone: ${choices || `--value ${key}=VARIANT`}.`,
  );
}

function decidedWinner(flag: FlagDefinition, given: string): Winner {
  const { key, variants } = flag;
  // `new-checkout=true` says as much as `new-checkout=on`.
  const variant = variants.has(given) ? given : [...variants].find(([, value]) => JSON.stringify(value) === given)?.[0];
  if (variant !== undefined) return winnerOf(flag, variant);
  const known = [...variants.keys()].join(', ');
  const guess = didYouMean(given, variants.keys());
  throw new CommandError(EXIT.usage, `\`${key}\` has no variant \`${given}\`; it has ${known}.${guess}`);
}

function winnerOf({ variants }: FlagDefinition, variant: string): Winner {
  const value = variants.get(variant);
  return value === undefined ? { type: 'default' } : { type: 'value', value: value as AnswerValue };
}
