import { FleetNotReachedError } from '../../fleet/fleet-not-reached-error.js';
import { halyardParts } from '../../halyard-parts.js';
import type { FlagStore } from '../../stores/flag-store.js';
import { errorText } from '../error-text.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { createRuntime } from '../served-flags.js';
import type { Terminal } from '../terminal.js';

/** What waiting for the instances of a fleet adds to an answer. */
export interface FleetAnswer {
  /** `serving`: how many serve the change; or `missing`: who does not in time, `null` where that can't be found out. */
  readonly data: object;
  readonly notes: readonly string[];
  readonly exitCode: ExitCode;
}

/** Of a change that nobody waits for. */
export const notAwaited: FleetAnswer = { data: {}, notes: [], exitCode: EXIT.done };

/** Waits until every instance serves a version. */
export async function awaitFleet(
  store: FlagStore,
  version: string,
  timeoutMs: number,
  { now }: Terminal,
): Promise<FleetAnswer> {
  const { fleet } = halyardParts({ store, watch: false, fleet: false }, createRuntime(now));
  try {
    const serving = await fleet.waitFor(`It is stored as version ${version}`, version, { timeoutMs });
    const note = serving === 0 ? `No instance reports to ${store.name}: none was waited for.` : servedBy(serving);
    return { data: { serving }, notes: [note], exitCode: EXIT.done };
  } catch (error) {
    if (!(error instanceof FleetNotReachedError)) throw error;
    return { data: { missing: error.missing ?? null }, notes: [errorText(error)], exitCode: EXIT.fleet };
  }
}

const servedBy = (count: number): string =>
  count === 1 ? 'The only instance serves it.' : `All ${count} instances serve it.`;
