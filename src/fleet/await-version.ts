import { setTimeout as wait } from 'node:timers/promises';
import { within } from '../runtime/within.js';
import { compareVersions } from '../stores/flag-store.js';
import { type FleetInstance, type FleetRegister, NoFleetListError } from '../stores/fleet-register.js';

/** How soon the register is looked at again: ever more rarely, in milliseconds. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** Who was seen when the register was looked at last. */
export type FleetSighting =
  { readonly live: number; readonly missing: readonly FleetInstance[] } | { readonly failure: unknown };

/**
 * Looks at a register until every instance in it serves `version` or a newer one of the same lineage, or the time is up.
 * Returns what was seen last; never rejects. An instance of another lineage doesn't count as there: the change that made
 * `version` may be none that it has.
 */
export async function awaitVersion(
  register: FleetRegister,
  version: string,
  timeoutMs: number,
): Promise<FleetSighting> {
  const end = performance.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const leftMs = end - performance.now();
    const sighting = await look(register, version, Math.max(leftMs, LONGEST_PAUSE_MS));
    if (leftMs <= 0 || isFinal(sighting)) return sighting;
    // Somebody waits for this: other than a timer in the background, it keeps the process alive.
    await wait(Math.max(0, Math.min(pauseMs, end - performance.now())));
  }
}

/** Whether looking again can tell nothing else: all are there, or nobody keeps a list. */
function isFinal(sighting: FleetSighting): boolean {
  return 'missing' in sighting ? sighting.missing.length === 0 : sighting.failure instanceof NoFleetListError;
}

async function look(register: FleetRegister, version: string, limitMs: number): Promise<FleetSighting> {
  try {
    const instances = await within(limitMs, register.list());
    return { live: instances.length, missing: instances.filter((instance) => !serves(instance, version)) };
  } catch (failure) {
    return { failure };
  }
}

function serves(instance: FleetInstance, version: string): boolean {
  if (instance.version === undefined) return false;
  const standing = compareVersions(instance.version, version);
  return standing === 'same' || standing === 'newer';
}
