import { type Command, InvalidArgumentError, Option } from 'commander';
import { type StoreOptions, withStoreOption } from '../addresses/store-option.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';

/** What every command takes that writes. */
export interface WriteOptions extends StoreOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly expectedVersion?: string;
  readonly dryRun?: boolean;
  /** `true`: for the usual time. */
  readonly wait?: string | true;
}

/** @param reason whether one must be given. Default: the command line says enough */
export function withWriteOptions(
  command: Command,
  { reason = 'optional' }: { readonly reason?: 'required' | 'optional' } = {},
): Command {
  const why = new Option('-r, --reason <why>', 'why, for the history').argParser(parseText);
  command
    .addOption(reason === 'required' ? why.makeOptionMandatory() : why)
    .addOption(
      new Option(
        '--by <who>',
        'who, for the history. Default: HALYARD_BY, else the e-mail address of git, else the user',
      ).argParser(parseText),
    )
    .addOption(
      new Option(
        '--expected-version <version>',
        'write only if the flags are at this version; otherwise exit with 4',
      ).argParser(parseText),
    )
    .option('--dry-run', 'show what would change, and write nothing')
    .option('--wait [seconds]', 'until every instance serves it; default: 10. Exits with 5 if some do not');
  return withStoreOption(command);
}

/**
 * Refuses what a script gives whose variable isn't set: the history would name nobody, and what others wrote meanwhile would
 * be overwritten.
 */
function parseText(given: string): string {
  if (given.trim() !== '') return given;
  throw new InvalidArgumentError('Expected a text that is not empty.');
}

const USUAL_WAIT_SECONDS = 10;

/** How long the fleet is waited for, in milliseconds; `undefined`: not at all. @throws CommandError */
export function waitMsOf({ wait }: WriteOptions): number | undefined {
  if (wait === undefined) return undefined;
  const seconds = wait === true ? USUAL_WAIT_SECONDS : Number(wait);
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000;
  throw new CommandError(
    EXIT.usage,
    `--wait: expected seconds, above 0 and up to 86400 (a day), found ${String(wait)}.`,
  );
}
