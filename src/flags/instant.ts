const written =
  /^(\d{4})-(\d{2})-(\d{2})(?:([Tt ])(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?)?$/;

/**
 * The instant that an ISO 8601 text names, in milliseconds since the epoch: a date (UTC midnight), or a date-time with
 * its offset. `undefined` for anything else, and for days and hours that don't exist.
 */
export function parseInstant(text: string): number | undefined {
  const match = written.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, separator, hour = '0', minute = '0', second = '0', fraction = '', zulu, sign] = match;
  if (separator === ' ' || (separator !== undefined && zulu === undefined && sign === undefined)) return undefined;
  const [offsetHours, offsetMinutes] = [Number(match[11] ?? 0), Number(match[12] ?? 0)];
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const midnight = midnightUtc(Number(year), Number(month), Number(day));
  if (midnight === undefined) return undefined;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const offset = (sign === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes);
  return midnight + ((Number(hour) * 60 + Number(minute) - offset) * 60 + Number(second)) * 1000 + milliseconds;
}

/** What somebody who wrote `text` probably meant, in a form that {@link parseInstant} takes; `undefined`: no idea. */
export function correctInstant(text: string): string | undefined {
  const match = written.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, separator] = match;
  if (separator === undefined) return undefined;
  const time = text.trim().slice(11).toUpperCase();
  const corrected = `${year}-${month}-${day}T${time}${match[9] === undefined && match[10] === undefined ? 'Z' : ''}`;
  return parseInstant(corrected) === undefined ? undefined : corrected;
}

function midnightUtc(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}
