import type { Change, Difference } from './flag-store.js';

/** An entry of the audit trail as one line of JSON; its time is ISO 8601. */
export function formatChange(change: Change): string {
  return JSON.stringify({ ...change, at: new Date(change.at).toISOString() });
}

/** `undefined` for a text that is no change, such as a torn line. */
export function parseChange(text: string): Change | undefined {
  if (text.trim() === '') return undefined;
  try {
    return toChange(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function toChange(value: unknown): Change | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { at, by, reason, version, difference } = value as Readonly<Record<string, unknown>>;
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time) || typeof by !== 'string' || typeof reason !== 'string') return undefined;
  if (typeof version !== 'string' || !Array.isArray(difference)) return undefined;
  return { at: time, by, reason, version, difference: difference.filter(isDifference) };
}

function isDifference(value: unknown): value is Difference {
  return typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string';
}
