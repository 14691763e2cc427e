import { segmentsIn } from '../evaluation/compile-condition.js';
import type { CompiledFlag } from '../evaluation/compiled-flag.js';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { FlagSet } from '../evaluation/flag-set.js';
import { latestChange } from '../evaluation/latest-change.js';
import type { FlagDefinition } from '../flags/flag-definition.js';
import { canonicalJson } from './canonical-json.js';
import { digest } from './digest.js';

/** The flags of one set that may leave the server. */
export interface ExposedFlags {
  readonly keys: readonly string[];
  /**
   * The same for sets whose exposed flags give the same answers to everyone at the same instant: on every instance of a
   * fleet, and whatever changes about other flags.
   */
  readonly fingerprint: string;
  /** Those whose answers depend on time, prerequisites included. */
  readonly timed: readonly CompiledFlag[];
}

/** Whether a flag may leave the server. What no document has says nothing of it, so it may not. */
export function isExposed(flag: CompiledFlag | undefined): boolean {
  return flag?.definition?.clientSafe === true;
}

/**
 * Finds the exposed flags of sets, of each set once.
 * @param base the static attributes under every evaluation
 */
export function createExposure(base: EvaluationContext): (set: FlagSet) => ExposedFlags {
  const known = new WeakMap<FlagSet, ExposedFlags>();
  const digests = new WeakMap<FlagDefinition, string>();
  const digestOf = (definition: FlagDefinition): string => {
    const found = digests.get(definition) ?? digest(writeDefinition(definition));
    digests.set(definition, found);
    return found;
  };
  return (set) => {
    const found = known.get(set) ?? expose(set, base, digestOf);
    known.set(set, found);
    return found;
  };
}

/**
 * The instant at which flags are evaluated for clients, in milliseconds since the epoch: the latest one up to `now` at which
 * time may have changed an answer. So answers stay the same until the next one, and a curve moves once a minute.
 */
export function effectiveInstant({ timed }: ExposedFlags, now: number): number {
  return timed.reduce((latest, flag) => Math.max(latest, latestChange(flag, now)), 0);
}

function expose(set: FlagSet, base: EvaluationContext, digestOf: (definition: FlagDefinition) => string): ExposedFlags {
  const exposed = Array.from(set.flags.values()).filter(isExposed);
  const deciding = withPrerequisites(exposed, set.flags);
  const segments = new Set(deciding.flatMap((flag) => flag.segments));
  for (const name of segments) {
    const condition = set.segments.get(name)?.condition;
    // A set's iterator also visits what is added on the way.
    if (condition !== undefined) for (const nested of segmentsIn([condition])) segments.add(nested);
  }
  const parts = [
    canonicalJson(base),
    ...deciding.map(({ key, definition, situation, settled }) =>
      JSON.stringify([
        key,
        definition === undefined ? settled?.errorCode : digestOf(definition),
        situation.killedUntil === Infinity ? 'for good' : situation.killedUntil,
        situation.override,
      ]),
    ),
    ...Array.from(segments, (name) => JSON.stringify([name, set.segments.get(name)?.condition])),
  ];
  return {
    keys: exposed.map(({ key }) => key),
    fingerprint: digest(parts.join('\n')),
    timed: deciding.filter(({ isTimed }) => isTimed),
  };
}

/** The flags, and all that decide over them because they are required. */
function withPrerequisites(
  flags: readonly CompiledFlag[],
  all: ReadonlyMap<string, CompiledFlag>,
): readonly CompiledFlag[] {
  const found = new Set(flags);
  for (const { requires } of found) {
    for (const { flag: key } of requires) {
      const required = all.get(key);
      if (required !== undefined) found.add(required);
    }
  }
  return [...found];
}

/** What of a definition can change an answer. A new owner or description doesn't wake every client. */
function writeDefinition(definition: FlagDefinition): string {
  const { enabled, variants, offVariant, metadata, requires, targets, rules, outcome } = definition;
  const deciding = { enabled, variants, offVariant, metadata, requires, targets, rules, outcome };
  return JSON.stringify(deciding, (_name, value: unknown) => (value instanceof Map ? [...value] : value));
}
