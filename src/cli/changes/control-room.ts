import type { KillSwitch } from '../../control/kill-switch.js';
import type { Rollouts } from '../../control/rollout/rollouts.js';
import type { Fleet } from '../../fleet/fleet.js';
import { halyardParts } from '../../halyard-parts.js';
import type { Runtime } from '../../runtime/runtime.js';
import { createRuntime } from '../served-flags.js';
import type { TracedStore } from './traced-store.js';

/** What a service has to control flags with, for one command: it follows nothing, reports nowhere, and heeds no switch of the shell. */
export interface ControlRoom {
  readonly runtime: Runtime;
  readonly killSwitch: KillSwitch;
  readonly rollouts: Rollouts;
  readonly fleet: Fleet;
  /** Why the flags can't be read; a kill works all the same. `undefined`: they can. */
  readonly failure: Error | undefined;
}

/** Reads the flags as far as they can be read. Never rejects. */
async function enterControlRoom(store: TracedStore, now: () => number): Promise<ControlRoom> {
  const runtime = createRuntime(now);
  const { follower, killSwitch, rollouts, fleet } = halyardParts({ store, watch: false, fleet: false }, runtime);
  await follower.start();
  const failure = runtime.version === undefined ? follower.lastError?.error : undefined;
  return { runtime, killSwitch, rollouts, fleet, failure };
}

/** Controls flags through a traced store; what the store says of a failure comes through as it is. */
export async function controlling<Result>(
  store: TracedStore,
  now: () => number,
  work: (room: ControlRoom) => Promise<Result>,
): Promise<Result> {
  const room = await enterControlRoom(store, now);
  try {
    return await work(room);
  } catch (error) {
    // A kill that is told nobody is, here, no kill: nothing of "it is off on this instance".
    throw store.failure ?? error;
  } finally {
    room.runtime.close();
  }
}
