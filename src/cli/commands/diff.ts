import { Command, Option } from 'commander';
import { ADDRESSES } from '../addresses/open-store.js';
import type { Answer } from '../answer.js';
import { type AtOptions, withAtOption } from '../at-option.js';
import { type ContextOptions, contextOf, withAttributeOptions } from '../context.js';
import { type DescribedChange, describeChanges } from '../diff/describe-changes.js';
import { describeStateChanges } from '../diff/describe-state.js';
import { diffMarkdown } from '../diff/diff-markdown.js';
import { diffText, type Moves } from '../diff/diff-text.js';
import { findMoves, type MovesOptions, unitsOption } from '../diff/find-moves.js';
import { readSides } from '../diff/read-side.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { answering, type Session } from '../session.js';

interface DiffOptions extends Omit<ContextOptions, 'unit'>, AtOptions, MovesOptions {
  readonly exitCode?: boolean;
  readonly format: 'text' | 'markdown';
}

export function diffCommand(session: Session): Command {
  const command = new Command('diff')
    .summary('what is different between two documents, and who moves')
    .description(
      `What is different between two documents, flag by flag, and with --units how many units get another variant.\nEach side is a version in git (git:REF:flags.yaml), or ${ADDRESSES}.`,
    )
    .argument('<old>', 'from what')
    .argument('<new>', 'to what')
    .addOption(unitsOption('who moves, of these'))
    .addOption(new Option('--format <format>', 'for whom').choices(['text', 'markdown']).default('text'))
    .option('--exit-code', 'exit with 1 where anything is different');
  withAttributeOptions(command);
  withAtOption(command);
  withExamples(command, {
    'halyard diff git:main:flags.yaml flags.yaml': 'what this branch changes',
    'halyard diff flags.yaml flags.new.yaml --units': 'and who moves, of 10,000',
    'halyard diff git:main:flags.yaml flags.yaml --units --format markdown': 'for the comment on a pull request',
  });
  return answering(command, session, async (before: string, after: string, options: DiffOptions) => {
    const { terminal } = session;
    const now = options.at ?? terminal.now();
    const sides = await readSides(before, after, terminal, now);
    const [old, next] = [sides.before.flags, sides.after.flags];
    const changes = [
      ...describeChanges(old.served.document, next.served.document),
      ...describeStateChanges(old.served.state, next.served.state),
    ];
    const among = { common: contextOf(options, terminal), terminal, now };
    const moves = options.units === undefined ? undefined : await findMoves(old, next, options, among);
    return answerWith(changes, moves, options);
  });
}

function answerWith(
  changes: readonly DescribedChange[],
  moves: Moves | undefined,
  { format, exitCode = false }: DiffOptions,
): Answer {
  return {
    data: { changes, ...(moves !== undefined && { moves }) },
    text: (paper) => (format === 'markdown' ? diffMarkdown(changes, moves) : diffText(changes, moves, paper)),
    ...(exitCode && changes.length > 0 && { exitCode: EXIT.problems }),
  };
}
