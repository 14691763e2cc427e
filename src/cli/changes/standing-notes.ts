import type { WrittenFlag } from '../../flags/flag-document.js';
import type { Kill } from '../../flags/flag-state.js';
import type { StoredFlags } from '../../stores/flag-store.js';
import { readStoredDocument } from '../../stores/stored-document.js';

/** A kill that holds at a moment. @param now milliseconds since the epoch */
export function holdingKill(kill: Kill | undefined, now: number): Kill | undefined {
  return kill !== undefined && (kill.until ?? Infinity) > now ? kill : undefined;
}

/** `by ana until 2026-11-21T12:30:00Z, because: errors` */
export function killInWords({ by, reason, until }: Kill): string {
  const end = until === undefined ? '' : ` until ${instant(until)}`;
  return `by ${by}${end}, because: ${reason}`;
}

/** To the second. @param time milliseconds since the epoch */
export const instant = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** Why a flag that was changed goes on serving nobody, if it does. */
export function standingNotes(key: string, stored: StoredFlags | undefined, now: number): readonly string[] {
  if (stored === undefined) return [];
  const kill = holdingKill(stored.state.kills.get(key), now);
  const { flags } = readStoredDocument(stored) as { readonly flags: Readonly<Record<string, WrittenFlag>> };
  const isDisabled = Object.hasOwn(flags, key) && flags[key]?.enabled === false;
  return [
    ...(kill === undefined
      ? []
      : [`${key} stays off: it is killed ${killInWords(kill)}. To end that: halyard restore ${key}`]),
    ...(isDisabled ? [`${key} stays off: it is disabled. To end that: halyard enable ${key}`] : []),
  ];
}
