import { showError } from './flags/show-value.js';
import type { HalyardOptions } from './halyard-options.js';
import type { Logger } from './runtime/logger.js';
import type { StandInSource } from './runtime/start-up.js';
import { readBootstrap } from './stores/bootstrap.js';
import { FlagCache } from './stores/flag-cache.js';
import type { FlagStore } from './stores/flag-store.js';

/** Where the flags of a store are kept for a start without it; `undefined`: nowhere. Nothing is read before it is asked. */
export function openCache({ cache, store, watch = true }: HalyardOptions, logger: Logger): FlagCache | undefined {
  if (cache === undefined) return undefined;
  return new FlagCache({
    path: cache,
    store: store.name,
    retries: watch,
    onFailure: (error) => {
      logger.warn({ err: error }, `The flags can't be kept for a start without ${store.name}. ${showError(error)}`);
    },
    onRecovery: () => logger.info({}, `The flags are kept in ${cache} again.`),
  });
}

/**
 * What serves at a start without the store: what it held last, else what came with the application.
 *
 * @throws Error if the bootstrap document is wrong, which must be found while it isn't needed
 */
export async function findStandIns(
  { bootstrap }: HalyardOptions,
  cache: FlagCache | undefined,
): Promise<readonly StandInSource[]> {
  const standIns: StandInSource[] = cache === undefined ? [] : [cache];
  if (bootstrap === undefined) return standIns;
  const stored = await readBootstrap(bootstrap);
  return [...standIns, { name: 'bootstrap', load: () => Promise.resolve({ stored, at: undefined }) }];
}

/** A store that can answer without its state goes on from the state that the cache has. */
export async function remindStore(store: FlagStore, cache: FlagCache | undefined): Promise<void> {
  if (store.remember === undefined || cache === undefined) return;
  // What is wrong with the cache is said when it is needed.
  const kept = await cache.load().catch(() => undefined);
  if (kept !== undefined) store.remember(kept.stored.state);
}
