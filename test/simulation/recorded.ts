import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Outcome } from './scenarios.js';

/** What simulations found, kept beside them: the documentation shows it. */
export type Recorded<Found = Outcome> = Readonly<Record<string, Found>>;

const fileOf = (group: string): string => fileURLToPath(new URL(`recorded/${group}.json`, import.meta.url));

export function readRecorded<Found = Outcome>(group: string): Recorded<Found> {
  return JSON.parse(readFileSync(fileOf(group), 'utf8')) as Recorded<Found>;
}

/**
 * Holds what was found now against what is recorded, by fewer or more runs maybe: shares to three points, times and counts
 * to a quarter. With RECORD=1 it is recorded instead.
 */
export function expectRecorded(group: string, found: Recorded<unknown>): void {
  if (process.env['RECORD'] === '1') {
    mkdirSync(fileURLToPath(new URL('recorded', import.meta.url)), { recursive: true });
    writeFileSync(fileOf(group), `${JSON.stringify(found, undefined, 2)}\n`);
  }
  const now = numbersIn(found);
  const recorded = numbersIn(readRecorded<unknown>(group));
  expect([...now.keys()]).toEqual([...recorded.keys()]);
  for (const [path, value] of now) {
    const before = recorded.get(path) ?? NaN;
    const isShare = before <= 1;
    expect.soft(Math.abs(value - before), path).toBeLessThanOrEqual(isShare ? 0.03 : Math.max(2, before / 4));
  }
}

/** The extremes of all times, and the number of runs, depend on how many there are. */
function numbersIn(value: unknown, path = ''): ReadonlyMap<string, number> {
  if (/(\/minutes\/(0|1|19|20)|\/runs)$/.test(path)) return new Map();
  if (typeof value === 'number') return new Map([[path, value]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).flatMap(([name, inner]) => [...numbersIn(inner, `${path}/${name}`)]));
}
