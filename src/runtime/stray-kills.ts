import { nearestWord } from '../flags/nearest-word.js';
import { showName } from '../flags/show-value.js';
import type { Runtime, ServedFlags } from './runtime.js';

/** So many keys are named; of the rest, the number is told. */
const MOST_NAMED = 5;

/**
 * The keys that are killed though no flag has them: typing errors of a kill by hand, or flags that have gone or are yet to
 * come.
 *
 * @param now milliseconds since the epoch
 */
export function strayKills({ parsed, state }: ServedFlags, now: number): readonly string[] {
  const isStray = (key: string): boolean => !parsed.flags.has(key) && !parsed.refused.has(key);
  return Array.from(state.kills).flatMap(([key, { until = Infinity }]) => (until > now && isStray(key) ? [key] : []));
}

/** Says in one line that keys are killed which no flag has, and what may have been meant. */
export function describeStrayKills(keys: readonly string[], { parsed, source }: ServedFlags): string {
  const named = keys.slice(0, MOST_NAMED).map((key) => {
    const nearest = nearestWord(key, parsed.flags.keys());
    return nearest === undefined ? showName(key) : `${showName(key)} (did you mean ${showName(nearest)}?)`;
  });
  const rest = keys.length > MOST_NAMED ? ` and ${keys.length - MOST_NAMED} more` : '';
  return `${source} has kills of keys that no flag has: ${named.join(', ')}${rest}.`;
}

/**
 * Warns of stray kills when they come. Each is told once as long as it lasts; a kill of a flag that goes later, or that
 * this instance has made itself, is none.
 */
export function warnOfStrayKills(runtime: Runtime): void {
  let seen: ReadonlySet<string> = new Set();
  const look = (): void => {
    const { served, local, clock, logger } = runtime;
    if (served === undefined) return;
    const news = strayKills(served, clock.now()).filter((key) => !seen.has(key) && !local.kills.has(key));
    seen = new Set(served.state.kills.keys());
    if (news.length === 0) return;
    logger.warn({ source: served.source, flagKeys: news.slice(0, MOST_NAMED) }, describeStrayKills(news, served));
  };
  runtime.onClose(runtime.onServed(look));
}
