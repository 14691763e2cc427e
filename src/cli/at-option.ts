import { type Command, InvalidArgumentError, Option } from 'commander';
import { readInstant } from '../flags/instant-text.js';

/** The moment that a command asks about. */
export interface AtOptions {
  /** Milliseconds since the epoch; absent: now. */
  readonly at?: number;
}

export function withAtOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--at <time>',
      'the moment that is asked about: 2027-01-10 or 2027-01-10T09:00:00Z. Default: now',
    ).argParser(parseTime),
  );
}

function parseTime(given: string): number {
  const instant = readInstant(given);
  if (instant !== undefined) return instant;
  throw new InvalidArgumentError('Expected a date (UTC midnight) or a time with its offset: 2027-01-10T09:00:00Z.');
}
