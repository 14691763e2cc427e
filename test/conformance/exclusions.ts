import type { Scenario } from './gherkin.js';

/** Scenarios that are not run, by their tag, and why. */
const reasons: Readonly<Record<string, string>> = {
  '@deprecated': 'its authors replaced it',
  '@reason-codes-cached': 'Halyard has no cache: it evaluates every time, so the reason is never CACHED',
  '@immutability': 'the SDK hands out details whose metadata is frozen, but not the details themselves',
};

/** Why a scenario is not run; `undefined`: it is. */
export function exclusionOf({ tags }: Scenario): string | undefined {
  const tag = tags.find((name) => Object.hasOwn(reasons, name));
  return tag === undefined ? undefined : reasons[tag];
}
