import type { FlagSet } from '../evaluation/flag-set.js';
import type { RequestInfo, ServedAnswer } from './events.js';

/** The flags that serve at one moment. A request keeps the one that it started with. */
export interface Snapshot {
  readonly set: FlagSet;
  /** The stored version; `undefined` while nothing is loaded. */
  readonly version: string | undefined;
  /** The instant at which timed flags are evaluated, in milliseconds since the epoch; `undefined`: whatever the clock says. */
  readonly now: number | undefined;
  readonly request: RequestInfo | undefined;
  /** Where the latest answer of each flag is written down; `undefined`: nobody wants to know. */
  readonly answers: Map<string, ServedAnswer> | undefined;
}
