import type { FlagDefinition, Outcome, RuleDefinition } from '../flags/flag-definition.js';
import type { Answer, FlagTallies } from './answer.js';
import type { CompiledCondition } from './compile-condition.js';
import type { BucketTrace, Ending } from './ending.js';
import type { AttributeReader } from './evaluation-context.js';
import type { FlagSituation } from './flag-situation.js';

/** A flag ready to be evaluated: its answers are made, its conditions and endings are functions. */
export interface CompiledFlag {
  readonly key: string;
  /** Absent for a key that is killed without being in the document, and for a flag that can't be understood. */
  readonly definition: FlagDefinition | undefined;
  readonly situation: FlagSituation;
  /** The flag's own outcome as it is served: a watched rollout at the share that it has reached. */
  readonly outcome: Outcome | undefined;
  /** The segments that its conditions name: the flag is compiled anew when one of them changes. */
  readonly segments: readonly string[];
  /** Whether an answer depends on the time, so that whoever asks must read the clock. */
  readonly isTimed: boolean;
  /** A kill that ends by itself. */
  readonly timedKill: { readonly until: number; readonly answer: Answer } | undefined;
  /** The answer to everyone, decided when the flag was compiled: switched off, overridden, or not understood. */
  readonly settled: Answer | undefined;
  readonly requires: readonly CompiledPrerequisite[];
  readonly targets: CompiledTargets | undefined;
  readonly rules: readonly CompiledRule[];
  readonly ending: Ending;
  readonly tallies: FlagTallies;
}

export interface CompiledPrerequisite {
  readonly flag: string;
  readonly variant: string;
  /** The answer if the other flag does not serve the variant. */
  readonly unmet: Answer;
}

export interface CompiledTargets {
  readonly readTargetingKey: AttributeReader;
  /** The answers by unit. */
  readonly answers: ReadonlyMap<string, Answer>;
}

export interface CompiledRule {
  readonly definition: RuleDefinition;
  readonly holds: CompiledCondition;
  readonly ending: Ending;
}

/** Told about every step of an evaluation. Only explanations have one. */
export interface Trace extends BucketTrace {
  /** @param until when a kill ends, in milliseconds since the epoch */
  settled(answer: Answer, until?: number): void;
  prerequisite(prerequisite: CompiledPrerequisite, isMet: boolean): void;
  targets(unit: string | undefined, target: Answer | undefined): void;
  rule(rule: CompiledRule, applies: boolean): void;
  /** No rule applied: the flag's own outcome decides. */
  otherwise(): void;
}
