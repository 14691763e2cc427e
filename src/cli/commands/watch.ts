import { Command, InvalidArgumentError, Option } from 'commander';
import { namesStore, type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import { withExamples } from '../examples.js';
import type { Session } from '../session.js';
import { parseLabelMatchers, type SampleFilter } from '../watching/label-matchers.js';
import { LiveScreen } from '../watching/live-screen.js';
import { watchBoth } from '../watching/watch-both.js';
import { watchMetrics } from '../watching/watch-metrics.js';
import { watchStore } from '../watching/watch-store.js';

interface WatchOptions extends StoreOptions {
  readonly metrics?: URL;
  readonly interval: number;
  readonly selector?: SampleFilter;
  readonly once?: boolean;
  readonly json?: boolean;
}

export function watchCommand(session: Session): Command {
  const command = new Command('watch')
    .summary('changes as they come, and how often a service evaluates its flags')
    .description(
      'Changes of a store as they come: when, who, why, what. With --metrics, what a running service answers: evaluations per second and shares, by flag and variant; and the changes, too, where --store or HALYARD_STORE names a store. Ctrl-C ends it.',
    )
    .addOption(new Option('-m, --metrics <url>', "a service's metrics, in Prometheus' text format").argParser(parseUrl))
    .addOption(
      new Option('--interval <duration>', 'how often metrics are read: 500ms, 2s, 1m')
        .argParser(parseDuration)
        .default(2_000, '2s'),
    )
    .addOption(
      new Option('--selector <matchers>', 'only these series: flag_key=~"checkout.*",pod="a"').argParser(
        parseLabelMatchers,
      ),
    )
    .option('--once', 'end after two samples of metrics; without metrics, after the first change')
    .option('--json', 'a line of JSON each time, for programs');
  withStoreOption(command);
  withExamples(command, {
    'halyard watch --store "redis://localhost?prefix=shop"': 'who changes what',
    'halyard watch --metrics http://localhost:3000/metrics': 'what the service answers',
    'halyard watch -m http://localhost:3000/metrics -s redis://localhost': 'both',
    'halyard watch -m http://localhost:3000/metrics --once --json': 'for a program',
  });
  return command.action(async (options: WatchOptions) => {
    const { terminal } = session;
    const { metrics: url, interval: intervalMs, selector: isWanted = () => true, once = false, json = false } = options;
    if (url === undefined) {
      await usingStore(options, terminal, (store) => watchStore(store, { once, json }, terminal));
      return;
    }
    const shown = { url, intervalMs, isWanted, once, json };
    // The file in this folder need not be what the service reads.
    if (namesStore(options, terminal)) {
      await usingStore(options, terminal, (store) => watchBoth(store, shown, terminal));
    } else await watchMetrics({ ...shown, storedVersion: () => undefined }, terminal, new LiveScreen(terminal));
  });
}

function parseUrl(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new InvalidArgumentError('Expected an address such as http://localhost:3000/metrics.');
}

const UNITS = { ms: 1, s: 1_000, m: 60_000 } as const;

function parseDuration(given: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(given) ?? [];
  const ms = Number(number) * UNITS[unit as keyof typeof UNITS];
  if (ms >= 10 && ms <= 3_600_000) return ms;
  throw new InvalidArgumentError('Expected a duration from 10ms to 60m, such as 500ms, 2s or 1m.');
}
