import { Command } from 'commander';
import type { FlagDocument } from '../../flags/flag-document.js';
import { isKey, KEY_RULE } from '../../flags/names.js';
import { FlagDocumentError } from '../../flags/problem.js';
import type { Answer } from '../answer.js';
import { makeChange } from '../changes/make-change.js';
import { newFlag, type NewFlagOptions } from '../changes/new-flag.js';
import { standingNotes } from '../changes/standing-notes.js';
import { type WriteOptions, withWriteOptions } from '../changes/write-options.js';
import { withWrittenFlag } from '../changes/written-flags.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { kindOption } from '../kind-option.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface CreateOptions extends WriteOptions, NewFlagOptions {}

export function createCommand(session: Session): Command {
  const command = new Command('create')
    .summary('add a flag, which serves nobody yet')
    .description(
      'Adds a flag. Unless it is told otherwise it serves nobody yet; an operational one, such as a kill switch, is on.',
    )
    .argument('<flag>', 'its key')
    .addOption(kindOption('what it is for; default: release'))
    .option('--owner <who>', 'who answers for it')
    .option('--description <text>', 'what it changes')
    .option('--ticket <ticket>', 'where it belongs')
    .option('--expires <date>', 'when it should be gone, e.g. 2027-06-01')
    .option('--tag <tag...>', 'words to find it by')
    .option('--client-safe', 'it may leave the server, for browsers')
    .option(
      '--variant <name=value...>',
      'its variants; 42, true and {…} are what they are in JSON. Default: on and off',
    )
    .option('--off-variant <variant>', 'for whoever is not in. Default: off, else the first')
    .option('--serve <variant>', 'what everyone gets')
    .option('--rollout <percentage>', 'the share of units that are in')
    .option('--split <variant=weight...>', 'the weights of an experiment');
  withWriteOptions(command);
  withExamples(command, {
    'halyard create new-checkout --owner payments-team --ticket SHOP-12': 'off for everyone, for now',
    'halyard create payments --kind operational': 'a kill switch, on',
    'halyard create size --kind experiment --variant s=1 m=2 --split s=50 m=50': 'an experiment',
  });
  return answering(command, session, (key: string, options: CreateOptions) => create(key, options, session.terminal));
}

async function create(key: string, options: CreateOptions, terminal: Terminal): Promise<Answer> {
  if (!isKey(key)) throw new CommandError(EXIT.usage, `${JSON.stringify(key)} can't be a flag's key. ${KEY_RULE}`);
  const now = terminal.now();
  const flag = newFlag(options, new Date(now).toISOString().slice(0, 10));
  return await makeChange(options, terminal, {
    reason: `halyard create ${key}`,
    change: async (store, said) => {
      const add = (document: FlagDocument): FlagDocument => {
        if (!Object.hasOwn(document.flags, key)) return withWrittenFlag(document, key, flag);
        throw new CommandError(
          EXIT.problems,
          `${store.name} has a flag \`${key}\` already: halyard show ${key}. Another needs another key.`,
        );
      };
      const stored = await store.update(add, said).catch((error: unknown) => {
        throw isOf(key, error) ? new CommandError(EXIT.usage, error.message, { cause: error }) : error;
      });
      return {
        done: `${key} is made.`,
        already: `${key} is there already.`,
        notes: standingNotes(key, stored, now),
      };
    },
  });
}

/** Whether it is the new flag that is wrong, and so the command line. */
const isOf = (key: string, error: unknown): error is FlagDocumentError =>
  error instanceof FlagDocumentError && error.problems.every(({ path }) => path[0] === 'flags' && path[1] === key);
