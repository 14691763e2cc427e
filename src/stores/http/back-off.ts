/** How long is waited after failures, in milliseconds. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * By how much each wait is longer than the one before. What is back is noticed after about a fifth of the time that it was
 * away, where doubling would take as long again; and it takes five minutes, not one, to come from a second to a minute.
 */
const GROWTH = 1.15;

/**
 * How long to wait after so many failures in a row: grows up to the longest, with a random half, so that a fleet doesn't
 * come back all at once. It never gives up.
 */
export function backOffMs(failures: number, { firstMs, longestMs }: BackOff): number {
  const delay = Math.min(firstMs * GROWTH ** (failures - 1), longestMs);
  return delay * (0.5 + Math.random() / 2);
}
