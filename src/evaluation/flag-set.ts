import type { Condition, FlagDefinition } from '../flags/flag-definition.js';
import type { FlagState, Kill } from '../flags/flag-state.js';
import { inSteps } from '../flags/in-steps.js';
import type { ParsedFlagDocument } from '../flags/parse-flag-document.js';
import { type Answer, FlagTallies } from './answer.js';
import { type CompiledSegments, compileSegments } from './compile-segments.js';
import { compileFlag, compileRefused, compileUnknownKill } from './compile-flag.js';
import type { CompiledFlag } from './compiled-flag.js';
import type { AttributeReaders } from './evaluation-context.js';
import { progressedPercentage } from './served-share.js';
import { createSituation, type FlagSituation, isSameSituation } from './flag-situation.js';

/** All flags of one document version and state, compiled. Immutable; a change makes a new set. */
export interface FlagSet {
  readonly flags: ReadonlyMap<string, CompiledFlag>;
  readonly segments: CompiledSegments;
  /** The answer for a key that the set lacks. */
  readonly notFound: Answer;
  readonly parsed: ParsedFlagDocument | undefined;
}

/** What is said about flags on this instance, outside the store. */
export interface LocalSwitches {
  /** Until when keys are killed here, in milliseconds since the epoch; `Infinity`: until somebody restores them. */
  readonly kills: ReadonlyMap<string, number>;
  /** Variants that are served to everyone, by flag key. */
  readonly overrides: ReadonlyMap<string, string>;
}

export interface FlagSetInput {
  /** `undefined`: nothing is loaded yet. */
  readonly parsed: ParsedFlagDocument | undefined;
  readonly state: FlagState;
  readonly local: LocalSwitches;
  /** The same object at each call. */
  readonly readers: AttributeReaders;
  readonly notFound: Answer;
  /** Where a key's tallies are kept over all sets. */
  readonly tallies: Map<string, FlagTallies>;
}

/**
 * Compiles a flag set in steps, so that a large one can be made between other work. What is unchanged since `previous`
 * is taken over as it is. A flag that can't be understood keeps its last good form, if there is one.
 */
export function* buildFlagSet(input: FlagSetInput, previous: FlagSet | undefined): Generator<void, FlagSet> {
  const { parsed, state, local, readers, notFound } = input;
  const { segments, changed: changedSegments } = compileSegments(
    segmentsOf(parsed, previous),
    readers,
    previous?.segments,
  );
  const flags = new Map<string, CompiledFlag>();
  const situationOf = (key: string, definition?: FlagDefinition): FlagSituation =>
    createSituation({
      killedUntil: latest(local.kills.get(key), killedUntil(state.kills.get(key))),
      override: local.overrides.get(key),
      percentage: definition && progressedPercentage(definition, state.rollouts.get(key)),
    });
  const compile = (definition: FlagDefinition): CompiledFlag => {
    const situation = situationOf(definition.key, definition);
    const before = previous?.flags.get(definition.key);
    const canStay =
      before?.definition === definition &&
      isSameSituation(before.situation, situation) &&
      !before.segments.some((name) => changedSegments.has(name));
    if (canStay) return before;
    return compileFlag(definition, situation, { readers, segments }, talliesOf(definition.key, input.tallies));
  };

  yield* inSteps(parsed?.flags.values() ?? [], (definition) => {
    flags.set(definition.key, compile(definition));
  });
  yield* inSteps(parsed?.refused ?? [], (key) => {
    const lastGood = previous?.flags.get(key)?.definition;
    const isUsable = lastGood !== undefined && !requiresItself(lastGood, flags, previous?.flags);
    flags.set(key, isUsable ? compile(lastGood) : compileRefused(key, situationOf(key), talliesOf(key, input.tallies)));
  });
  for (const key of [...local.kills.keys(), ...state.kills.keys()]) {
    if (!flags.has(key))
      flags.set(key, compileUnknownKill(key, situationOf(key), notFound, talliesOf(key, input.tallies)));
  }
  return { flags, segments, notFound, parsed };
}

/** A segment that can't be understood keeps its last good form, as flags do: those that kept theirs name it. */
function segmentsOf(
  parsed: ParsedFlagDocument | undefined,
  previous: FlagSet | undefined,
): ReadonlyMap<string, Condition> {
  const segments = new Map(parsed?.segments);
  for (const name of parsed?.refusedSegments ?? []) {
    const lastGood = previous?.segments.get(name)?.condition;
    if (lastGood !== undefined) segments.set(name, lastGood);
  }
  return segments;
}

function killedUntil(kill: Kill | undefined): number | undefined {
  return kill === undefined ? undefined : (kill.until ?? Infinity);
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

function talliesOf(key: string, tallies: Map<string, FlagTallies>): FlagTallies {
  const known = tallies.get(key);
  if (known !== undefined) return known;
  const made = new FlagTallies();
  tallies.set(key, made);
  return made;
}

/** Whether a flag's last good form would require itself, through what other flags require now. */
function requiresItself(
  definition: FlagDefinition,
  flags: ReadonlyMap<string, CompiledFlag>,
  previous: ReadonlyMap<string, CompiledFlag> | undefined,
): boolean {
  const seen = new Set<string>();
  const waiting = definition.requires.map((required) => required.flag);
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (key === definition.key) return true;
    if (seen.has(key)) continue;
    seen.add(key);
    const required = (flags.get(key) ?? previous?.get(key))?.definition;
    waiting.push(...(required?.requires ?? []).map((next) => next.flag));
  }
  return false;
}
