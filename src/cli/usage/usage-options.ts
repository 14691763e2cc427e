import { type Command, Option } from 'commander';

/** Where commands look for when flags were last evaluated, beside the store. */
export interface UsageOptions {
  readonly prometheus?: string;
  readonly selector?: string;
}

export function withUsageOptions(command: Command): Command {
  return command
    .addOption(new Option('--prometheus <url>', 'ask a Prometheus, too, when flags were last evaluated'))
    .addOption(new Option('--selector <matchers>', 'which series are meant there, such as {job="shop"}'));
}
