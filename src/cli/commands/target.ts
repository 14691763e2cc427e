import { Command } from 'commander';
import { toVariantName } from '../../flags/names.js';
import { didYouMean } from '../../flags/nearest-word.js';
import type { Answer } from '../answer.js';
import { withoutTargets, withTargets } from '../changes/edit-targets.js';
import { makeChange } from '../changes/make-change.js';
import { standingNotes } from '../changes/standing-notes.js';
import { type WriteOptions, withWriteOptions } from '../changes/write-options.js';
import { withWrittenFlag, writtenFlag } from '../changes/written-flags.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';
import type { WrittenFlag } from '../../flags/flag-document.js';

interface TargetOptions extends WriteOptions {
  readonly remove?: boolean;
}

export function targetCommand(session: Session): Command {
  const command = new Command('target')
    .summary('name units that get a variant')
    .description('Names units that get a variant, whatever the rules say, and takes them away from other variants.')
    .argument('<flag>', 'its key')
    .argument('<variant>', 'one of its variants')
    .argument('<unit...>', 'targeting keys')
    .option('--remove', 'take these units out of the list of the variant instead');
  withWriteOptions(command);
  withExamples(command, {
    'halyard target new-checkout on user-1 user-2': 'two users get it',
    'halyard target new-checkout on user-1 --remove': 'one of them by the rules again',
  });
  return answering(command, session, (key: string, variant: string, units: readonly string[], options: TargetOptions) =>
    target(key, toVariantName(variant), units, options, session.terminal),
  );
}

async function target(
  key: string,
  variant: string,
  units: readonly string[],
  options: TargetOptions,
  terminal: Terminal,
): Promise<Answer> {
  const { remove: isRemoval = false } = options;
  const edit = isRemoval ? withoutTargets : withTargets;
  const who = units.join(', ');
  return await makeChange(options, terminal, {
    reason: `halyard target ${key} ${variant} ${units.join(' ')}${isRemoval ? ' --remove' : ''}`,
    change: async (store, said) => {
      const stored = await store.update((document) => {
        const flag = writtenFlag(document, key, store.name);
        expectVariant(key, flag, variant);
        return withWrittenFlag(document, key, edit(flag, variant, units));
      }, said);
      return {
        done: isRemoval ? `${key} no longer names ${who} for ${variant}.` : `${key} serves ${variant} to ${who}.`,
        already: isRemoval
          ? `${key} doesn't name ${who} for ${variant}.`
          : `${key} serves ${variant} to ${who} already.`,
        notes: isRemoval ? [] : standingNotes(key, stored, terminal.now()),
      };
    },
  });
}

/** @throws CommandError with the nearest variant */
function expectVariant(key: string, { variants = { on: true, off: false } }: WrittenFlag, variant: string): void {
  const names = Object.keys(variants).map(toVariantName);
  if (names.includes(variant)) return;
  throw new CommandError(
    EXIT.problems,
    `\`${variant}\` is no variant of ${key}. Its variants: ${names.join(', ')}.${didYouMean(variant, names)}`,
  );
}
