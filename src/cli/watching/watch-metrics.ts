import { setTimeout as wait } from 'node:timers/promises';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import type { SampleFilter } from './label-matchers.js';
import type { LiveScreen } from './live-screen.js';
import { type FlagRates, MetricRates, type ServedConfig, servedConfig } from './metric-rates.js';
import { ratesLines, ratesScreen } from './rates-text.js';
import { scrape } from './scrape.js';

export interface WatchMetricsOptions {
  readonly url: URL;
  readonly intervalMs: number;
  readonly isWanted: SampleFilter;
  /** Whether two samples are enough. */
  readonly once: boolean;
  readonly json: boolean;
  /** The version of a store that is watched, too: a service that serves another lags behind. `undefined`: it is not known. */
  readonly storedVersion: () => string | undefined;
}

/** What is known after a scrape. */
export type Observation =
  | { readonly at: number; readonly isUp: false; readonly why: string }
  | {
      readonly at: number;
      readonly isUp: true;
      readonly config: ServedConfig;
      /** `undefined`: rates need two scrapes. */
      readonly flags: readonly FlagRates[] | undefined;
    };

/**
 * Shows what a service answers, interval by interval, until the terminal's signal ends it.
 *
 * @param screen where a terminal shows it; it is left in the end
 * @throws CommandError if the service is away when two samples were asked for
 */
export async function watchMetrics(
  options: WatchMetricsOptions,
  terminal: Terminal,
  screen: LiveScreen,
): Promise<void> {
  const tell = options.json
    ? jsonTeller(terminal)
    : screen.isLive
      ? screenTeller(screen, options)
      : lineTeller(terminal);
  try {
    for await (const observation of observations(options, terminal)) {
      if (terminal.signal.aborted) break;
      if (options.once && !observation.isUp) {
        throw new CommandError(
          EXIT.store,
          `${withoutCredentials(options.url).url.href} can't be read: ${observation.why}`,
        );
      }
      tell(observation);
      if (options.once && observation.isUp && observation.flags !== undefined) break;
    }
  } finally {
    screen.leave();
  }
}

/** Scrapes at each interval, without an end of its own. */
async function* observations(
  { url: given, intervalMs, isWanted }: WatchMetricsOptions,
  { now, signal }: Terminal,
): AsyncGenerator<Observation> {
  const rates = new MetricRates();
  const { url, authorization } = withoutCredentials(given);
  const timeoutMs = Math.max(intervalMs, 5_000);
  while (!signal.aborted) {
    const found = await scrape({ url, authorization, timeoutMs, now, signal });
    if (found.isUp) {
      const { at, samples } = found;
      // What is said of all flags has no flag's labels to select by.
      yield { at, isUp: true, config: servedConfig(samples), flags: rates.add(at, samples.filter(isWanted)) };
    } else yield found;
    await wait(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Fetch takes credentials in a header alone, and what people see shows none. */
export function withoutCredentials(given: URL): { readonly url: URL; readonly authorization: string | undefined } {
  const { username, password } = given;
  const url = new URL(given);
  [url.username, url.password] = ['', ''];
  if (username === '' && password === '') return { url, authorization: undefined };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

type Tell = (observation: Observation) => void;

const jsonTeller =
  ({ out }: Terminal): Tell =>
  ({ at, ...observation }) => {
    if (!observation.isUp || observation.flags !== undefined) {
      out(`${JSON.stringify({ at: new Date(at).toISOString(), ...observation })}\n`);
    }
  };

const lineTeller =
  ({ out, paper }: Terminal): Tell =>
  (observation) => {
    for (const line of ratesLines(observation, paper)) out(`${line}\n`);
  };

const screenTeller =
  (screen: LiveScreen, { url, intervalMs, storedVersion }: WatchMetricsOptions): Tell =>
  (observation) => {
    const title = `${withoutCredentials(url).url.href}, every ${intervalMs / 1000} s (Ctrl-C ends)`;
    screen.show((paper) => ratesScreen(title, observation, storedVersion(), paper));
  };
