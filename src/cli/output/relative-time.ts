const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** A span of time in its largest unit, rounded down: `151 d`, `3 h`, `5 min`; less than a minute is `0 min`. */
export function spanInWords(ms: number): string {
  const [unit, length] = UNITS.find(([, length]) => ms >= length) ?? ['min', 60_000];
  return `${Math.floor(Math.max(0, ms) / length)} ${unit}`;
}

/** A day of UTC: `2027-06-01`. @param time a number is milliseconds since the epoch */
export const dayOf = (time: Date | number): string => new Date(time).toISOString().slice(0, 10);
