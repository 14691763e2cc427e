import { Command } from 'commander';
import type { Change, FlagStore } from '../../stores/flag-store.js';
import type { Answer } from '../answer.js';
import { makeChange } from '../changes/make-change.js';
import { instant } from '../changes/standing-notes.js';
import { type WriteOptions, withWriteOptions } from '../changes/write-options.js';
import { usingStore } from '../addresses/store-option.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { counterOf, readHistory } from '../history/read-history.js';
import { undoChanges } from '../history/undo-changes.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface RevertOptions extends WriteOptions {
  readonly before?: boolean;
}

export function revertCommand(session: Session): Command {
  const command = new Command('revert')
    .summary('put the document back to what it was at a version')
    .description(
      "Puts the document back to what it was at a version of the history, by undoing all later changes. What operations did, such as kills, stays as it is. What was changed past Halyard, such as a file in an editor, isn't in the history: where it is in the way the revert is refused, elsewhere it stays.",
    )
    .argument('<version>', 'as `halyard history` shows it')
    .option('--before', 'to what it was before that version: undo it, too');
  withWriteOptions(command);
  withExamples(command, {
    'halyard revert 12 --dry-run': 'what would change',
    'halyard revert 12 --before --reason "INC-42"': 'undo version 12, and all after it',
  });
  return answering(command, session, (version: string, options: RevertOptions) =>
    revert(version, options, session.terminal),
  );
}

/** What is to be undone. */
interface Plan {
  /** The version that it starts from; another would have changes that nobody looked at. */
  readonly from: string;
  /** Newest first. */
  readonly undone: readonly Change[];
  readonly notes: readonly string[];
}

async function revert(version: string, options: RevertOptions, terminal: Terminal): Promise<Answer> {
  const { from, undone, notes } = await usingStore(options, terminal, (store) => planRevert(store, version, options));
  const then = `${options.before === true ? 'before' : 'at'} version ${version}`;
  return await makeChange({ expectedVersion: from, ...options }, terminal, {
    reason: `halyard revert ${version}${options.before === true ? ' --before' : ''}`,
    change: async (store, said) => {
      await store.update((document) => undoChanges(document, undone), said);
      return {
        done: `The document is what it was ${then}.`,
        already: `The document is what it was ${then} already.`,
        notes,
      };
    },
  });
}

async function planRevert(store: FlagStore, version: string, { before = false }: RevertOptions): Promise<Plan> {
  const { version: from } = await store.load();
  const isMeant = (change: Change): boolean => change.version === version || counterOf(change.version) === version;
  const changes = await readHistory(store, (read) => read.some(isMeant));
  const meant = changes.filter(isMeant);
  if (meant.length > 1) throw several(version, meant);
  const index = changes.findIndex(isMeant);
  if (index === -1) throw unreached(store, version, changes);
  const newest = changes[0]?.version;
  const notes =
    newest === from
      ? []
      : [`${store.name} was changed past Halyard since version ${newest ?? ''}. What that changed stays.`];
  return { from, undone: changes.slice(0, before ? index + 1 : index), notes };
}

const several = (version: string, meant: readonly Change[]): CommandError =>
  new CommandError(
    EXIT.problems,
    `${version} may be ${meant.map((change) => change.version).join(' or ')}. Say which one in full.`,
  );

function unreached({ name }: FlagStore, version: string, changes: readonly Change[]): CommandError {
  const oldest = changes.at(-1);
  const reach =
    oldest === undefined ? 'It has no changes at all.' : `It goes back to ${oldest.version}, of ${instant(oldest.at)}.`;
  return new CommandError(EXIT.problems, `The history of ${name} has no version ${version}. ${reach}`);
}
