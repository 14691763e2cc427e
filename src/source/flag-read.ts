import type { Place, SyntaxNode } from './syntax.js';

/** How source code has to do with a flag. */
export type ReadKind =
  | 'boolean'
  | 'string'
  | 'number'
  | 'object'
  | 'details'
  | 'explain'
  /** `killSwitch(halyard, 'key')`, `requireFlag(halyard, 'key')` and Nest's guards of the same names. */
  | 'guard'
  /** `@Flag('key', …)`, `@KillSwitch('key')`, `@RequireFlag('key')` and those of `@openfeature/nestjs-sdk`. */
  | 'decorator'
  /** An OpenFeature client's `getBooleanValue('key', …)` and the like. */
  | 'openfeature'
  | 'protect'
  | 'rollout'
  | 'override'
  | 'kill'
  | 'restore'
  /** A call of a function that passes its argument on as a flag's key. */
  | 'wrapper'
  /** What a test says of a flag with `halyard/testing`. */
  | 'test';

/** A branch of the program that is taken because of what a flag answered. */
export interface FlagBranch {
  readonly flagKey: string;
  /** `consequent`: what runs where the condition, as it is written, holds. Where a `switch` asks, all cases are it. */
  readonly branch: 'consequent' | 'alternate';
}

/** One place where source code reads a flag, or says something of it. */
export interface FlagRead extends Place {
  /** `undefined`: it can't be told without running the program. */
  readonly key: string | undefined;
  readonly kind: ReadKind;
  /** The call, whose place this is. */
  readonly node: SyntaxNode;
  /** Where the key is said: a text, a name, or what it is computed from. */
  readonly keyNode: SyntaxNode;
  /** Whether it decides as it stands: `if (read)`, `read ? … : …`, `!read && …`, `if (read === 'a')`. */
  readonly isCondition: boolean;
  /** The branches of other flags in which it stands, the outermost first. */
  readonly inside: readonly FlagBranch[];
}

/** Whether a read asks what the flag answers, in running code: what branches, and what makes a flag be in use. */
export function asksForAnswer(kind: ReadKind): boolean {
  return kind !== 'test' && kind !== 'override' && kind !== 'kill' && kind !== 'restore' && kind !== 'rollout';
}
