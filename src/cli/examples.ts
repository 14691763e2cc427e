import type { Command } from 'commander';

/** The narrowest terminal that help is written for. */
const COLUMNS = 80;

/** Ends a command's help with commands that can be typed as they stand, each with what it does. */
export function withExamples(command: Command, examples: Readonly<Record<string, string>>): Command {
  const all = Object.entries(examples);
  const width = Math.max(...all.map(([example]) => example.length));
  const beside = all.map(([example, does]) => `  $ ${example.padEnd(width)}   ${does}`);
  const fits = beside.every((line) => line.length <= COLUMNS);
  const lines = fits ? beside : all.map(([example, does]) => `  ${does}\n    $ ${example}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
