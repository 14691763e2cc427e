import type { CompiledFlag } from './compiled-flag.js';
import type { FlagSet } from './flag-set.js';
import { isSameSituation } from './flag-situation.js';

/**
 * The keys whose answers may differ between two sets: added, removed and changed flags, those whose segments changed,
 * and those that require any of them. Each key once.
 */
export function changedKeys(previous: FlagSet, next: FlagSet): readonly string[] {
  const changed = new Set<string>();
  for (const [key, flag] of next.flags) if (!isSameFlag(previous.flags.get(key), flag)) changed.add(key);
  for (const key of previous.flags.keys()) if (!next.flags.has(key)) changed.add(key);
  return withDependants(changed, next.flags);
}

/** The keys, and those of all flags that require any of them, directly or through others. */
export function withDependants(keys: Iterable<string>, flags: ReadonlyMap<string, CompiledFlag>): readonly string[] {
  const found = new Set(keys);
  if (found.size === 0) return [];
  const dependants = dependantsByKey(flags);
  // A set's iterator also visits what is added on the way.
  for (const key of found) for (const dependant of dependants.get(key) ?? []) found.add(dependant);
  return [...found];
}

function dependantsByKey(flags: ReadonlyMap<string, CompiledFlag>): ReadonlyMap<string, readonly string[]> {
  const dependants = new Map<string, string[]>();
  for (const [key, flag] of flags) {
    for (const { flag: required } of flag.requires) {
      const known = dependants.get(required);
      if (known === undefined) dependants.set(required, [key]);
      else known.push(key);
    }
  }
  return dependants;
}

/** What didn't change is the same object, except for keys that no document has: these are made anew each time. */
function isSameFlag(a: CompiledFlag | undefined, b: CompiledFlag): boolean {
  if (a === b) return true;
  if (a === undefined || a.definition !== undefined || b.definition !== undefined) return false;
  return isSameSituation(a.situation, b.situation) && a.settled?.errorCode === b.settled?.errorCode;
}
