import { Command } from 'commander';
import type { FlagDocument } from '../../flags/flag-document.js';
import type { StoredFlags } from '../../stores/flag-store.js';
import type { Answer } from '../answer.js';
import { makeChange } from '../changes/make-change.js';
import { type WriteOptions, withWriteOptions } from '../changes/write-options.js';
import { withoutFlag, writtenFlag } from '../changes/written-flags.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface DeleteOptions extends WriteOptions {
  readonly yes?: boolean;
}

export function deleteCommand(session: Session): Command {
  const command = new Command('delete')
    .summary('remove a flag')
    .description(
      'Removes a flag from the document: from then on, services get their fallback. Refused while another flag requires it.',
    )
    .argument('<flag>', 'its key')
    .option('--yes', 'really; without it nothing is removed');
  withWriteOptions(command);
  withExamples(command, {
    'halyard delete old-checkout --dry-run': 'what would go',
    'halyard delete old-checkout --yes --reason "SHOP-12 is done"': 'remove it',
  });
  return answering(command, session, (key: string, options: DeleteOptions) => remove(key, options, session.terminal));
}

async function remove(key: string, options: DeleteOptions, terminal: Terminal): Promise<Answer> {
  return await makeChange(options, terminal, {
    reason: `halyard delete ${key}`,
    change: async (store, said) => {
      const stored = await store.update((document) => {
        writtenFlag(document, key, store.name);
        expectNotRequired(document, key);
        if (options.yes !== true && options.dryRun !== true) throw unsure(key);
        return withoutFlag(document, key);
      }, said);
      return { done: `${key} is gone.`, already: `${key} is gone already.`, notes: keptNotes(key, stored) };
    },
  });
}

const unsure = (key: string): CommandError =>
  new CommandError(
    EXIT.usage,
    `Nothing is removed yet. Services that still ask for ${key} would get their fallback: see what would go with --dry-run, and remove it with --yes`,
  );

/** @throws CommandError */
function expectNotRequired({ flags }: FlagDocument, key: string): void {
  const requiring = Object.keys(flags).filter((other) => flags[other]?.requires?.some(({ flag }) => flag === key));
  if (requiring.length === 0) return;
  const names = requiring.map((other) => `\`${other}\``).join(', ');
  throw new CommandError(
    EXIT.problems,
    `${key} can't go: ${names} ${requiring.length === 1 ? 'requires' : 'require'} it. Take it out of their \`requires\` first.`,
  );
}

function keptNotes(key: string, { state: { kills } }: StoredFlags): readonly string[] {
  return kills.has(key)
    ? [`Its kill stays, so that it is still off if it comes back. To end that: halyard restore ${key}`]
    : [];
}
