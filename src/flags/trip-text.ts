import { readInstant, writeInstant } from './instant-text.js';
import { isMapping } from './parsing/read-fields.js';
import { showValue } from './show-value.js';
import type { MeasuredCalls, Trip, TripEvidence } from './trip.js';

/** What a trip looks like as JSON; times are ISO 8601. */
export interface WrittenTrip {
  readonly openUntil?: string;
  readonly trippedBy: string;
  readonly evidence: TripEvidence;
}

/** A trip as JSON data. */
export function serializeTrip({ openUntil, trippedBy, evidence }: Trip): WrittenTrip {
  return { ...(openUntil === undefined ? {} : { openUntil: writeInstant(openUntil) }), trippedBy, evidence };
}

/** Reads a trip from JSON data: the trip, or why it is none. */
export function readTrip(value: unknown): Trip | string {
  if (!isMapping(value)) return `expected { openUntil?, trippedBy, evidence }, found ${showValue(value)}.`;
  const { openUntil, trippedBy, evidence } = { openUntil: undefined, trippedBy: 'unknown', evidence: {}, ...value } as {
    readonly [Name in keyof Trip]: unknown;
  };
  if (typeof trippedBy !== 'string') return `\`trippedBy\` must be a text, found ${showValue(trippedBy)}.`;
  const end = openUntil === undefined ? undefined : readInstant(openUntil);
  if (openUntil !== undefined && end === undefined) {
    return `\`openUntil\` must be a time such as 2027-01-10T09:00:00Z, found ${showValue(openUntil)}.`;
  }
  return { ...(end === undefined ? {} : { openUntil: end }), trippedBy, evidence: readEvidence(evidence) };
}

/** Numbers for people: what is missing among them never keeps a breaker from opening. */
function readEvidence(value: unknown): TripEvidence {
  const fields: Readonly<Record<string, unknown>> = isMapping(value) ? value : {};
  const number = (name: string): number => {
    const found = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return typeof found === 'number' && Number.isFinite(found) ? found : 0;
  };
  const calls: MeasuredCalls = { requests: number('requests'), failures: number('failures'), slow: number('slow') };
  const cause = Object.hasOwn(fields, 'cause') ? fields['cause'] : undefined;
  const shares = { share: number('share'), limit: number('limit'), windowMs: number('windowMs') };
  if (cause === 'errors') return { cause, ...calls, ...shares };
  if (cause === 'slow') return { cause, ...calls, ...shares, slowMs: number('slowMs') };
  return { cause: 'probe', ...calls };
}
