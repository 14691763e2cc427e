import { Command, CommanderError } from 'commander';
import { FlagDocumentError } from '../flags/problem.js';
import { CommandError } from './command-error.js';
import { auditCommand } from './commands/audit.js';
import { checkCommand } from './commands/check.js';
import { completeCommand, completionCommand } from './commands/completion.js';
import { createCommand } from './commands/create.js';
import { deleteCommand } from './commands/delete.js';
import { diffCommand } from './commands/diff.js';
import { disableCommand } from './commands/disable.js';
import { enableCommand } from './commands/enable.js';
import { evalCommand } from './commands/eval.js';
import { explainCommand } from './commands/explain.js';
import { historyCommand } from './commands/history.js';
import { initCommand } from './commands/init.js';
import { killCommand } from './commands/kill.js';
import { listCommand } from './commands/list.js';
import { pullCommand } from './commands/pull.js';
import { pushCommand } from './commands/push.js';
import { refsCommand } from './commands/refs.js';
import { restoreCommand } from './commands/restore.js';
import { revertCommand } from './commands/revert.js';
import { rolloutCommand } from './commands/rollout.js';
import { showCommand } from './commands/show.js';
import { simulateCommand } from './commands/simulate.js';
import { staleCommand } from './commands/stale.js';
import { targetCommand } from './commands/target.js';
import { watchCommand } from './commands/watch.js';
import { typesCommand } from './commands/write-types.js';
import { errorText } from './error-text.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { printable } from './output/printable.js';
import type { Session } from './session.js';
import type { Terminal } from './terminal.js';

/** The commands, in the order in which `--help` lists them. */
const groups: Readonly<Record<string, readonly ((session: Session) => Command)[]>> = {
  'Begin:': [initCommand],
  'Look:': [listCommand, showCommand, evalCommand, explainCommand, simulateCommand, diffCommand, watchCommand],
  'Change:': [
    enableCommand,
    disableCommand,
    killCommand,
    restoreCommand,
    rolloutCommand,
    targetCommand,
    createCommand,
    deleteCommand,
  ],
  'Move and look back:': [pushCommand, pullCommand, historyCommand, revertCommand, auditCommand],
  'Develop:': [typesCommand, completionCommand],
  'Keep in order:': [checkCommand, refsCommand, staleCommand],
};

/** Runs `halyard ARGS…`. Never rejects: what fails is told on stderr. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const session: Session = { terminal, exitCode: EXIT.done };
  try {
    await createProgram(session).parseAsync(args, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    return tell(error, terminal);
  }
}

/** The whole command line, as commander knows it. */
export function createProgram(session: Session): Command {
  const { terminal } = session;
  const program = new Command('halyard')
    .description('Feature flags: look at them, change them, and keep them from becoming debt.')
    .version(version, '-V, --version')
    .showSuggestionAfterError()
    .showHelpAfterError('(halyard --help, or halyard COMMAND --help, says more)')
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHelpWidth: () => Math.min(terminal.paper.columns, 100),
      getErrHelpWidth: () => Math.min(terminal.errPaper.columns, 100),
      getOutHasColors: () => terminal.paper.colors.isColorSupported,
      getErrHasColors: () => terminal.errPaper.colors.isColorSupported,
    })
    .addHelpText('after', `\nFlags come from --store, else from HALYARD_STORE, else from flags.yaml in this folder.`);
  for (const [title, commands] of Object.entries(groups)) {
    program.commandsGroup(title);
    for (const create of commands) program.addCommand(withSettingsOf(program, create(session)));
  }
  program.addCommand(completeCommand(session).copyInheritedSettings(program), { hidden: true });
  return program;
}

/** Commands of a command are made before it, and inherit nothing by themselves. */
function withSettingsOf(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const one of command.commands) withSettingsOf(command, one);
  return command;
}

/** Says what failed, in as many words as whoever reads it needs. */
function tell(error: unknown, { err, errPaper }: Terminal): ExitCode {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  err(`${errPaper.colors.red('halyard:')} ${printable(errorText(error))}\n`);
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof FlagDocumentError) return EXIT.store;
  const name = error instanceof Error ? error.name : '';
  if (name === 'VersionConflictError') return EXIT.conflict;
  if (name === 'FleetNotReachedError') return EXIT.fleet;
  // What an option of our own functions may be is said by a TypeError.
  return error instanceof TypeError ? EXIT.usage : EXIT.store;
}

/** Set when the command is built. */
declare const HALYARD_VERSION: string | undefined;

const version = typeof HALYARD_VERSION === 'string' ? HALYARD_VERSION : '0.0.0';
