import { showError, showName } from '../flags/show-value.js';
import type { FleetInstance } from '../stores/fleet-register.js';
import type { FleetSighting } from './await-version.js';

/** How many instances the message names. */
const MOST_NAMED = 10;

/**
 * A change is stored, but not every instance is known to serve it. The change stands: whoever lives and reaches the store
 * follows.
 */
export class FleetNotReachedError extends Error {
  override readonly name = 'FleetNotReachedError';
  /** The version that was waited for. */
  readonly version: string;
  /** Who lives and did not serve it in the end. `undefined`: the fleet could not be listed; `cause` says why. */
  readonly missing: readonly FleetInstance[] | undefined;

  /**
   * @param change what has that version, as the beginning of a sentence: 'The kill of "payments" is stored as version …'
   * @param timeoutMs how long it was waited for
   */
  constructor(change: string, version: string, timeoutMs: number, sighting: FleetSighting) {
    const isListed = 'missing' in sighting;
    const problem = isListed
      ? `after ${timeoutMs} ms ${sighting.missing.length} of ${sighting.live} instances did not serve it: ${nameInstances(sighting.missing)}.`
      : `which instances serve it could not be found out: ${showError(sighting.failure)}`;
    super(`${change}, but ${problem}`, isListed ? {} : { cause: sighting.failure });
    this.version = version;
    this.missing = isListed ? sighting.missing : undefined;
  }
}

function nameInstances(instances: readonly FleetInstance[]): string {
  const named = instances.slice(0, MOST_NAMED).map(({ host, pid, version }) => {
    return `${showName(host)} (pid ${pid}, serves ${version === undefined ? 'nothing yet' : showName(version)})`;
  });
  const more = instances.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
