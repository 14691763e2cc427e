import type { CompiledFlag } from '../../evaluation/compiled-flag.js';
import { withDependants } from '../../evaluation/flag-set-changes.js';
import { isSameSituation } from '../../evaluation/flag-situation.js';
import { sameJson } from '../../flags/same-json.js';
import type { CommandFlags } from '../served-flags.js';
import { own } from './leaf-differences.js';

export const flagsOf = ({ runtime }: CommandFlags): ReadonlyMap<string, CompiledFlag> =>
  runtime.evaluator.current.set.flags;

/**
 * The flags that may answer otherwise: what is not among them can't. By key, each with the segments and required flags
 * that make it one, where it didn't change itself.
 */
export function suspectsBetween(before: CommandFlags, after: CommandFlags): ReadonlyMap<string, readonly string[]> {
  const [old, next] = [flagsOf(before), flagsOf(after)];
  const isChanged = (part: 'flags' | 'segments', name: string): boolean =>
    !sameJson(own(own(before.served.document, part), name), own(own(after.served.document, part), name));
  const keys = [...new Set([...old.keys(), ...next.keys()])];
  const changed = new Set(keys.filter((key) => isChanged('flags', key) || !isSameSettled(old.get(key), next.get(key))));
  const areSegmentsSame = sameJson(own(before.served.document, 'segments'), own(after.served.document, 'segments'));
  const segmentsOf = (key: string): readonly string[] => [
    ...new Set([...(old.get(key)?.segments ?? []), ...(next.get(key)?.segments ?? [])]),
  ];
  // A segment may name another that changed, so all who name any are asked.
  const bySegment = areSegmentsSame ? [] : keys.filter((key) => segmentsOf(key).length > 0);
  const start = [...changed, ...bySegment];
  const found = new Set([...withDependants(start, old), ...withDependants(start, next)]);
  const through = (key: string): readonly string[] => {
    if (changed.has(key)) return [];
    const named = segmentsOf(key);
    const direct = named.filter((name) => isChanged('segments', name));
    const segments = direct.length > 0 || areSegmentsSame ? direct : named;
    const required = (next.get(key)?.requires ?? []).map(({ flag }) => flag).filter((flag) => found.has(flag));
    return [...segments.map((name) => `segment ${name}`), ...required];
  };
  return new Map(keys.filter((key) => found.has(key)).map((key) => [key, through(key)]));
}

/** Whether a flag is there, understood, and in the same situation on both sides. */
function isSameSettled(a: CompiledFlag | undefined, b: CompiledFlag | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return (a.definition === undefined) === (b.definition === undefined) && isSameSituation(a.situation, b.situation);
}
