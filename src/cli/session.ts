import { type Command, Option } from 'commander';
import type { Answer } from './answer.js';
import type { ExitCode } from './exit-code.js';
import { printable } from './output/printable.js';
import type { Terminal } from './terminal.js';

/** One run of the command: where it runs, and what it came to. */
export interface Session {
  readonly terminal: Terminal;
  exitCode: ExitCode;
}

/** What every command that answers takes. */
export interface AnswerOptions {
  readonly json?: boolean;
}

/**
 * The action of a command that answers: what it returns is printed, as text or, with `--json`, as one JSON document. The
 * options come last, after the command's arguments.
 */
export function answering(command: Command, session: Session, answer: (...args: never[]) => Promise<Answer>): Command {
  command.addOption(new Option('--json', 'answer as JSON, for programs'));
  return command.action(async (...given: unknown[]) => {
    // Commander adds the command itself.
    const args = given.slice(0, -1) as never[];
    print(session, await answer(...args), command.opts<AnswerOptions>());
  });
}

function print(session: Session, { data, text, notes = [], exitCode }: Answer, { json = false }: AnswerOptions): void {
  const { out, err, paper, errPaper } = session.terminal;
  const written = json ? JSON.stringify(data, undefined, 2) : text(paper);
  if (written !== '') out(`${printable(written, paper.colors.isColorSupported)}\n`);
  for (const note of notes) err(`${printable(note, errPaper.colors.isColorSupported)}\n`);
  if (exitCode !== undefined) session.exitCode = exitCode;
}
