import { parseInstant } from './instant.js';

/** An instant in ISO 8601, UTC. What lies outside the years 0000 to 9999 is written as their end. */
export function writeInstant(instant: number): string {
  return new Date(Math.min(Math.max(instant, MIN_INSTANT), MAX_INSTANT)).toISOString();
}

/** The instant that a value from JSON names; `undefined`: it names none. */
export function readInstant(value: unknown): number | undefined {
  return typeof value === 'string' ? parseInstant(value) : undefined;
}

/** The years 0000 to 9999, which ISO 8601 writes with four digits. */
const MIN_INSTANT = -62_167_219_200_000;
const MAX_INSTANT = 253_402_300_799_999;
