import type { Answer } from '../answer.js';
import { EXIT } from '../exit-code.js';
import { counted } from '../output/counted.js';
import type { Winner } from '../../source/remove-flag/read-answer.js';
import type { Decisions } from './choose-winners.js';
import type { FileLeftover, RemovalPlan } from './plan-removal.js';
import { colorDiff, diffOf } from './removal-diff.js';
import { deleteCommand, type NextCommands } from './stale-flags.js';

export interface FixReport {
  readonly plan: RemovalPlan;
  readonly winners: ReadonlyMap<string, Winner>;
  readonly isWritten: boolean;
  readonly decisions: Decisions;
  readonly commands: NextCommands;
}

/** The answer of `halyard stale --fix`: the change as a diff, or that it is written; on stderr, what is left to do. */
export function reportFix({ plan, winners, isWritten, decisions, commands }: FixReport): Answer {
  const { changes, leftovers, failed } = plan;
  const diffs = changes.map((change) => ({ file: change.file, diff: diffOf(change) }));
  const next = Array.from(winners.keys(), (key) => deleteCommand(key, 'removed from the code', commands));
  const data = {
    flags: Array.from(winners, ([key, winner]) => ({ key, ...winner })),
    changes: diffs,
    isWritten,
    leftovers,
    failed,
    next,
  };
  const review =
    changes.length > 0 && !isWritten ? [`\nLooks right? ${writeCommand(winners.keys(), decisions, commands)}`] : [];
  return {
    data,
    text: ({ colors }) => {
      if (changes.length === 0) return winners.size === 0 ? 'No flag is stale.' : 'There is nothing to change.';
      if (isWritten)
        return [...changes.map(({ file }) => file), `${counted(changes.length, 'file')} changed.`].join('\n');
      return diffs.map(({ diff }) => colorDiff(diff, colors)).join('\n');
    },
    notes: [
      ...failed.map(({ file, message }) => `${file}: ${message}`),
      ...leftoverNotes(leftovers, isWritten),
      ...review,
      ...(next.length > 0 ? [`\nWhen no running version reads ${winners.size === 1 ? 'it' : 'them'} any more:`] : []),
      ...next.map((command) => `  ${command}`),
    ],
    ...(failed.length > 0 && { exitCode: EXIT.problems }),
  };
}

/** The command that writes what was shown. */
function writeCommand(keys: Iterable<string>, decisions: Decisions, { stale }: NextCommands): string {
  const values = Array.from(decisions, ([key, variant]) => `--value ${key}=${variant}`);
  return [stale, '--fix', ...keys, ...values, '--write'].join(' ');
}

function leftoverNotes(leftovers: readonly FileLeftover[], isWritten: boolean): readonly string[] {
  if (leftovers.length === 0) return [];
  const notes = leftovers.map(({ file, line, lineAfter, why }) => `  ${file}:${isWritten ? lineAfter : line}  ${why}`);
  return [`\nLeft for you, at ${counted(leftovers.length, 'place')}:`, ...notes];
}
