import { type Command, InvalidArgumentError, Option } from 'commander';

/** How a list of findings is printed. */
export type FindingsFormat = 'text' | 'github' | 'sarif' | 'json';

/** What every command takes that answers with findings. */
export interface FormatOptions {
  readonly format: FindingsFormat;
  /** How many warnings are still good; `undefined`: any number. */
  readonly maxWarnings?: number;
}

const formats: readonly FindingsFormat[] = ['text', 'github', 'sarif', 'json'];

export function withFormatOption(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--format <format>',
        "how findings are printed: for people, as GitHub's annotations, as SARIF for code scanning, or as --json",
      )
        .choices(formats)
        .default('text' satisfies FindingsFormat)
        .conflicts('json'),
    )
    .addOption(
      new Option('--max-warnings <number>', 'exit with 1 where there are more. Default: any number is good').argParser(
        parseCount,
      ),
    );
}

/** A whole number of an option, 0 or more. */
export function parseCount(given: string): number {
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new InvalidArgumentError('Expected a whole number, 0 or more.');
}
