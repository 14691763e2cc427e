import type { FlagState, Kill } from './flag-state.js';
import { isKey } from './names.js';
import { parseInstant } from './instant.js';
import type { Problem } from './problem.js';
import { isMapping } from './parsing/read-fields.js';
import { showError, showValue } from './show-value.js';

export interface ParsedFlagState {
  readonly state: FlagState;
  /** Entries that can't be understood; the state is without them. */
  readonly problems: readonly Problem[];
}

/** What state looks like as JSON; times are ISO 8601. */
export interface WrittenFlagState {
  readonly kills: Readonly<Record<string, WrittenKill>>;
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
  const report = (message: string, ...path: readonly string[]): void =>
    void problems.push({ severity: 'error', path, message });
  try {
    const written = isMapping(value) && Object.hasOwn(value, 'kills') ? value['kills'] : undefined;
    if (!isMapping(value)) report(`expected the state of flags, found ${showValue(value)}.`);
    else if (isMapping(written)) readKills(written, kills, report);
    else if (written !== undefined) report(`expected kills by the flags' keys, found ${showValue(written)}.`, 'kills');
  } catch (caught) {
    report(`the state can't be read: ${showError(caught)}.`);
  }
  return { state: { kills }, problems };
}

/** State as JSON data, ready for `JSON.stringify`. */
export function serializeFlagState(state: FlagState): WrittenFlagState {
  return { kills: Object.fromEntries(Array.from(state.kills, ([key, kill]) => [key, serializeKill(kill)])) };
}

function serializeKill({ at, by, reason, until }: Kill): WrittenKill {
  return { at: toIso(at), by, reason, ...(until === undefined ? {} : { until: toIso(until) }) };
}

function toIso(instant: number): string {
  return new Date(Math.min(Math.max(instant, MIN_INSTANT), MAX_INSTANT)).toISOString();
}

/** The years 0000 to 9999, which ISO 8601 writes with four digits. */
const MIN_INSTANT = -62_167_219_200_000;
const MAX_INSTANT = 253_402_300_799_999;

function readKills(
  written: Readonly<Record<string, unknown>>,
  kills: Map<string, Kill>,
  report: (message: string, ...path: readonly string[]) => void,
): void {
  for (const key of Object.keys(written)) {
    const kill = isKey(key) ? readKill(written[key]) : `${showValue(key)} can't be a flag's key.`;
    if (typeof kill === 'string') report(kill, 'kills', key);
    else kills.set(key, kill);
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
  const [since, end] = [readTime(at), until === undefined ? undefined : readTime(until)];
  if (since === undefined) return `\`at\` must be a time such as 2027-01-10T09:00:00Z, found ${showValue(at)}.`;
  if (typeof by !== 'string' || typeof reason !== 'string')
    return `\`by\` and \`reason\` must be texts, found ${showValue({ by, reason })}.`;
  if (until !== undefined && end === undefined)
    return `\`until\` must be a time such as 2027-01-10T09:00:00Z, found ${showValue(until)}.`;
  return { at: since, by, reason, ...(end === undefined ? {} : { until: end }) };
}

function readTime(value: unknown): number | undefined {
  return typeof value === 'string' ? parseInstant(value) : undefined;
}
