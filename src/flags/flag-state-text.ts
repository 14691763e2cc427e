import type { FlagState, Kill } from './flag-state.js';
import { readInstant, writeInstant } from './instant-text.js';
import { isKey } from './names.js';
import { isMapping } from './parsing/read-fields.js';
import type { Problem } from './problem.js';
import type { RolloutProgress } from './rollout-progress.js';
import { readProgress, serializeProgress, type WrittenProgress } from './rollout-progress-text.js';
import { showError, showValue } from './show-value.js';
import type { Trip } from './trip.js';
import { readTrip, serializeTrip, type WrittenTrip } from './trip-text.js';

export interface ParsedFlagState {
  readonly state: FlagState;
  /** Entries that can't be understood; the state is without them. */
  readonly problems: readonly Problem[];
}

/** What state looks like as JSON; times are ISO 8601. */
export interface WrittenFlagState {
  readonly kills: Readonly<Record<string, WrittenKill>>;
  /** Absent: none has begun. */
  readonly rollouts?: Readonly<Record<string, WrittenProgress>>;
  /** Absent: none is open. */
  readonly trips?: Readonly<Record<string, WrittenTrip>>;
}

export interface WrittenKill {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly until?: string;
}

/** Reads state from JSON data. A bad entry is reported and left out, so that it can't undo the others. Never throws. */
export function parseFlagState(value: unknown): ParsedFlagState {
  const problems: Problem[] = [];
  const kills = new Map<string, Kill>();
  const rollouts = new Map<string, RolloutProgress>();
  const trips = new Map<string, Trip>();
  const report: Report = (message, ...path) => void problems.push({ severity: 'error', path, message });
  try {
    if (isMapping(value)) {
      readEntries(value, 'kills', readKill, kills, report);
      readEntries(value, 'rollouts', readProgress, rollouts, report);
      readEntries(value, 'trips', readTrip, trips, report);
    } else report(`expected the state of flags, found ${showValue(value)}.`);
  } catch (caught) {
    report(`the state can't be read: ${showError(caught)}.`);
  }
  return { state: { kills, rollouts, trips }, problems };
}

/** State as JSON data, ready for `JSON.stringify`. */
export function serializeFlagState({ kills, rollouts, trips }: FlagState): WrittenFlagState {
  return {
    kills: writeEntries(kills, serializeKill),
    ...(rollouts.size === 0 ? {} : { rollouts: writeEntries(rollouts, serializeProgress) }),
    ...(trips.size === 0 ? {} : { trips: writeEntries(trips, serializeTrip) }),
  };
}

function writeEntries<Entry, Written>(
  entries: ReadonlyMap<string, Entry>,
  write: (entry: Entry) => Written,
): Readonly<Record<string, Written>> {
  return Object.fromEntries(Array.from(entries, ([key, entry]) => [key, write(entry)]));
}

/** A kill as JSON data. */
export function serializeKill({ at, by, reason, until }: Kill): WrittenKill {
  return { at: writeInstant(at), by, reason, ...(until === undefined ? {} : { until: writeInstant(until) }) };
}

type Report = (message: string, ...path: readonly string[]) => void;

/** Reads one part of the state: entries by flag key. */
function readEntries<Entry extends object>(
  state: Readonly<Record<string, unknown>>,
  part: string,
  read: (value: unknown) => Entry | string,
  into: Map<string, Entry>,
  report: Report,
): void {
  const written = Object.hasOwn(state, part) ? state[part] : undefined;
  if (written === undefined) return;
  if (!isMapping(written)) {
    report(`expected ${part} by the flags' keys, found ${showValue(written)}.`, part);
    return;
  }
  for (const key of Object.keys(written)) {
    const entry = isKey(key) ? read(written[key]) : `${showValue(key)} can't be a flag's key.`;
    if (typeof entry === 'string') report(entry, part, key);
    else into.set(key, entry);
  }
}

/** The kill, or why it is none. */
function readKill(value: unknown): Kill | string {
  if (!isMapping(value)) return `expected { at, by, reason, until? }, found ${showValue(value)}.`;
  const { at, by, reason, until }: Record<keyof WrittenKill, unknown> = {
    at: undefined,
    by: 'unknown',
    reason: '',
    until: undefined,
    ...value,
  };
  const [since, end] = [readInstant(at), until === undefined ? undefined : readInstant(until)];
  if (since === undefined) return `\`at\` must be a time such as 2027-01-10T09:00:00Z, found ${showValue(at)}.`;
  if (typeof by !== 'string' || typeof reason !== 'string')
    return `\`by\` and \`reason\` must be texts, found ${showValue({ by, reason })}.`;
  if (until !== undefined && end === undefined)
    return `\`until\` must be a time such as 2027-01-10T09:00:00Z, found ${showValue(until)}.`;
  return { at: since, by, reason, ...(end === undefined ? {} : { until: end }) };
}
