import { showError } from '../flags/show-value.js';
import { atMost } from './at-most.js';
import type { Runtime } from './runtime.js';
import type { StandIn, StoreFollower } from './store-follower.js';

/** Something that can stand in for a store at the start. */
export interface StandInSource {
  readonly name: string;
  /** Rejects, with the reason, if it has nothing that can be used. */
  load(): Promise<Pick<StandIn, 'stored' | 'at'>>;
}

export interface StartUpParts {
  readonly runtime: Runtime;
  readonly follower: StoreFollower;
  /** The store's name. */
  readonly store: string;
  /** How long the store's first answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** What stands in if the store fails or does not answer in time: the first that can. */
  readonly standIns: readonly StandInSource[];
}

/**
 * Starts to follow a store. If there are no flags in it, or none in time, those of a stand-in serve until there are.
 *
 * @returns why no flags serve; `undefined` if some do. Never rejects.
 */
export async function startUp(parts: StartUpParts): Promise<Error | undefined> {
  const { runtime, follower, store, timeoutMs, standIns } = parts;
  await atMost(timeoutMs, follower.start());
  if (hasFlags(runtime)) return undefined;
  const failure =
    follower.lastError?.error ?? new Error(`${store} did not answer within ${timeoutMs} ms (startTimeoutMs).`);
  for (const source of standIns) {
    await serveInstead(source, failure, parts);
    if (!hasFlags(runtime)) continue;
    tellStale(runtime, follower, failure);
    return undefined;
  }
  return failure;
}

async function serveInstead(source: StandInSource, failure: Error, { runtime, follower }: StartUpParts): Promise<void> {
  const { name } = source;
  try {
    await follower.serveInstead({ name, ...(await source.load()) }, failure);
  } catch (error) {
    runtime.logger.warn({ err: error, source: name }, `${name} is not used. ${showError(error)}`);
  }
}

/** Told once whoever awaits the start has had the chance to listen. */
function tellStale(runtime: Runtime, follower: StoreFollower, { message: reason }: Error): void {
  const tell = (): void => {
    if (follower.status === 'stale') runtime.listeners.emit('stale', { reason });
  };
  setImmediate(tell).unref();
}

const hasFlags = ({ version }: Runtime): boolean => version !== undefined;
