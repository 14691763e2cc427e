import type { FlagStore } from '../../stores/flag-store.js';
import type { Terminal } from '../terminal.js';
import { LiveScreen } from './live-screen.js';
import { watchMetrics, type WatchMetricsOptions } from './watch-metrics.js';
import { watchStore } from './watch-store.js';

/**
 * Shows what a service answers while the changes of its store come in: above the table of a terminal, between the lines of a
 * log. Ends when either does.
 *
 * @throws whatever {@link watchMetrics} and {@link watchStore} throw
 */
export async function watchBoth(
  store: FlagStore,
  options: Omit<WatchMetricsOptions, 'storedVersion'>,
  terminal: Terminal,
): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([terminal.signal, ended.signal]);
  const screen = new LiveScreen(terminal);
  let version: string | undefined;
  const onVersion = (found: string): void => void (version = found);
  const both = [
    watchMetrics({ ...options, storedVersion: () => version }, { ...terminal, signal }, screen),
    // Two samples of the metrics are what is waited for.
    watchStore(store, { json: options.json, once: false, onVersion }, { ...screen.above(), signal }),
  ];
  const settled = await Promise.allSettled(both.map((one) => one.finally(() => ended.abort())));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
